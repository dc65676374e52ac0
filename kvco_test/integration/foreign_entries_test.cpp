// Entries that others have stored, by rules of their own: keys that kvco would not write, headers that look like a server's answer.
#include <gmock/gmock.h>

#include <kvco_test/support/server/kv_test.hpp>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;

class foreign_entries_test : public generations_test {
 protected:
  raw_client raw{server.port()};

  void store(const std::string& key, const std::string& value) { raw.request("$KV.B." + key, value); }
  /// With a header block as it stands. Returns when it is stored: the server reads and stores on different goroutines.
  void store_with(const std::string& key, const std::string& block, const std::string& value) {
    const std::string before = stream_field(raw, "B", "last_seq");
    raw.send("HPUB $KV.B." + key + " " + std::to_string(block.size()) + " " +
             std::to_string(block.size() + value.size()) + "\r\n" + block + value + "\r\n");
    while (stream_field(raw, "B", "last_seq") == before) {
    }
  }
};
KVCO_ON_ALL_GENERATIONS(foreign_entries_test);

const std::vector<std::string>& keys_of_others() {
  static const std::vector<std::string> all = {
      "a~b",
      "a:b",
      "a,b;c",
      "k\xc3\xa4se.\xe2\x82\xac",
      "\xf0\x9f\x8d\x89",
      "a\"b",
      "a\\b",
      "{}[]",
      "$x.@y",
      "a*b",
      "x>y",
      "%20",
      std::string("nul\0", 4),
      "ctrl\x01",
      "a'b`c",
      "<a>&b",
      "\xc2\xa0",
      "n\xc2\x80",
  };
  return all;
}

// field: X6
TEST_P(foreign_entries_test, of_any_key_are_read) {
  with_bucket(with_history(), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    co_await b.put("plain", "v");
    for (const std::string& key : keys_of_others()) {
      store(key, "1");
      store(key, "2");
    }
    for (const std::string& key : keys_of_others()) {
      EXPECT_EQ(co_await value_of(b, key), "2") << key;
      const std::optional<entry> led = co_await b.get(key, {.consistency = consistency::leader});
      EXPECT_EQ(led ? led->value() : "none", "2") << key;
      const std::vector<entry> all = co_await b.history(key);
      EXPECT_EQ(all.size(), 2u) << key;
      if (all.empty()) continue;
      EXPECT_EQ(all.back().key(), key);
      const std::optional<entry> first = co_await b.get_revision(key, all.front().revision());
      EXPECT_EQ(show(first), show(all.front()));
    }
    EXPECT_EQ(nats.statistics().reconnects, 0u);
  });
}

// field: X6
TEST_P(foreign_entries_test, are_read_with_all_others_at_once) {
  with_bucket(with_history(), [&](client&, bucket& b) -> asio::awaitable<void> {
    co_await b.put("plain", "plain");
    for (const std::string& key : keys_of_others()) store(key, key);
    // These no request could name: a wildcard, or what is no text in JSON.
    for (const char* key : {"*", "a.*", ">", "\xff", "\xc3", "\xed\xa0\x80"}) store(key, "unnamed");
    for (const consistency who : {consistency::session, consistency::leader}) {
      const std::vector<std::string> keys = co_await b.keys();
      EXPECT_EQ(keys.size(), keys_of_others().size() + 1);
      const auto found = co_await b.get_many(keys, {.consistency = who});
      for (std::size_t i = 0; i < keys.size(); ++i) EXPECT_EQ(found[i] ? found[i]->value() : "none", keys[i]);
    }
  });
}

// field: X6
TEST_P(foreign_entries_test, of_any_key_are_removed) {
  with_bucket(with_history(), [&](client&, bucket& b) -> asio::awaitable<void> {
    co_await b.put("plain", "v");
    for (const std::string& key : keys_of_others()) {
      store(key, "1");
      const std::optional<entry> now = co_await b.get(key);
      co_await b.erase(key, {.last_revision = now->revision()});
      EXPECT_EQ(co_await value_of(b, key), "none") << key;
      store(key, "2");
      const revision marker = co_await b.purge(key);
      const std::vector<entry> left = co_await b.history(key);
      EXPECT_EQ(left.size(), 1u) << key;
      EXPECT_EQ(left.back().revision(), marker);
    }
    EXPECT_EQ(co_await b.purge_deletes({.older_than = 0s}), keys_of_others().size());
    EXPECT_EQ(stream_field(raw, "B", "messages"), "1");
    EXPECT_EQ(co_await keys_of(b), "plain");
  });
}

