// What the tests of nats.go and nats.net ask of keys and their values, where no other test of kvco does.
#include <gmock/gmock.h>

#include <kvco_test/support/server/kv_test.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;
using std::chrono::system_clock;

class peer_values : public generations_test {
 protected:
  raw_client raw{server.port()};
};
KVCO_ON_ALL_GENERATIONS(peer_values);

// peer: G1
TEST_P(peer_values, from_the_first_put_to_the_status) {
  bucket_config asked = with_history(5).ttl(1h);
  if (at_least("2.10")) asked.metadata("team", "kv");
  if (at_least("newest")) asked.limit_marker_ttl(1min);
  with_bucket(asked, [&](client&, bucket& b) -> asio::awaitable<void> {
    EXPECT_EQ(b.name(), "B");
    EXPECT_EQ(co_await b.put("name", "fig"), 1u);
    EXPECT_EQ(co_await value_of(b, "name"), "fig");
    co_await b.erase("name");
    EXPECT_EQ(co_await value_of(b, "name"), "none");
    EXPECT_EQ(co_await b.create("name", "fig"), 3u);
    auto [early, none] = co_await b.erase("name", {.last_revision = 4}, nothrow);
    EXPECT_EQ(early, errc::wrong_last_revision) << early;
    EXPECT_EQ(co_await b.erase("name", {.last_revision = 3}), 4u);
    EXPECT_EQ(co_await b.update("name", "kiwi", 4), 5u) << "over the deletion, by its revision";
    auto [stale, no_revision] = co_await b.update("name", "lost", 3, nothrow);
    EXPECT_EQ(stale, errc::wrong_last_revision) << stale;
    EXPECT_EQ(co_await b.update("name", "lime", 5), 6u);
    EXPECT_EQ(co_await b.create("age", "22"), 7u);
    EXPECT_EQ(co_await b.update("age", "33", 7), 8u);
    auto [put, no_put] = co_await b.put(".bad", "v", nothrow);
    auto [got, no_entry] = co_await b.get(".bad", nothrow);
    auto [erased, no_marker] = co_await b.erase(".bad", nothrow);
    for (const error_code& code : {put, got, erased}) EXPECT_EQ(code, errc::invalid_key) << code;
    const bucket_status status = co_await b.status();
    EXPECT_EQ(status.messages, 7u) << "name keeps five of its six revisions, age both";
    EXPECT_EQ(status.config.history(), 5);
    EXPECT_EQ(status.config.ttl(), 1h);
    EXPECT_EQ(status.config.metadata(), asked.metadata());
    EXPECT_EQ(status.config.limit_marker_ttl(), asked.limit_marker_ttl());
    EXPECT_EQ(status.stream.name, "KV_B");
  });
}

// peer: N20, N56, N57
TEST_P(peer_values, of_a_hundred_keys_are_read_and_listed) {
  with_bucket(bucket_config("B"), [](client&, bucket& b) -> asio::awaitable<void> {
    std::vector<std::string> written;
    for (int i = 0; i < 100; ++i) {
      written.push_back("k" + std::to_string(i));
      co_await b.put(written.back(), std::to_string(i));
    }
    for (int i = 0; i < 100; ++i) EXPECT_EQ(co_await value_of(b, written[i]), std::to_string(i));
    const std::vector<std::string> listed = co_await b.keys();
    EXPECT_EQ(show(listed), show(written));
    std::vector<std::string> watched;
    watcher all = b.watch_all({.meta_only = true, .initial_only = true});
    while (const std::optional<entry> e = co_await all.next()) watched.emplace_back(e->key());
    EXPECT_EQ(watched, written) << "in the order of their revisions";
  });
}

// Whatever is written meanwhile.
// peer: G38
TEST_P(peer_values, that_change_while_keys_are_listed_are_listed_once) {
  with_bucket(with_history(5), [](client&, bucket& b) -> asio::awaitable<void> {
    const auto key = [](int i) { return "key_" + std::to_string(i); };
    for (int i = 0; i < 10; ++i) co_await b.put(key(i), "first");
    bool listing = true, writing = true;
    std::uint64_t written = 0;
    const auto write = [&]() -> asio::awaitable<void> {
      while (listing) {
        for (int i = 0; i < 5; ++i, ++written) co_await b.put(key(i), "again");
      }
    };
    asio::co_spawn(co_await asio::this_coro::executor, write(), [&](std::exception_ptr why) {
      EXPECT_FALSE(why);
      writing = false;
    });
    for (int round = 0; round < 20; ++round) {
      std::vector<std::string> keys = co_await b.keys();
      std::sort(keys.begin(), keys.end());
      EXPECT_EQ(keys.size(), 10u) << show(keys);
      EXPECT_EQ(std::unique(keys.begin(), keys.end()), keys.end()) << show(keys);
    }
    listing = false;
    co_await until([&] { return !writing; });
    EXPECT_GT(written, 0u);
  });
}

