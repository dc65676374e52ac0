// How watches end, and what they leave behind: nothing.
#include <kvco_test/support/server/kv_test.hpp>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;
using heard_entry = heard<std::optional<entry>>;

class watch_end_test : public generations_test {
 protected:
  raw_client raw{server.port()};

  asio::awaitable<void> until_no_consumers() {
    const auto none = [this] { return stream_field(raw, "B", "consumer_count") == "0"; };
    co_await until(none);
  }
};
KVCO_ON_ALL_GENERATIONS(watch_end_test);

// fault: 54
TEST_P(watch_end_test, a_deleted_bucket_ends_its_watches) {
  with_bucket(bucket_config("B"), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    co_await b.put("k", "v");
    watcher updates = b.watch_all(restless);
    EXPECT_EQ(co_await initial_of(updates), "k@1=v");
    co_await b.put("k", "last");
    const auto received = [&] { return updates.queued() == 1; };
    co_await until(received);
    co_await nats.delete_bucket("B");
    co_await nats.flush();
    EXPECT_EQ(co_await next_of(updates), "k@2=last") << "what was received comes first";
    for (int twice = 0; twice < 2; ++twice) {
      auto [ec, none] = co_await updates.next(nothrow);
      EXPECT_EQ(ec, errc::bucket_deleted);
      EXPECT_NE(error_detail().find("B"), std::string::npos) << error_detail();
    }
    auto [batch, no_batch] = co_await updates.next_batch(nothrow);
    EXPECT_EQ(batch, errc::bucket_deleted);
    co_await nats.flush();
    EXPECT_EQ(nats.statistics().subscriptions, 1u) << "only that for replies is left";
  });
}

// The new one is in memory: of files a server may restore entries of the deleted one ("Defects of servers" of the guarantees).
// fault: 54
TEST_P(watch_end_test, a_recreated_bucket_is_another_one) {
  with_bucket(bucket_config("B"), [&](client&, bucket& b) -> asio::awaitable<void> {
    co_await b.put("k", "v");
    co_await b.put("k", "w");
    watcher updates = b.watch_all(restless);
    EXPECT_EQ(co_await initial_of(updates), "k@2=w");
    api(raw, "STREAM.DELETE.KV_B");
    api(raw, "STREAM.CREATE.KV_B",
        R"({"name":"KV_B","subjects":["$KV.B.>"],"max_msgs_per_subject":1,"allow_direct":true,"storage":"memory"})");
    for (int i = 0; i < 5; ++i) raw.request("$KV.B.other", "of the new one");
    auto [ec, none] = co_await updates.next(nothrow);
    EXPECT_EQ(ec, errc::bucket_recreated);
  });
}

// field: M10
// peer: N51
TEST_P(watch_end_test, a_resume_point_beyond_the_end_is_of_another_bucket) {
  with_bucket(bucket_config("B"), [&](client&, bucket& b) -> asio::awaitable<void> {
    revision seen = 0;
    for (int i = 0; i < 50; ++i) seen = co_await b.put("k", "of the first one");
    api(raw, "STREAM.DELETE.KV_B");
    api(raw, "STREAM.CREATE.KV_B",
        R"({"name":"KV_B","subjects":["$KV.B.>"],"max_msgs_per_subject":1,"allow_direct":true,"storage":"memory"})");
    for (int i = 0; i < 3; ++i) raw.request("$KV.B.k", "of the second one");
    for (const std::string filter : {"k", "none"}) {
      watcher beyond = b.watch(filter, {.resume_from = seen + 1});
      auto [ec, none] = co_await beyond.next_initial(nothrow);
      EXPECT_EQ(ec, errc::bucket_recreated);
      EXPECT_NE(error_detail().find("no revision 50 before revision 51"), std::string::npos)
          << error_detail();
      EXPECT_NE(error_detail().find("the last one is 3"), std::string::npos) << error_detail();
    }
    watcher behind = b.watch_all({.resume_from = 4});
    EXPECT_EQ(co_await initial_of(behind), "");
    raw.request("$KV.B.k", "next");
    EXPECT_EQ(co_await next_of(behind), "k@4=next");
  });
}

TEST_P(watch_end_test, a_bucket_that_never_was_is_not_found) {
  with_bucket(bucket_config("B"), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    co_await nats.delete_bucket("B");
    watcher updates = b.watch_all(restless);
    auto [ec, none] = co_await updates.next_initial(nothrow);
    EXPECT_EQ(ec, errc::bucket_not_found);
  });
}

// fault: 51
TEST_P(watch_end_test, a_deleted_consumer_is_replaced) {
  with_bucket(bucket_config("B").history(10), [&](client&, bucket& b) -> asio::awaitable<void> {
    co_await b.put("k", "1");
    watcher updates = b.watch_all(restless);
    EXPECT_EQ(co_await next_of(updates), "k@1=1");
    for (int round = 2; round < 5; ++round) {
      const std::string list = api(raw, "CONSUMER.NAMES.KV_B");
      const std::size_t at = list.find("kvco_");
      const std::string name = list.substr(at, list.find('"', at) - at);
      api(raw, "CONSUMER.DELETE.KV_B." + name);
      const std::string value = std::to_string(round);
      co_await b.put("k", value);
      EXPECT_EQ(co_await next_of(updates), "k@" + value + "=" + value);
    }
  });
}

