// The servers of a client, those it was given and those it was told of: where to connect next.
#include <kvco/core/server_pool.hpp>

#include <algorithm>
#include <random>

namespace kvco::core {
namespace {

bool same_place(const server_url& a, const server_url& b) noexcept {
  return a.port == b.port && a.host == b.host;
}

}  // namespace

server_pool::server_pool(std::vector<server_url> given) {
  for (server_url& url : given) servers_.push_back({std::move(url), true});
}

void server_pool::shuffle(std::uint64_t seed) {
  std::shuffle(servers_.begin(), servers_.end(), std::mt19937_64(seed));
}

server_url server_pool::next() {
  next_ = next_ % servers_.size();
  return servers_[next_++].url;
}

void server_pool::learn(const std::vector<std::string>& connect_urls, const server_url& teller) {
  if (connect_urls.empty()) return;  // a server alone, or one that is told not to gossip
  std::vector<server_url> told;
  for (const std::string& text : connect_urls) {
    server_url url = teller;
    url.certified_name = teller.certified_name.empty() ? teller.host : teller.certified_name;
    if (parse_host_port(text, url.host, url.port)) told.push_back(std::move(url));
  }
  const auto is_told = [&](const server_url& one) {
    return std::any_of(told.begin(), told.end(),
                       [&](const server_url& other) { return same_place(one, other); });
  };
  for (std::size_t i = servers_.size(); i-- > 0;) {
    if (servers_[i].given || is_told(servers_[i].url) || same_place(servers_[i].url, teller)) continue;
    servers_.erase(servers_.begin() + static_cast<std::ptrdiff_t>(i));
    if (i < next_) --next_;
  }
  for (server_url& url : told) {
    const bool known = std::any_of(servers_.begin(), servers_.end(),
                                   [&](const member& open) { return same_place(open.url, url); });
    if (!known) servers_.push_back({std::move(url), false});
  }
}

}  // namespace kvco::core