// --- deletions --------------------------------------------------------------------------------------------------------------

// peer: G19
TEST_P(peer_values, a_hundred_deletions_leave_nothing) {
  with_bucket(with_history(), [&](client&, bucket& b) -> asio::awaitable<void> {
    std::vector<std::string> keys;
    for (int i = 1; i <= 100; ++i) keys.push_back("key-" + std::to_string(i));
    for (const std::string& key : keys) co_await b.put(key, std::string(99, 'x'));
    for (const std::string& key : keys) co_await b.erase(key);
    EXPECT_EQ(stream_field(raw, "B", "messages"), "200");
    EXPECT_EQ(co_await b.purge_deletes({.older_than = 0s}), 200u);
    EXPECT_EQ(stream_field(raw, "B", "messages"), "0");
    EXPECT_EQ(co_await b.purge_deletes({.timeout = 20s}), 0u) << "of an empty bucket, by a deadline";
  });
}

// One deletion is older than the threshold, the other one is younger. A machine that was busy for so long that both are older
// has shown nothing: once more, with other keys.
// peer: G20
TEST_P(peer_values, deletions_are_freed_by_their_age) {
  with_bucket(with_history(), [](client&, bucket& b) -> asio::awaitable<void> {
    constexpr auto threshold = 200ms;
    bool shown = false;
    for (int attempt = 0; !shown; ++attempt) {
      const std::string old = "old." + std::to_string(attempt), young = "young." + std::to_string(attempt);
      for (const std::string& key : {old, young, old}) co_await b.put(key, "v");
      co_await b.erase(old);
      const std::optional<entry> of_old = co_await b.get_entry(old);
      while (system_clock::now() - of_old.value().created() <= threshold) co_await b.status();
      co_await b.erase(young);
      const std::optional<entry> of_young = co_await b.get_entry(young);
      co_await b.purge_deletes({.older_than = threshold});
      shown = system_clock::now() - of_young.value().created() < threshold;
      EXPECT_EQ(co_await history_of(b, old), "");
      if (shown) {
        EXPECT_EQ(co_await history_of(b, young), show(of_young)) << "without the value before it";
      }
    }
  });
}

// --- where others answer ------------------------------------------------------------------------------------------------

// A mirror that others have made answers gets of its origin.
// peer: G30
TEST_P(peer_values, are_read_from_a_mirror_as_well) {
  with_bucket(bucket_config("B"), [&](client&, bucket& b) -> asio::awaitable<void> {
    api(raw, "STREAM.CREATE.MIRROR",
        R"({"name":"MIRROR","mirror":{"name":"KV_B"},"mirror_direct":true,"allow_direct":true})");
    for (int i = 0; i < 100; ++i) {
      const std::string key = "KEY." + std::to_string(i);
      co_await b.put(key, std::to_string(i));
      EXPECT_EQ(co_await value_of(b, key), std::to_string(i)) << "though the mirror may not have it yet";
    }
    co_await until(
        [&] { return api(raw, "STREAM.INFO.MIRROR").find(R"("messages":100)") != std::string::npos; });
    for (int i = 0; i < 100; ++i) {
      const std::optional<entry> any = co_await b.get("KEY.22", {.consistency = consistency::any});
      EXPECT_EQ(show(any), "KEY.22@23=22");
    }
  });
}

// --- names ------------------------------------------------------------------------------------------------------------------

// peer: N35, N41
TEST_P(peer_values, have_keys_by_the_rules_of_all_clients) {
  with_bucket(bucket_config("B"), [](client&, bucket& b) -> asio::awaitable<void> {
    for (const char* good : {"k.1", "=", "_", "-", "123", "Abc", "k1"}) {
      EXPECT_TRUE(is_valid_key(good)) << good;
      const revision put = co_await b.put(good, "1");
      co_await b.update(good, "2", put);
      EXPECT_EQ(co_await value_of(b, good), "2");
      co_await b.erase(good);
    }
    for (const char* bad : {"", ".k", "k.", "k$", "k%", "k*", "k>", "k\n", "k\r", "     ", "a 1"}) {
      EXPECT_FALSE(is_valid_key(bad)) << bad;
      auto [created, no_first] = co_await b.create(bad, "v", nothrow);
      auto [put, no_second] = co_await b.put(bad, "v", nothrow);
      auto [updated, no_third] = co_await b.update(bad, "v", 1, nothrow);
      for (const error_code& code : {created, put, updated}) EXPECT_EQ(code, errc::invalid_key) << bad;
    }
  });
}

}  // namespace
}  // namespace kvco::test
