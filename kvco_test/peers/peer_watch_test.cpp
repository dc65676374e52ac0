// What the tests of nats.go and nats.net ask of watches, where no other test of kvco does.
#include <gmock/gmock.h>

#include <kvco_test/support/faults/fault_proxy.hpp>
#include <kvco_test/support/server/kv_test.hpp>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;

class peer_watch : public generations_test {
 protected:
  /// A second client, through a line; of a bucket that the first one has made.
  using line_work = std::function<asio::awaitable<void>(fault_proxy&, client&, bucket& there, bucket& here)>;
  void with_line(const line_work& what) {
    with_bucket(with_history(), [&](client&, bucket& here) -> asio::awaitable<void> {
      fault_proxy line(co_await asio::this_coro::executor, server.port());
      client far = co_await connect(
          config(line.url()).reconnect([](auto& reconnect) { reconnect.initial_delay(1ms).max_delay(5ms); }));
      bucket there = co_await far.open_bucket("B");
      co_await what(line, far, there, here);
      co_await far.close();
    });
  }
};
KVCO_ON_ALL_GENERATIONS(peer_watch);

// All keys, then a wildcard, then two keys; each change is seen before the next one is made.
// peer: G7
TEST_P(peer_watch, of_all_of_a_wildcard_and_of_two_keys) {
  with_bucket(bucket_config("B"), [](client&, bucket& b) -> asio::awaitable<void> {
    watcher all = b.watch_all();
    EXPECT_EQ(co_await initial_of(all), "");
    co_await b.create("name", "fig");
    EXPECT_EQ(co_await next_of(all), "name@1=fig");
    int rev = 1;
    for (const auto& [key, value] :
         {std::pair("name", "kiwi"), {"name", "lime"}, {"age", "22"}, {"age", "33"}}) {
      co_await b.put(key, value);
      EXPECT_EQ(co_await next_of(all), std::string(key) + "@" + std::to_string(++rev) + "=" + value);
    }
    co_await b.erase("age");
    EXPECT_EQ(co_await next_of(all), "age@6 DEL");
    all.stop();
    for (const auto& [key, value] :
         {std::pair("t.name", "fig"), {"t.name", "lime"}, {"t.age", "22"}, {"t.age", "44"}})
      co_await b.put(key, value);
    watcher wildcard = b.watch("t.*");
    EXPECT_EQ(co_await initial_of(wildcard), "t.name@8=lime t.age@10=44");
    wildcard.stop();
    watcher two = b.watch({"t.name", "name"});
    EXPECT_EQ(co_await initial_of(two), "name@3=lime t.name@8=lime");
    co_await b.purge("name");
    EXPECT_EQ(co_await next_of(two), "name@11 PURGE");
  });
}

// peer: N42
TEST_P(peer_watch, goes_on_after_a_reset_with_what_was_written_meanwhile) {
  with_line([](fault_proxy& line, client& far, bucket& there, bucket& here) -> asio::awaitable<void> {
    watcher updates = there.watch("k1.*");
    EXPECT_EQ(co_await initial_of(updates), "");
    for (int i = 1; i <= 3; ++i) co_await here.put("k1.p1", std::to_string(i));
    for (const char* seen : {"k1.p1@1=1", "k1.p1@2=2", "k1.p1@3=3"})
      EXPECT_EQ(co_await next_of(updates), seen);
    line.refuse(true);
    line.cut_all(cut_with::reset);
    co_await until([&] { return !far.is_connected(); });
    for (int i = 4; i <= 6; ++i) co_await here.put("k1.p1", std::to_string(i));
    line.refuse(false);
    for (const char* seen : {"k1.p1@4=4", "k1.p1@5=5", "k1.p1@6=6"})
      EXPECT_EQ(co_await next_of(updates), seen);
    EXPECT_EQ(far.statistics().reconnects, 1u);
  });
}

// The connection lives, and no heartbeat of the consumer arrives.
// peer: N45
TEST_P(peer_watch, without_heartbeats_has_another_consumer) {
  with_line([](fault_proxy& line, client& far, bucket& there, bucket& here) -> asio::awaitable<void> {
    watcher updates = there.watch("k1.*", restless);
    EXPECT_EQ(co_await initial_of(updates), "");
    for (int i = 1; i <= 3; ++i) co_await here.put("k1.p1", std::to_string(i));
    for (const char* seen : {"k1.p1@1=1", "k1.p1@2=2", "k1.p1@3=3"})
      EXPECT_EQ(co_await next_of(updates), seen);
    line.filter([](const server_frame& frame) {
      return frame.header.find("Idle Heartbeat") != std::string_view::npos ? fate::lose : fate::pass;
    });
    const auto replaced = [&] { return far.statistics().watches_recreated > 0; };
    co_await until(replaced);
    for (int i = 4; i <= 6; ++i) co_await here.put("k1.p1", std::to_string(i));
    for (const char* seen : {"k1.p1@4=4", "k1.p1@5=5", "k1.p1@6=6"})
      EXPECT_EQ(co_await next_of(updates), seen);
    EXPECT_GT(line.lost(), 0u);
    EXPECT_EQ(far.statistics().reconnects, 0u);
  });
}

// One entry is taken of more than the server sends at once; pings and messages of the same connection pass.
// peer: N17
TEST_P(peer_watch, that_is_not_read_leaves_its_connection_to_others) {
  with_bucket(
      bucket_config("B").storage(storage::memory), [](client& nats, bucket& b) -> asio::awaitable<void> {
        constexpr int count = 2000;
        std::vector<std::string> keys;
        std::vector<put_item> items;
        const std::string value(5000, 'x');
        for (int i = 0; i < count; ++i) keys.push_back("key" + std::to_string(i));
        for (const std::string& key : keys) items.push_back({key, value});
        co_await b.put_many(items);
        watcher slow = b.watch("*");
        EXPECT_TRUE(co_await slow.next());
        for (int i = 0; i < 20; ++i) co_await nats.rtt({.timeout = 10s});
        subscription messages = nats.subscribe("beside");
        for (int i = 0; i < 10; ++i) co_await nats.publish("beside", std::to_string(i));
        for (int i = 0; i < 10; ++i) {
          const std::optional<message> next = co_await messages.next();
          EXPECT_EQ(next.value().payload(), std::to_string(i));
        }
        EXPECT_LT(slow.queued(), static_cast<std::size_t>(count) / 2) << "the rest waits at the server";
        for (int i = 1; i < count; ++i) {
          const std::optional<entry> next = co_await slow.next();
          EXPECT_EQ(next.value().revision(), static_cast<revision>(i + 1));
        }
      });
}

}  // namespace
}  // namespace kvco::test
