// The description of a server.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace kvco {

/// The last INFO of the server.
struct server_info {
  std::string id, name, version, cluster, domain, host, client_ip;
  std::string nonce;  ///< to be signed by NKey authentication; empty if none is required
  std::vector<std::string> connect_urls;
  std::uint64_t max_payload = 1u << 20;  ///< limit of headers and value together, in bytes
  std::uint64_t client_id = 0;
  int proto = 0;
  int api_level = 0;  ///< JetStream API level (ADR-44); 0 before server 2.11
  std::uint16_t port = 0;
  bool headers = false;
  bool jetstream = false;
  bool auth_required = false;
  bool tls_required = false;
  bool tls_available = false;
  bool lame_duck = false;
};

}  // namespace kvco
