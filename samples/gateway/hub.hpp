// The client, its buckets, and the feeds that viewers share.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <kvco/kvco.hpp>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "feed.hpp"

namespace gateway {

class hub {
 public:
  hub(asio::any_io_executor executor, kvco::config settings, feed_limits limits);

  const kvco::client& client() const noexcept { return client_; }
  /// Opens the bucket, or returns the handle of before: a handle reads its own writes.
  asio::awaitable<kvco::bucket> bucket(std::string name);
  void forget(const std::string& name) { buckets_.erase(name); }

  /// The feed of a bucket that is open; nullptr: there are too many.
  std::shared_ptr<feed> feed_of(kvco::bucket from, std::string filter);

  asio::awaitable<void> stop();
  /// Lines for Prometheus: the client's, and those of the feeds.
  std::string metrics() const;

 private:
  asio::awaitable<void> remove_idle_feeds();
  void connection_changed(bool connected);

  feed_limits limits_;
  std::shared_ptr<kvco::prometheus_metrics> metrics_ = std::make_shared<kvco::prometheus_metrics>();
  kvco::client client_;
  std::map<std::string, kvco::bucket> buckets_;
  std::map<std::pair<std::string, std::string>, std::shared_ptr<feed>> feeds_;
  std::size_t conflated_before_ = 0;  // of feeds that are gone
  asio::steady_timer timer_;
  bool stopped_ = false;
};

}  // namespace gateway
