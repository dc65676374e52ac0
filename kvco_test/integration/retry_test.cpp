// retry::idempotent against real servers: the answer to a write is lost on the way, and yet the truth is told.
#include <gtest/gtest.h>

#include <kvco_test/support/faults/ack_thief.hpp>
#include <kvco_test/support/server/kv_test.hpp>

#include <boost/asio/this_coro.hpp>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;
constexpr retry again = retry::idempotent;

/// A client whose connections go through a relay, and another one that goes straight to the server.
struct two_ways {
  std::unique_ptr<ack_thief> thief;
  client lossy, direct;
  bucket kv, seen;
};

class retry_test : public generations_test {
 protected:
  void with_relay(const std::function<asio::awaitable<void>(two_ways&)>& what) {
    run([&]() -> asio::awaitable<void> {
      two_ways ways;
      ways.thief = std::make_unique<ack_thief>(co_await asio::this_coro::executor, server.port());
      ways.lossy = co_await connect(ways.thief->url());
      ways.direct = co_await connect(server.url());
      co_await what(ways);
      co_await ways.lossy.close(nothrow);
      co_await ways.direct.close();
      ways.thief->close();
    });
  }
};
KVCO_ON_ALL_GENERATIONS(retry_test);

using write = std::function<asio::awaitable<revision>(bucket)>;

struct write_case {
  std::string name;
  bool over_tombstone;
  write carry_out;
};

const std::vector<write_case>& writes() {
  static const std::vector<write_case> all = {
      {"put", false,
       [](bucket b) -> asio::awaitable<revision> { co_return co_await b.put("k", "new", {.retry = again}); }},
      {"create", true,
       [](bucket b) -> asio::awaitable<revision> {
         co_return co_await b.create("k", "new", {.retry = again});
       }},
      {"create_anew", false,
       [](bucket b) -> asio::awaitable<revision> {
         co_return co_await b.create("k2", "new", {.retry = again});
       }},
      {"update", false,
       [](bucket b) -> asio::awaitable<revision> {
         co_return co_await b.update("k", "new", 1, {.retry = again});
       }},
      {"erase", false,
       [](bucket b) -> asio::awaitable<revision> { co_return co_await b.erase("k", {.retry = again}); }},
      {"erase_at", false,
       [](bucket b) -> asio::awaitable<revision> {
         co_return co_await b.erase("k", {.last_revision = 1, .retry = again});
       }},
      {"purge", false,
       [](bucket b) -> asio::awaitable<revision> { co_return co_await b.purge("k", {.retry = again}); }},
      {"purge_at", false,
       [](bucket b) -> asio::awaitable<revision> {
         co_return co_await b.purge("k", {.last_revision = 1, .retry = again});
       }},
  };
  return all;
}

asio::awaitable<void> open(two_ways& ways, const bucket_config& config, bool over_tombstone) {
  ways.seen = co_await ways.direct.create_bucket(config);
  ways.kv = co_await ways.lossy.open_bucket(config.name());
  if (over_tombstone) {
    co_await ways.seen.erase("k");
  } else {
    co_await ways.seen.put("k", "old");
  }
}

// Each in a bucket of its own: one that is deleted and created several times within milliseconds begins with entries of the one
// before now and then (2.10.27, 2.15.1: the old folder is in the way when the next one is to be put aside).
// fault: 60
TEST_P(retry_test, a_lost_write_and_a_lost_answer_are_told_apart) {
  int buckets = 0;
  for (const int history : {1, 5}) {
    for (const bool ack : {true, false}) {
      for (const write_case& which : writes()) {
        SCOPED_TRACE(which.name + (ack ? ", answer lost" : ", write lost") + ", history " +
                     std::to_string(history));
        with_relay([&](two_ways& ways) -> asio::awaitable<void> {
          const std::string name = "B" + std::to_string(++buckets);
          co_await open(ways, bucket_config(name).history(history), which.over_tombstone);
          ack ? ways.thief->steal_ack_of("Nats-Msg-Id") : ways.thief->steal_write_of("Nats-Msg-Id");
          EXPECT_EQ(co_await which.carry_out(ways.kv), 2u);
          EXPECT_EQ(ways.thief->thefts(), 1);
          auto status = co_await ways.seen.status();
          EXPECT_EQ(status.last_revision, 2u) << "stored twice, or not at all";
        });
      }
    }
  }
}

// Others have written so much behind it that the history does not keep it.
// fault: 62
TEST_P(retry_test, what_the_history_has_lost_is_told_where_the_server_still_knows_its_id) {
  with_relay([&](two_ways& ways) -> asio::awaitable<void> {
    co_await open(ways, bucket_config("B").history(2), false);
    ways.thief->take_connections(false);
    ways.thief->steal_ack_of("Nats-Msg-Id");
    asio::co_spawn(
        co_await asio::this_coro::executor,
        [&ways]() -> asio::awaitable<void> {
          co_await until([&ways] { return ways.thief->thefts() == 1 && !ways.lossy.is_connected(); });
          for (int i = 0; i < 4; ++i) co_await ways.seen.put("k", "foreign");
          ways.thief->take_connections(true);
        },
        asio::detached);
    auto [code, rev] = co_await ways.kv.update("k", "new", 1, {.retry = again}, nothrow);
    if (at_least("newest")) {
      EXPECT_EQ(code, errc::outcome_unknown) << code.message();
    } else {
      EXPECT_FALSE(code) << code.message();
      EXPECT_EQ(rev, 2u);
    }
    EXPECT_EQ((co_await ways.seen.status()).last_revision, 6u);
  });
}

// Nobody sends again what the server may not recognise.
// fault: 61
TEST_P(retry_test, ends_with_the_duplicate_window) {
  raw_client raw(server.port());
  api(raw, "STREAM.CREATE.KV_W",
      R"({"name":"KV_W","subjects":["$KV.W.>"],"max_msgs_per_subject":1,"discard":"new","allow_rollup_hdrs":true,)"
      R"("allow_direct":true,"storage":"memory","num_replicas":1,"duplicate_window":1000000000})");
  with_relay([&](two_ways& ways) -> asio::awaitable<void> {
    ways.kv = co_await ways.lossy.open_bucket("W");
    ways.seen = co_await ways.direct.open_bucket("W");
    ways.thief->take_connections(false);
    ways.thief->steal_ack_of("Nats-Msg-Id");
    auto [code, rev] = co_await ways.kv.put("k", "new", {.retry = again}, nothrow);
    EXPECT_EQ(code, errc::outcome_unknown) << code.message();
    ways.thief->take_connections(true);
    co_await until([&] { return ways.lossy.is_connected(); });
    co_await ways.kv.put("other", "x");
    EXPECT_EQ((co_await ways.seen.status()).last_revision, 2u) << "stored twice";
  });
}

}  // namespace
}  // namespace kvco::test
