// The sentences of "developing with Key/Value" (S2.33 to S2.39) about watching.
#include <kvco/blocking.hpp>
#include <kvco_test/support/server/kv_test.hpp>

namespace kvco::test {
namespace {

class developing_watch : public generations_test {};
KVCO_ON_ALL_GENERATIONS(developing_watch);

// seed: S2.33
TEST_P(developing_watch, is_taken_by_callbacks_or_as_a_range) {
  asio::io_context reactor;
  client nats = blocking(reactor, connect(reactor, config(server.url())));
  bucket b = blocking(reactor, nats.create_bucket(bucket_config("B")));
  blocking(reactor, b.put("k", "v"));

  watcher by_callback = b.watch_all();
  heard<std::optional<entry>> first;
  by_callback.next(first);
  drive_until(reactor, [&] { return first.done(); });
  EXPECT_EQ(show(first.value()), "k@1=v");

  std::string seen;
  watcher as_range = b.watch_all({.initial_only = true});
  for (const entry& e : blocking(reactor, as_range)) seen += show(e);
  EXPECT_EQ(seen, "k@1=v");
}

// seed: S2.34
TEST_P(developing_watch, is_of_a_key_a_pattern_several_or_all) {
  with_bucket(bucket_config("B"), [](client&, bucket& b) -> asio::awaitable<void> {
    for (const char* key : {"a.1", "a.2", "b.1", "c"}) co_await b.put(key, "v");
    watcher one = b.watch("c"), pattern = b.watch("a.*"), several = b.watch({"a.1", "c"}),
            all = b.watch_all();
    EXPECT_EQ(co_await initial_of(one), "c@4=v");
    EXPECT_EQ(co_await initial_of(pattern), "a.1@1=v a.2@2=v");
    EXPECT_EQ(co_await initial_of(several), "a.1@1=v c@4=v");
    EXPECT_EQ(co_await initial_of(all), "a.1@1=v a.2@2=v b.1@3=v c@4=v");
    co_await b.put("c", "w");
    for (watcher* each : {&one, &several, &all}) EXPECT_EQ(co_await next_of(*each), "c@5=w");
    EXPECT_EQ(pattern.queued(), 0u);
  });
}

// Also where there are none: other clients give no sign then.
// seed: S2.35, S2.36
TEST_P(developing_watch, reports_the_end_of_the_initial_values) {
  with_bucket(bucket_config("B"), [](client&, bucket& b) -> asio::awaitable<void> {
    watcher empty = b.watch_all();
    EXPECT_FALSE(co_await empty.next_initial());
    EXPECT_TRUE(empty.initial_complete());
    co_await b.put("k", "v");
    EXPECT_EQ(co_await next_of(empty), "k@1=v");
    co_await b.erase("k");
    watcher only_deletions = b.watch_all({.ignore_deletes = true});
    EXPECT_FALSE(co_await only_deletions.next_initial());
    watcher headers = b.watch_all({.meta_only = true});
    EXPECT_EQ(co_await initial_of(headers), "k@2 DEL");
  });
}

// seed: S2.37
TEST_P(developing_watch, can_be_stopped) {
  raw_client raw(server.port());
  with_bucket(bucket_config("B"), [&](client&, bucket& b) -> asio::awaitable<void> {
    watcher updates = b.watch_all();
    EXPECT_FALSE(co_await updates.next_initial());
    EXPECT_EQ(stream_field(raw, "B", "consumer_count"), "1");
    updates.stop();
    EXPECT_EQ(co_await next_of(updates), "end");
    co_await until([&] { return stream_field(raw, "B", "consumer_count") == "0"; });
  });
}

// seed: S2.38
TEST_P(developing_watch, refuses_options_in_conflict) {
  with_bucket(bucket_config("B"), [](client&, bucket& b) -> asio::awaitable<void> {
    for (const watch_options& conflict : {watch_options{.include_history = true, .updates_only = true},
                                          watch_options{.updates_only = true, .initial_only = true},
                                          watch_options{.updates_only = true, .resume_from = 1}}) {
      watcher refused = b.watch_all(conflict);
      const auto [code, none] = co_await refused.next(nothrow);
      EXPECT_EQ(code, errc::invalid_argument) << code;
    }
  });
}

// A slow reader and a server that is killed: what an ordered consumer is for. (Messages that are lost one by one:
// ordered_consumer_test and the simulations.)
// seed: S2.39
TEST_P(developing_watch, is_complete_and_in_order_over_a_lost_connection) {
  with_bucket(with_history(64), [&](client&, bucket& b) -> asio::awaitable<void> {
    watcher updates = b.watch_all();
    EXPECT_FALSE(co_await updates.next_initial());
    for (int i = 1; i <= 20; ++i) co_await b.put("k", std::to_string(i));
    for (int i = 1; i <= 10; ++i)
      EXPECT_EQ(co_await next_of(updates), "k@" + std::to_string(i) + "=" + std::to_string(i));
    server.kill();
    server.start();
    for (int i = 21; i <= 40; ++i) co_await b.put("k", std::to_string(i), {.retry = retry::idempotent});
    for (int i = 11; i <= 40; ++i) {
      const auto e = co_await updates.next();
      EXPECT_EQ(e.value().value(), std::to_string(i));
    }
  });
}

}  // namespace
}  // namespace kvco::test
