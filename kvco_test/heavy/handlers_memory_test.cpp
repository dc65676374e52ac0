// Handlers for a million keys: an app has memory for what is being handled, not for what has been.
#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <iostream>
#include <kvco/app/app.hpp>
#include <kvco_test/heavy/load.hpp>
#include <kvco_test/support/server/kv_test.hpp>

namespace kvco::test {
namespace {

constexpr std::size_t million = 1'000'000;
// Of the app alone.
constexpr double app_limit_mb = sanitized ? memory_limit_mb : 6;
// An entry that waits in the watch: its fields and its bytes in one block, and its place in a queue that doubles.
constexpr double waiting_entry_mb = sanitized ? 700e-6 : 175e-6;

class handlers_memory_test : public server_test {
 protected:
  /// Runs an app with the handler until it has handled all. The watch of a reader that is slower than the server has the
  /// server's window, up to 32 MB: that is no memory of the app.
  void expect_flat(const std::function<void(app&, const std::function<void()>&)>& add_handler) {
    const auto work = [&]() -> asio::awaitable<void> {
      client nats = co_await connect(config(server.url()).timeout(std::chrono::seconds(60)));
      co_await nats.create_bucket(bucket_config("HANDLED").storage(storage::memory));
      const auto key = [](std::size_t i) { return "item." + std::to_string(i); };
      preload(server.url(), "HANDLED", 0, million, key, 32);
      std::size_t handled = 0, waiting = 0;
      memory_meter memory;
      app one(nats);
      add_handler(one, [&] {
        if (++handled % 10'000 == 0) {
          memory.look();
          waiting = std::max(waiting, nats.health().watches.at(0).queued);
        }
        if (handled == million) one.stop();
      });
      co_await one.run({.signals = false});
      EXPECT_EQ(handled, million);
      EXPECT_EQ(one.health()[0].stored_to, million);
      const double of_watch = static_cast<double>(waiting) * waiting_entry_mb;
      EXPECT_LT(memory.most(), app_limit_mb + of_watch);
      std::cout << handled << " keys handled; resident memory grew by " << memory.most()
                << " MB at most, of that " << of_watch << " MB for " << waiting
                << " entries that waited in the watch\n";
    };
    run(work, std::chrono::minutes(4));
  }
  static constexpr watch_handler_options options{.concurrency = 64, .position = {"POSITIONS", "million"}};
};

TEST_F(handlers_memory_test, a_million_keys_are_handled_with_flat_memory) {
  expect_flat([](app& one, const std::function<void()>& done) {
    one.watch(
        "HANDLED", "item.{number}", [done](const entry&, std::size_t) { done(); }, options);
  });
}

// They take as many turns of the reactor as there are entries, and the server is faster.
TEST_F(handlers_memory_test, a_million_keys_are_handled_by_slow_handlers) {
  expect_flat([](app& one, const std::function<void()>& done) {
    const auto handler = [done](const entry&, std::size_t) -> asio::awaitable<void> {
      const auto executor = co_await asio::this_coro::executor;
      co_await asio::post(executor, asio::deferred);
      done();
    };
    one.watch("HANDLED", "item.{number}", handler, options);
  });
}

}  // namespace
}  // namespace kvco::test
