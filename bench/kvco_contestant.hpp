// kvco as a contestant: a client on a reactor of its own. One function for each work.
#pragma once

#include <bench/contestant.hpp>
#include <bench/meter.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <kvco/kvco.hpp>

namespace kvco::bench {

works kvco_works();

namespace asio = boost::asio;

/// A reactor and a client with default settings: deadlines and all checks are on.
class kvco_client {
 public:
  explicit kvco_client(const std::string& url);
  ~kvco_client();
  kvco_client(const kvco_client&) = delete;
  kvco_client& operator=(const kvco_client&) = delete;

  /// Runs `what` in `copies` coroutines to the end of them all.
  void run(const std::function<asio::awaitable<void>()>& what, std::size_t copies = 1);

  /// Runs the reactor until `stop()`.
  void run_until_stopped();
  void stop() { reactor_.stop(); }

  kvco::client& client() { return nats_; }
  kvco::bucket& bucket() { return bucket_; }
  asio::io_context& reactor() { return reactor_; }

 private:
  asio::io_context reactor_{1};
  kvco::client nats_;
  kvco::bucket bucket_;
};

namespace kvco_works_of {

outcome operations(kvco_client& nats, const task& what);  ///< put, get, update, mixed
outcome typed(kvco_client& nats, const task& what);       ///< put_typed, get_typed
outcome json(kvco_client& nats, const task& what);        ///< put_json, get_json
outcome contention(kvco_client& nats, const task& what);
outcome get_many(kvco_client& nats, const task& what);
outcome put_many(kvco_client& nats, const task& what);
outcome watch(kvco_client& nats, const task& what);
outcome watch_batches(kvco_client& nats, const task& what);
outcome keys(kvco_client& nats, const task& what);
outcome live(kvco_client& nats, const task& what);
outcome watchers(kvco_client& nats, const task& what);
outcome reconnect(kvco_client& nats, const task& what);
outcome get_prefix(kvco_client& nats, const task& what);
outcome handlers(kvco_client& nats, const task& what);
outcome publish(kvco_client& nats, const task& what);
outcome request(kvco_client& nats, const task& what);
outcome subscribe(kvco_client& nats, const task& what);
outcome denied(kvco_client& nats, const task& what);
outcome command_get(const task& what);
outcome command_export(const task& what);
outcome command_import(const task& what);

}  // namespace kvco_works_of
}  // namespace kvco::bench
