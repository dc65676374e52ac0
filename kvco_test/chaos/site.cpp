// Where the chaos happens. See the header.
#include <kvco_test/chaos/site.hpp>

#include <algorithm>

namespace kvco::chaos {

using namespace std::chrono_literals;

site::site(const options& wanted) {
  test::cluster_options made = test::nodes_of(wanted.version);
  if (wanted.version == "mixed") made.versions = {"2.10", "newest", "2.10"};
  if (wanted.sync) made.jetstream_config = "sync_interval: always";
  // A silent route or client is noticed within seconds.
  made.extra_config = "ping_interval: \"3s\"\nping_max: 2\nwrite_deadline: \"5s\"\n";
  made.route = [this, &wanted](std::size_t from, std::size_t to, std::uint16_t real) {
    routes_[from][to] = make_proxy(real, wanted.seed + 10 * from + to);
    return thread_.call([&] { return routes_[from][to]->port(); });
  };
  cluster_.emplace(std::move(made));
  for (std::size_t c = 0; c < client_count; ++c) {
    std::string all;
    for (std::size_t node = 0; node < nodes; ++node) {
      if (node == 0) links_.emplace_back();
      links_[c][node] = make_proxy(cluster_->node(node).port(), wanted.seed + 100 * c + node, c);
      all += (all.empty() ? "" : ",") + thread_.call([&] { return links_[c][node]->url(); });
    }
    urls_.push_back(all);
  }
}

site::~site() {
  cluster_.reset();
  thread_.call([this] {
    links_.clear();
    routes_ = {};
  });
}

site::proxy_ptr site::make_proxy(std::uint16_t target, std::uint64_t seed,
                                 std::optional<std::size_t> client) {
  return thread_.call([&] {
    test::proxy_options how{.seed = seed, .reads_frames = client.has_value()};
    if (client) {
      const auto watcher = std::make_shared<answer_watcher>(seen_, *client);
      how.see = [watcher](const test::server_frame& frame) { watcher->see(frame); };
      how.see_sent = [watcher](const test::client_frame& frame) { watcher->see(frame); };
    }
    return std::make_unique<test::fault_proxy>(thread_.reactor().get_executor(), target, std::move(how));
  });
}

void site::heal_links() {
  const auto heal = [](test::fault_proxy& proxy) {
    proxy.set_both({});
    proxy.refuse(false);
    proxy.filter(nullptr);
  };
  thread_.call([&] {
    for (auto& all : links_) {
      for (auto& proxy : all) heal(*proxy);
    }
    for (auto& all : routes_) {
      for (auto& proxy : all) {
        if (proxy) heal(*proxy);
      }
    }
  });
}

std::vector<std::string> site::malformed() {
  return thread_.call([this] {
    std::vector<std::string> found;
    for (auto& all : links_) {
      for (auto& proxy : all) {
        found.insert(found.end(), proxy->malformed().begin(), proxy->malformed().end());
      }
    }
    return found;
  });
}

site::dialling site::dials() {
  return thread_.call([this] {
    dialling found;
    for (auto& all : links_) {
      std::vector<std::chrono::steady_clock::time_point> times;
      for (auto& proxy : all) {
        times.insert(times.end(), proxy->dial_times().begin(), proxy->dial_times().end());
      }
      std::sort(times.begin(), times.end());
      found.dials += times.size();
      for (std::size_t first = 0, last = 0; last < times.size(); ++last) {
        while (times[last] - times[first] > 1s) ++first;
        found.in_a_second = std::max(found.in_a_second, last - first + 1);
      }
    }
    return found;
  });
}

}  // namespace kvco::chaos