// peer: G13, G14, G46
TEST_P(watch_end_test, stop_ends_it_without_an_error) {
  with_bucket(bucket_config("B"), [&](client&, bucket& b) -> asio::awaitable<void> {
    co_await b.put("a", "v");
    co_await b.put("b", "v");
    watcher updates = b.watch_all();
    EXPECT_EQ(co_await next_of(updates), "a@1=v");
    updates.stop();
    EXPECT_EQ(co_await next_of(updates), "end") << "what was not taken is dropped";
    EXPECT_EQ(updates.queued(), 0u);
    EXPECT_EQ(updates.cursor(), 1u);
    updates.stop();
    EXPECT_EQ(co_await next_of(updates), "end");
    co_await until_no_consumers();
  });
}

TEST_P(watch_end_test, stop_gives_a_waiting_next_the_end) {
  with_bucket(bucket_config("B"), [&](client&, bucket& b) -> asio::awaitable<void> {
    watcher updates = b.watch_all();
    EXPECT_EQ(co_await initial_of(updates), "");
    heard_entry next;
    updates.next(next);
    updates.stop();
    EXPECT_FALSE(next.done()) << "never inside the call";
    const auto told = [&] { return next.done(); };
    co_await until(told);
    EXPECT_FALSE(next.code()) << next.code();
    EXPECT_FALSE(next.value().has_value());
  });
}

// fault: 75
TEST_P(watch_end_test, destroying_it_aborts_a_waiting_next) {
  with_bucket(bucket_config("B"), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    heard_entry next, initial, moved_over;
    heard<std::optional<std::vector<entry>>> batch;
    {
      watcher idle = b.watch_all();
      EXPECT_EQ(co_await initial_of(idle), "");
      idle.next(next);
      watcher lots = b.watch_all();
      co_await initial_of(lots);
      lots.next_batch(batch);
      watcher hasty = b.watch_all();
      hasty.next_initial(initial);  // and it is gone before it was set up
    }
    watcher updates = b.watch_all();
    co_await initial_of(updates);
    updates.next(moved_over);
    updates = b.watch_all();
    const auto told = [&] { return next.done() && initial.done() && batch.done() && moved_over.done(); };
    co_await until(told);
    EXPECT_EQ(next.code(), asio::error::operation_aborted);
    EXPECT_EQ(initial.code(), asio::error::operation_aborted);
    EXPECT_EQ(batch.code(), asio::error::operation_aborted);
    EXPECT_EQ(moved_over.code(), asio::error::operation_aborted);
    for (const int times : {next.times(), initial.times(), batch.times(), moved_over.times()})
      EXPECT_EQ(times, 1);
    EXPECT_EQ(co_await initial_of(updates), "");
    updates.stop();
    co_await until_no_consumers();
    co_await nats.flush();
    EXPECT_EQ(nats.statistics().subscriptions, 1u);
  });
}

TEST_P(watch_end_test, a_second_next_is_refused_and_harms_nothing) {
  with_bucket(bucket_config("B"), [&](client&, bucket& b) -> asio::awaitable<void> {
    watcher updates = b.watch_all();
    co_await initial_of(updates);
    heard_entry first;
    updates.next(first);
    auto [second, none] = co_await updates.next(nothrow);
    EXPECT_EQ(second, errc::already_waiting);
    auto [initial, no_entry] = co_await updates.next_initial(nothrow);
    EXPECT_EQ(initial, errc::already_waiting);
    auto [batch, no_batch] = co_await updates.next_batch(nothrow);
    EXPECT_EQ(batch, errc::already_waiting);
    co_await b.put("k", "v");
    const auto told = [&] { return first.done(); };
    co_await until(told);
    EXPECT_EQ(show(first.value()), "k@1=v");
    EXPECT_EQ(first.times(), 1);
  });
}

// fault: 75
TEST_P(watch_end_test, watchers_leave_no_consumers) {
  with_bucket(bucket_config("B"), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    co_await b.put("k", "v");
    {
      std::vector<watcher> all;
      for (int i = 0; i < 20; ++i) {
        all.push_back(b.watch_all());
        EXPECT_EQ(co_await initial_of(all.back()), "k@1=v");
      }
      EXPECT_EQ(stream_field(raw, "B", "consumer_count"), "20");
      EXPECT_EQ(nats.statistics().subscriptions, 21u);
      for (int i = 0; i < 20; ++i)
        all.push_back(b.watch_all());  // and some that were not asked for anything yet
    }
    co_await until_no_consumers();
    co_await nats.flush();
    EXPECT_EQ(nats.statistics().subscriptions, 1u);
  });
}

TEST_P(watch_end_test, a_closed_client_leaves_no_consumers) {
  with_bucket(bucket_config("B"), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    watcher updates = b.watch_all();
    co_await initial_of(updates);
    EXPECT_EQ(stream_field(raw, "B", "consumer_count"), "1");
    co_await nats.close();
    auto [ec, none] = co_await updates.next(nothrow);
    EXPECT_EQ(ec, asio::error::operation_aborted);
    co_await until_no_consumers();
  });
}

// fault: 68, 71
TEST_P(watch_end_test, who_does_not_read_is_not_flooded_and_disturbs_nobody) {
  const bucket_config memory = bucket_config("B").storage(storage::memory).history(64);
  with_bucket(memory, [&](client&, bucket& b) -> asio::awaitable<void> {
    watcher slow = b.watch_all(restless);
    EXPECT_EQ(co_await initial_of(slow), "");
    const std::string value(100'000, 'x');
    constexpr int count = 200;  // 20 MB
    for (int i = 0; i < count; ++i) co_await b.put("k." + std::to_string(i), value);
    EXPECT_EQ(co_await value_of(b, "k.7"), value);
    EXPECT_LT(slow.queued(), 100u) << "the rest stays at the server";
    for (int i = 0; i < count; ++i) {
      const std::optional<entry> e = co_await slow.next();
      EXPECT_EQ(e.value().revision(), static_cast<revision>(i + 1));
    }
  });
}

}  // namespace
}  // namespace kvco::test
