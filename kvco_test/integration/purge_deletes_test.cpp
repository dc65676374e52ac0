// What deletions have left behind is freed, and nothing else, on real servers.
#include <kvco_test/support/server/kv_test.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <string>
#include <vector>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;

class purge_deletes_test : public generations_test {
 protected:
  std::string messages() {
    raw_client raw(server.port());
    return stream_field(raw, "B", "messages");
  }
};
KVCO_ON_ALL_GENERATIONS(purge_deletes_test);

// peer: N23
TEST_P(purge_deletes_test, frees_markers_and_what_is_before_them) {
  with_bucket(with_history(), [&](client&, bucket& b) -> asio::awaitable<void> {
    for (const char* key : {"kept", "erased", "purged", "came.back", "twice"}) {
      co_await b.put(key, "1");
      co_await b.put(key, "2");
    }
    for (const char* key : {"erased", "came.back", "twice"}) co_await b.erase(key);
    co_await b.purge("purged");
    co_await b.put("came.back", "3");
    co_await b.erase("twice");
    EXPECT_EQ(messages(), "14");
    EXPECT_EQ(co_await b.purge_deletes({.older_than = 0s}), 8u) << "erased 3, purged 1, twice 4";
    EXPECT_EQ(messages(), "6");
    EXPECT_EQ(show(co_await b.history("came.back")),
              "came.back@7=1 came.back@8=2 came.back@12 DEL came.back@15=3");
    EXPECT_EQ(co_await keys_of(b), "came.back kept");
    EXPECT_EQ((co_await b.history("erased")).size(), 0u);
    EXPECT_EQ(co_await b.purge_deletes({.older_than = 0s}), 0u) << "nothing is left to free";
    EXPECT_EQ(co_await b.create("erased", "new"), 17u);
  });
}

// peer: N23
TEST_P(purge_deletes_test, keeps_young_markers_but_not_what_is_before_them) {
  with_bucket(with_history(), [&](client&, bucket& b) -> asio::awaitable<void> {
    for (int i = 0; i < 3; ++i) co_await b.put("k", "v");
    co_await b.erase("k");
    EXPECT_EQ(co_await b.purge_deletes(), 3u);
    EXPECT_EQ(show(co_await b.history("k")), "k@4 DEL");
    EXPECT_EQ(co_await b.purge_deletes(), 0u);
    EXPECT_EQ(co_await b.purge_deletes({.older_than = 1ns}), 1u);
    EXPECT_EQ(messages(), "0");
  });
}

// fault: 69
TEST_P(purge_deletes_test, never_frees_what_others_write_meanwhile) {
  with_client([&](client& nats) -> asio::awaitable<void> {
    bucket b = co_await nats.create_bucket(bucket_config("B").history(3));
    constexpr int writers = 4, rounds = 150, keys = 10;
    int working = writers;
    std::vector<std::vector<std::string>> last(writers, std::vector<std::string>(keys));
    const auto write = [&](std::size_t self) -> asio::awaitable<void> {
      for (int round = 0; round < rounds; ++round) {
        const std::size_t which = static_cast<std::size_t>(round) % keys;
        const std::string key = "w" + std::to_string(self) + "." + std::to_string(which);
        co_await b.erase(key);
        const std::string value = std::to_string(round);
        co_await b.put(key, value);
        last[self][which] = value;
        const std::optional<entry> now = co_await b.get(key);
        EXPECT_EQ(now ? now->value() : "none", value) << key;
      }
      --working;
    };
    for (std::size_t i = 0; i < writers; ++i) {
      asio::co_spawn(co_await asio::this_coro::executor, write(i), [&](std::exception_ptr why) {
        if (why) --working;
        EXPECT_FALSE(why);
      });
    }
    std::uint64_t purged = 0, passes = 0;
    while (working > 0) {
      purged += co_await b.purge_deletes({.older_than = 0s});
      ++passes;
    }
    EXPECT_GT(purged, 0u) << passes;
    for (std::size_t i = 0; i < writers; ++i) {
      for (std::size_t k = 0; k < keys; ++k) {
        const std::optional<entry> now = co_await b.get("w" + std::to_string(i) + "." + std::to_string(k));
        EXPECT_EQ(now ? now->value() : "none", last[i][k]);
      }
    }
  });
}

TEST_P(purge_deletes_test, says_what_is_wrong) {
  with_bucket(bucket_config("B"), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    auto [negative, none] = co_await b.purge_deletes({.older_than = -1ns}, nothrow);
    EXPECT_EQ(negative, errc::invalid_argument);
    auto [timeout, nothing] = co_await b.purge_deletes({.timeout = -1ns}, nothrow);
    EXPECT_EQ(timeout, errc::invalid_argument);
    co_await nats.delete_bucket("B");
    auto [gone, zero] = co_await b.purge_deletes(nothrow);
    EXPECT_EQ(gone, errc::bucket_not_found);
  });
}

// Servers before 2.14 take the sequence 1 for "no limit".
// fault: 69
TEST_P(purge_deletes_test, keeps_a_young_marker_that_is_the_first_of_all) {
  with_bucket(with_history(), [&](client&, bucket& b) -> asio::awaitable<void> {
    EXPECT_EQ(co_await b.erase("k"), 1u);
    EXPECT_EQ(co_await b.purge_deletes(), 0u);
    EXPECT_EQ(show(co_await b.history("k")), "k@1 DEL");
    EXPECT_EQ(co_await b.purge_deletes({.older_than = 1ns}), 1u);
    EXPECT_EQ(messages(), "0");
  });
}

// Who checks no keys may hope for a wildcard deletion, and stores a marker under the wildcard itself.
// fault: 69
TEST_P(purge_deletes_test, a_marker_whose_key_is_a_wildcard_costs_nobody_a_value) {
  with_bucket(with_history(), [&](client&, bucket& b) -> asio::awaitable<void> {
    co_await b.put("orders.1", "v");
    co_await b.put("orders.2", "v");
    raw_client raw(server.port());
    raw.request("$KV.B.orders.*", {}, "KV-Operation: DEL\r\n");
    raw.request("$KV.B.>", {}, "KV-Operation: PURGE\r\n");
    EXPECT_EQ(messages(), "4");
    EXPECT_EQ(co_await b.purge_deletes({.older_than = 0s}), 0u);
    EXPECT_EQ(co_await keys_of(b), "orders.1 orders.2");
  });
}

}  // namespace
}  // namespace kvco::test
