// config::urls() -> where to connect, in the order given: the link's first input.
#pragma once

#include <cstdint>
#include <kvco/detail/refusal.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace kvco::core {

enum class url_scheme : std::uint8_t { nats, tls, ws, wss };

/// One server. Credentials in a URL are for that server only.
struct server_url {
  std::string host;  // a name or an address, IPv6 without its brackets
  std::uint16_t port = 4222;
  std::string user, password, token;
  std::string path = "/";      // ws, wss
  std::string certified_name;  // the name that its certificate must have, if it is not the host
  url_scheme scheme = url_scheme::nats;
  bool discovered = false;         // announced by a server
  bool host_is_certified = false;  // one that spoke TLS: a certificate for the host will do, too
  bool once_secured = false;       // it, or the server that announced it, has used TLS: required from then on

  bool websocket() const noexcept { return scheme == url_scheme::ws || scheme == url_scheme::wss; }
  /// "host:port", "[address]:port": how it is named to people.
  std::string place() const;
  bool secure() const noexcept { return scheme == url_scheme::tls || scheme == url_scheme::wss; }
};

struct parsed_urls {
  std::vector<server_url> servers;  // at least one, unless refused
  detail::refusal refused;          // its detail shows no credentials
};

/// Reads `[nats|tls|ws|wss://][user:password@|token@]host[:port][/path]`, several separated by commas. The port is 4222,
/// with ws 80, with wss 443; only these two have a path. A comma, '@', '%' or ':' in a user name, password or token is
/// written as %2C, %40, %25, %3A.
parsed_urls parse_server_urls(std::string_view urls);

/// "host:port" or "[address]:port", as servers name each other; false if it is neither.
bool parse_host_port(std::string_view text, std::string& host, std::uint16_t& port);

}  // namespace kvco::core
