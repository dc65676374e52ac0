#include "hub.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace gateway {

constexpr std::size_t max_feeds = 256, max_buckets = 1024;

using namespace std::chrono_literals;

hub::hub(asio::any_io_executor executor, kvco::config settings, feed_limits limits)
    : limits_(limits), timer_(executor) {
  settings.observe().operations(metrics_).on_event([this](const kvco::client_event& e) {
    if (e.kind == kvco::event_kind::connected) connection_changed(true);
    if (e.kind == kvco::event_kind::disconnected) connection_changed(false);
  });
  client_ = kvco::client(executor, std::move(settings));
  asio::co_spawn(executor, remove_idle_feeds(), asio::detached);
}

void hub::connection_changed(bool connected) {
  for (auto& [name, each] : feeds_) each->connection_changed(connected);
}

asio::awaitable<kvco::bucket> hub::bucket(std::string name) {
  if (const auto found = buckets_.find(name); found != buckets_.end()) co_return found->second;
  kvco::bucket opened = co_await client_.open_bucket(name);
  if (buckets_.size() >= max_buckets) buckets_.clear();
  buckets_.insert_or_assign(name, opened);
  co_return opened;
}

std::shared_ptr<feed> hub::feed_of(kvco::bucket from, std::string filter) {
  std::shared_ptr<feed>& found = feeds_[{from.name(), filter}];
  if (found && !found->ended()) return found;
  if (!found && feeds_.size() > max_feeds) {
    feeds_.erase({from.name(), filter});
    return nullptr;
  }
  found = std::make_shared<feed>(std::move(from), std::move(filter), limits_);
  found->start();
  return found;
}

/// Feeds that no viewer has used for some time end: their watches cost the server, and their rows cost memory.
asio::awaitable<void> hub::remove_idle_feeds() {
  while (!stopped_) {
    timer_.expires_after(1s);
    co_await timer_.async_wait(kvco::nothrow);
    for (auto it = feeds_.begin(); it != feeds_.end();) {
      if (it->second->is_idle()) it->second->stop();
      const bool gone = it->second->ended();
      if (gone) conflated_before_ += it->second->conflated();
      it = gone ? feeds_.erase(it) : std::next(it);
    }
  }
}

asio::awaitable<void> hub::stop() {
  stopped_ = true;
  timer_.cancel();
  for (auto& [name, each] : feeds_) each->stop();
  kvco::request_options soon;
  soon.timeout = 2s;
  co_await client_.drain(soon, kvco::nothrow);
}

std::string hub::metrics() const {
  std::size_t viewers = 0, conflated = conflated_before_;
  for (const auto& [name, each] : feeds_) {
    viewers += each->viewers();
    conflated += each->conflated();
  }
  return metrics_->render(client_) +
         "# HELP gateway_feeds Watches that viewers share.\n# TYPE gateway_feeds gauge\ngateway_feeds " +
         std::to_string(feeds_.size()) +
         "\n# HELP gateway_viewers Streams of events.\n# TYPE gateway_viewers gauge\ngateway_viewers " +
         std::to_string(viewers) +
         "\n# HELP gateway_conflated_total Events left out for slow viewers.\n# TYPE gateway_conflated_total "
         "counter\n"
         "gateway_conflated_total " +
         std::to_string(conflated) + "\n";
}

}  // namespace gateway
