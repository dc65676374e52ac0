// Servers with TLS, and their URLs.
#pragma once

#include <kvco_test/support/server/certificates.hpp>
#include <kvco_test/support/server/nats_server.hpp>
#include <string>

namespace kvco::test {

inline std::string tls_block(const certificate_authority::files& own, const std::string& more = {}) {
  return "tls { cert_file: \"" + own.certificate + "\", key_file: \"" + own.key + "\"" + more + " }\n";
}

inline server_options with_tls(const std::string& version, const std::string& block) {
  return {.version = version, .extra_config = block};
}

/// The URL with another scheme.
inline std::string as(const std::string& scheme, const nats_server& server) {
  return scheme + "://127.0.0.1:" + std::to_string(server.port());
}

}  // namespace kvco::test
