// The description of a server.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace kvco {

/// The last INFO of the server.
struct server_info {
  std::string id, name, version, cluster, domain, host;  ///< as its configuration names them
  std::string client_ip;                                 ///< of this client, as the server sees it
  std::string nonce;                      ///< to be signed by NKey authentication; empty if none is required
  std::vector<std::string> connect_urls;  ///< other servers of the cluster
  std::uint64_t max_payload = 1u << 20;   ///< limit of headers and value together, in bytes
  std::uint64_t client_id = 0;            ///< the server's number of this connection
  int proto = 0;                          ///< version of the protocol
  int api_level = 0;                      ///< JetStream API level (ADR-44); 0 before server 2.11
  std::uint16_t port = 0;                 ///< of clients
  bool headers = false;                   ///< messages may have header fields
  bool jetstream = false;                 ///< the server has JetStream
  bool auth_required = false;             ///< it asks for credentials
  bool tls_required = false;              ///< it asks for TLS
  bool tls_available = false;             ///< it offers TLS
  bool lame_duck = false;                 ///< it will shut down
};

}  // namespace kvco
