// A handler for a million keys: the app has memory for what is being handled, not for what has been.
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <iostream>
#include <kvco/app/app.hpp>
#include <kvco_test/heavy/load.hpp>
#include <kvco_test/support/server/kv_test.hpp>

namespace kvco::test {
namespace {

constexpr std::size_t million = 1'000'000;

class handlers_memory_test : public server_test {};

TEST_F(handlers_memory_test, a_million_keys_are_handled_with_flat_memory) {
  const auto work = [&]() -> asio::awaitable<void> {
    client nats = co_await connect(config(server.url()).timeout(std::chrono::seconds(60)));
    co_await nats.create_bucket(bucket_config("HANDLED").storage(storage::memory));
    const auto key = [](std::size_t i) { return "item." + std::to_string(i); };
    preload(server.url(), "HANDLED", 0, million, key, 32);
    std::size_t handled = 0;
    memory_meter memory;
    app one(nats);
    const auto handler = [&](entry, std::size_t) -> asio::awaitable<void> {
      const auto executor = co_await asio::this_coro::executor;
      co_await asio::post(executor, asio::deferred);
      if (++handled % 10'000 == 0) memory.look();
      if (handled == million) one.stop();
    };
    one.watch("HANDLED", "item.{number}", handler, {.concurrency = 64, .position = {"POSITIONS", "million"}});
    co_await one.run({.signals = false});
    EXPECT_EQ(handled, million);
    EXPECT_EQ(one.health()[0].stored_to, million);
    EXPECT_LT(memory.most(), memory_limit_mb);
    std::cout << handled << " keys handled; resident memory grew by " << memory.most() << " MB at most\n";
  };
  run(work, std::chrono::minutes(4));
}

}  // namespace
}  // namespace kvco::test