TEST_P(foreign_entries_test, are_watched_by_their_keys) {
  with_bucket(with_history(), [&](client&, bucket& b) -> asio::awaitable<void> {
    store("a:b.c", "1");
    store("k\xc3\xa4se", "2");
    watcher one = b.watch("k\xc3\xa4se", restless);
    EXPECT_EQ(co_await initial_of(one), "k\xc3\xa4se@2=2");
    watcher below = b.watch("a:b.*", restless);
    EXPECT_EQ(co_await initial_of(below), "a:b.c@1=1");
    EXPECT_EQ(co_await keys_of(b, "a:b.>"), "a:b.c");
  });
}

// field: X6
TEST_P(foreign_entries_test, are_not_written_by_ourselves) {
  with_bucket(with_history(), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    const auto before = nats.statistics().bytes_out;
    for (const std::string& key : keys_of_others()) {
      auto [put, none] = co_await b.put(key, "v", nothrow);
      auto [created, no_second] = co_await b.create(key, "v", nothrow);
      auto [updated, no_third] = co_await b.update(key, "v", 1, nothrow);
      for (const error_code& code : {put, created, updated})
        EXPECT_EQ(code, errc::invalid_key) << key << code;
      const std::vector<put_item> items = {{key, "v"}};
      const std::vector<put_outcome> many = co_await b.put_many(items);
      EXPECT_EQ(many[0].code(), errc::invalid_key) << key;
    }
    EXPECT_EQ(nats.statistics().bytes_out, before);
  });
}

// --- headers ------------------------------------------------------------------------------------------------------------------

// Servers before 2.12 give back a status line that was stored.
// field: X5
TEST_P(foreign_entries_test, with_the_status_line_of_an_answer_are_values) {
  const char* lines[] = {" 404 x",
                         " 404 Message Not Found",
                         " 503",
                         " 408 Request Timeout",
                         " 413 y",
                         " 204 EOB",
                         " 100 Idle Heartbeat",
                         " 412 Level",
                         " 429 Too Many Requests",
                         " 500 z",
                         " 999",
                         "\t404",
                         "   503 ",
                         " text"};
  with_bucket(with_history(), [&](client&, bucket& b) -> asio::awaitable<void> {
    std::vector<std::string> keys = {"plain", "absent"};
    co_await b.put("plain", "plain");
    for (const char* line : lines) {
      keys.push_back("k" + std::to_string(keys.size()));
      store_with(keys.back(), std::string("NATS/1.0") + line + "\r\nA: b\r\n\r\n", keys.back());
    }
    keys.push_back("no_fields");
    store_with("no_fields", "NATS/1.0\r\nnot a field\r\n\r\n", "no_fields");
    keys.push_back("no_block");
    store_with("no_block", "some bytes\r\n\r\n", "no_block");
    for (const consistency who : {consistency::session, consistency::leader}) {
      const auto many = co_await b.get_many(keys, {.consistency = who});
      revision rev = 0;
      for (std::size_t i = 0; i < keys.size(); ++i) {
        const std::string expected =
            keys[i] == "absent" ? "none" : keys[i] + "@" + std::to_string(++rev) + "=" + keys[i];
        auto [ec, one] = co_await b.get(keys[i], {.timeout = 3s, .consistency = who}, nothrow);
        EXPECT_EQ(show(one), expected) << ec << error_detail();
        EXPECT_EQ(show(many[i]), expected);
        if (keys[i] == "absent") continue;
        const std::optional<entry> at = co_await b.get_revision(keys[i], rev, {.consistency = who});
        EXPECT_EQ(show(at), expected);
        EXPECT_EQ(co_await history_of(b, keys[i]), expected);
      }
    }
    EXPECT_EQ(co_await keys_of(b, "no_block"), "no_block");
    watcher all = b.watch_all(restless);
    const std::string initial = co_await initial_of(all);
    EXPECT_EQ(std::count(initial.begin(), initial.end(), '@'), static_cast<int>(keys.size()) - 1);
  });
}

TEST_P(foreign_entries_test, with_a_status_line_are_markers_by_their_fields) {
  with_bucket(with_history(), [&](client&, bucket& b) -> asio::awaitable<void> {
    store_with("k", "NATS/1.0 404 x\r\nKV-Operation: DEL\r\n\r\n", "");
    EXPECT_EQ(co_await value_of(b, "k"), "none");
    EXPECT_EQ(co_await history_of(b, "k"), "k@1 DEL");
    EXPECT_EQ(co_await b.create("k", "v"), 2u);
  });
}

}  // namespace
}  // namespace kvco::test
