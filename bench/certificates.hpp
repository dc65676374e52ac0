// Certificates for the servers that the benchmark is run against.
#pragma once

#include <string>

namespace kvco::bench {

/// Writes authority.pem, server.pem and server.key.
void write_certificates(const std::string& folder);

}  // namespace kvco::bench
