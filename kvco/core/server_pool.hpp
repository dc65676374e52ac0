// The servers of a client, those it was given and those it was told of: where to connect next.
#pragma once

#include <kvco/core/server_url.hpp>
#include <string>
#include <vector>

namespace kvco::core {

/// Hands out servers in turns. A server that gossip names is dialled as the one that named it: same scheme, same
/// credentials, and its certificate must have the name of the configured one (gossip is addresses mostly).
class server_pool {
 public:
  server_pool() = default;
  /// @param given  at least one; they stay for ever
  explicit server_pool(std::vector<server_url> given);

  std::size_t size() const noexcept { return servers_.size(); }
  /// Another order, so that the clients of a cluster do not all go to its first server.
  void shuffle(std::uint64_t seed);
  /// The next one, the first after the last.
  server_url next();
  /// From INFO's connect_urls: new ones are added, told ones that are gone are forgotten, except `teller` itself.
  void learn(const std::vector<std::string>& connect_urls, const server_url& teller);

 private:
  struct member {
    server_url url;
    bool given = true;
  };
  std::vector<member> servers_;
  std::size_t next_ = 0;
};

}  // namespace kvco::core
