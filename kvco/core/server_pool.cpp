// The servers of a client, given and announced: where to connect next.
#include <kvco/core/server_pool.hpp>

#include <absl/container/flat_hash_map.h>
#include <algorithm>
#include <random>
#include <utility>

namespace kvco::core {

server_pool::server_pool(std::vector<server_url> given, std::size_t max_discovered)
    : max_discovered_(max_discovered) {
  replace(std::move(given));
}

void server_pool::replace(std::vector<server_url> given) {
  given_ = given.size();
  next_ = 0;
  servers_.clear();
  for (server_url& url : given) {
    std::string place = url.place();
    servers_.push_back({std::move(url), std::move(place)});
  }
}

bool server_pool::has_another(const server_url& than) const {
  return std::ranges::any_of(servers_,
                             [&, place = than.place()](const member& one) { return one.place != place; });
}

std::vector<std::string> server_pool::places() const {
  std::vector<std::string> all;
  for (const member& each : servers_) all.push_back(each.place);
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

void server_pool::shuffle(std::uint64_t seed) {
  std::shuffle(servers_.begin(), servers_.end(), std::mt19937_64(seed));
}

server_url server_pool::next() {
  next_ = next_ % servers_.size();
  const member& turn = servers_[next_++];
  server_url url = turn.url;
  url.once_secured = url.once_secured || secured_.contains(turn.place);
  return url;
}

server_url server_pool::next(std::string_view place) {
  const auto found =
      std::find_if(servers_.begin(), servers_.end(), [&](const member& one) { return one.place == place; });
  if (found != servers_.end()) next_ = static_cast<std::size_t>(found - servers_.begin());
  return next();
}

// The list is the peer's, of any length: each name is looked at once.
void server_pool::learn(const std::vector<std::string>& connect_urls, const server_url& teller,
                        bool over_tls) {
  if (connect_urls.empty()) return;  // a single server, or one configured not to gossip
  absl::flat_hash_set<std::string> told;
  std::vector<member> news;
  absl::flat_hash_map<std::string_view, std::vector<std::size_t>> known;
  for (std::size_t i = 0; i < servers_.size(); ++i) known[servers_[i].place].push_back(i);
  const auto note_again = [&](member& one) {
    // A given server must not be ruled out by an attacker who changed INFO in transit.
    if (one.url.discovered || over_tls) one.url.once_secured = one.url.once_secured || teller.once_secured;
    if (one.url.discovered) one.url.host_is_certified = one.url.host_is_certified || over_tls;
  };
  for (const std::string& text : connect_urls) {
    server_url at;
    if (!parse_host_port(text, at.host, at.port)) continue;
    std::string place = at.place();
    if (!told.insert(place).second) continue;
    if (const auto found = known.find(place); found != known.end()) {
      for (const std::size_t index : found->second) note_again(servers_[index]);
    } else if (news.size() < max_discovered_) {
      server_url url = teller;
      url.host = std::move(at.host);
      url.port = at.port;
      url.certified_name = teller.certified_name.empty() ? teller.host : teller.certified_name;
      url.discovered = true;
      url.host_is_certified = over_tls;
      news.push_back({std::move(url), std::move(place)});
    }
  }
  forget_unless(told, teller.place());
  for (member& one : news) {
    if (discovered() >= max_discovered_) break;
    servers_.push_back(std::move(one));
  }
}

void server_pool::forget_unless(const absl::flat_hash_set<std::string>& told, const std::string& teller) {
  std::size_t kept = 0, next = next_;
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    if (!servers_[i].url.discovered || told.contains(servers_[i].place) || servers_[i].place == teller) {
      if (kept != i) servers_[kept] = std::move(servers_[i]);
      ++kept;
    } else if (i < next_) {
      --next;
    }
  }
  servers_.erase(servers_.begin() + static_cast<std::ptrdiff_t>(kept), servers_.end());
  next_ = next;
}

void server_pool::note_secured(const server_url& server) {
  secured_.insert(server.place());
  for (member& one : servers_) one.url.once_secured = one.url.once_secured || one.url.discovered;
}

}  // namespace kvco::core
