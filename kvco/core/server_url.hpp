// config::urls() -> where to connect, in the order given: the link's first input.
#pragma once

#include <cstdint>
#include <kvco/detail/refusal.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace kvco::core {

/// One server. Credentials that stand in a URL count for that server only.
struct server_url {
  std::string host;  // a name or an address, IPv6 without its brackets
  std::uint16_t port = 4222;
  std::string user, password, token;
};

struct parsed_urls {
  std::vector<server_url> servers;  // at least one, unless refused
  detail::refusal refused;          // its detail shows no credentials
};

/// Reads `[nats://][user:password@|token@]host[:port]`, several separated by commas. A comma, '@', '%' or ':' in
/// a user name, password or token is written as %2C, %40, %25, %3A.
parsed_urls parse_server_urls(std::string_view urls);

}  // namespace kvco::core
