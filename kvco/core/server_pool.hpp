// The servers of a client, given and announced: where to connect next.
#pragma once

#include <absl/container/flat_hash_set.h>
#include <cstddef>
#include <kvco/core/server_url.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace kvco::core {

/// Hands out servers in turns. A server that gossip names is dialled as the one that named it: same scheme, same
/// credentials, and its certificate must have the name of the configured one (gossip is addresses mostly) - or, where the gossip
/// itself came over TLS, its own.
class server_pool {
 public:
  server_pool() = default;
  /// @param given  at least one; they are kept permanently
  /// @param max_discovered  maximum number of announced servers kept at once
  explicit server_pool(std::vector<server_url> given, std::size_t max_discovered = 256);

  std::size_t size() const noexcept { return servers_.size(); }
  /// How many of them gossip has named.
  std::size_t discovered() const noexcept { return servers_.size() - given_; }
  /// There is a server at another place.
  bool has_another(const server_url& than) const;
  /// Each place once, as server_url::place() names it.
  std::vector<std::string> places() const;
  /// Another order, so that the clients of a cluster do not all go to its first server.
  void shuffle(std::uint64_t seed);
  /// The next one, the first after the last.
  server_url next();
  /// The one of this place, and then those after it. Unknown: as next().
  server_url next(std::string_view place);
  /// Other given servers instead of all that are known. Servers that have used TLS still have to.
  void replace(std::vector<server_url> given);
  /// From INFO's connect_urls: new servers are added, announced ones that are gone are forgotten, except
  /// `teller` itself.
  /// @param over_tls  the list cannot have been changed in transit
  void learn(const std::vector<std::string>& connect_urls, const server_url& teller, bool over_tls = false);
  /// TLS was established with this server: it is required there from now on, and with the servers that it has
  /// announced.
  void note_secured(const server_url& server);

 private:
  struct member {
    server_url url;
    std::string place;
  };
  void forget_unless(const absl::flat_hash_set<std::string>& told, const std::string& teller);

  std::vector<member> servers_;
  absl::flat_hash_set<std::string> secured_;  // places; they are kept when servers are forgotten
  std::size_t given_ = 0, max_discovered_ = 0;
  std::size_t next_ = 0;
};

}  // namespace kvco::core
