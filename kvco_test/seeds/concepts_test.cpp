// The sentences of the concept page of Key/Value (S3).
#include <gmock/gmock.h>

#include <kvco_test/support/server/kv_test.hpp>

namespace kvco::test {
namespace {

using std::chrono_literals::operator""s;
using testing::HasSubstr;

class concepts : public generations_test {};
KVCO_ON_ALL_GENERATIONS(concepts);

// Two clients: what one has been acknowledged, the other reads, from the leader.
// seed: S3.1
TEST_P(concepts, an_acknowledged_put_is_seen_by_the_next_get) {
  with_bucket(bucket_config("B"), [&](client&, bucket& b) -> asio::awaitable<void> {
    client elsewhere = co_await connect(server.url());
    bucket same = co_await elsewhere.open_bucket("B");
    for (int i = 0; i < 100; ++i) {
      const std::string value = std::to_string(i);
      co_await b.put("k", value);
      const auto seen = co_await same.get("k", {.consistency = consistency::leader});
      EXPECT_EQ(seen.value().value(), value);
    }
  });
}

// seed: S3.2
TEST_P(concepts, a_bucket_is_one_stream_whose_limits_are_set_when_it_is_created) {
  raw_client raw(server.port());
  with_bucket(bucket_config("B").history(5).ttl(3600s).max_bytes(1 << 20).max_value_size(1000),
              [&](client&, bucket& b) -> asio::awaitable<void> {
                EXPECT_EQ(stream_field(raw, "B", "max_msgs_per_subject"), "5");
                EXPECT_EQ(stream_field(raw, "B", "max_age"), "3600000000000");
                EXPECT_EQ(stream_field(raw, "B", "max_bytes"), "1048576");
                EXPECT_EQ(stream_field(raw, "B", "max_msg_size"), "1000");
                const bucket_status status = co_await b.status();
                EXPECT_EQ(status.stream.name, "KV_B");
                EXPECT_EQ(status.config.history(), 5);
                EXPECT_EQ(status.config.ttl(), 3600s);
                EXPECT_EQ(status.config.max_bytes(), 1 << 20);
                EXPECT_EQ(status.config.max_value_size(), 1000);
              });
}

// seed: S3.3
TEST_P(concepts, values_survive_a_restart_of_the_server) {
  with_bucket(with_history(), [&](client&, bucket& b) -> asio::awaitable<void> {
    co_await b.put("k", "one");
    co_await b.put("k", "two");
    server.restart();
    EXPECT_EQ(co_await value_of(b, "k"), "two");
    EXPECT_EQ(co_await history_of(b, "k"), "k@1=one k@2=two");
    EXPECT_EQ(co_await b.put("k", "three", {.retry = retry::idempotent}), 3u);
  });
}

// The page writes that purge clears all values. In every client, and here, it is of one key.
// seed: S3.4
TEST_P(concepts, put_get_delete_purge_and_keys) {
  with_bucket(with_history(), [](client&, bucket& b) -> asio::awaitable<void> {
    for (const char* key : {"a", "b", "c"}) co_await b.put(key, "v");
    EXPECT_EQ(co_await value_of(b, "a"), "v");
    co_await b.erase("a");
    co_await b.purge("b");
    EXPECT_EQ(co_await value_of(b, "a"), "none");
    EXPECT_EQ(co_await value_of(b, "b"), "none");
    EXPECT_EQ(co_await value_of(b, "c"), "v");
    EXPECT_EQ(co_await keys_of(b), "c");
    const auto deletion = co_await b.get_entry("a");
    EXPECT_EQ(show(deletion), "a@4 DEL") << "an operation is associated with it";
  });
}

// Compare to null and set, compare and set: of those that race, one wins each round.
// seed: S3.5, S3.6, S3.7
TEST_P(concepts, creates_and_updates_that_race_have_one_winner) {
  with_bucket(bucket_config("B"), [&](client&, bucket& b) -> asio::awaitable<void> {
    std::vector<client> clients;
    for (int i = 0; i < 4; ++i) clients.push_back(co_await connect(server.url()));
    std::vector<bucket> buckets;
    for (client& each : clients) buckets.push_back(co_await each.open_bucket("B"));
    std::vector<heard<revision>> creates(8), updates(8);
    for (std::size_t i = 0; i < 8; ++i) buckets[i % 4].create("lock", std::to_string(i), creates[i]);
    co_await until(
        [&] { return std::all_of(creates.begin(), creates.end(), [](auto& one) { return one.done(); }); });
    const auto won = [](const heard<revision>& one) { return !one.code(); };
    EXPECT_EQ(std::count_if(creates.begin(), creates.end(), won), 1);
    const std::optional<entry> held = co_await b.get("lock", {.consistency = consistency::leader});
    const revision last = held.value().revision();
    for (std::size_t i = 0; i < 8; ++i) buckets[i % 4].update("lock", std::to_string(i), last, updates[i]);
    co_await until(
        [&] { return std::all_of(updates.begin(), updates.end(), [](auto& one) { return one.done(); }); });
    EXPECT_EQ(std::count_if(updates.begin(), updates.end(), won), 1);
    for (const auto& each : creates) EXPECT_TRUE(won(each) || each.code() == errc::key_exists) << each.code();
    for (const auto& each : updates)
      EXPECT_TRUE(won(each) || each.code() == errc::wrong_last_revision) << each.code();
  });
}

// seed: S3.8
TEST_P(concepts, each_limit_has_an_error_of_its_own) {
  with_bucket(bucket_config("B").max_bytes(2000).max_value_size(1000),
              [](client& nats, bucket& b) -> asio::awaitable<void> {
                const auto [large, none] = co_await b.put("k", std::string(1001, 'x'), nothrow);
                EXPECT_EQ(large, errc::value_too_large) << large;
                EXPECT_EQ(large, error_code(10054, jetstream_category()));
                error_code full;
                for (int i = 0; i < 10 && !full; ++i) {
                  const std::string key = "k" + std::to_string(i);
                  std::tie(full, std::ignore) = co_await b.put(key, std::string(500, 'x'), nothrow);
                }
                EXPECT_EQ(full, errc::bucket_full) << full;
                const std::string beyond(nats.server_info().max_payload + 1, 'x');
                const auto [refused, no_revision] = co_await b.put("k", beyond, nothrow);
                EXPECT_EQ(refused, client_error::value_over_max_payload) << refused;
              });
}

// seed: S3.9
TEST_P(concepts, what_is_older_than_the_ttl_of_the_bucket_is_gone) {
  with_bucket(bucket_config("B").ttl(1s), [](client&, bucket& b) -> asio::awaitable<void> {
    co_await b.put("k", "v");
    EXPECT_EQ(co_await value_of(b, "k"), "v");
    while (co_await b.get("k")) {
    }
    EXPECT_EQ(co_await keys_of(b), "");
    EXPECT_EQ(co_await history_of(b, "k"), "");
  });
}

// seed: S3.10, S3.11, S3.12
TEST_P(concepts, a_watch_sees_puts_and_deletions_and_a_history_has_both) {
  with_bucket(with_history(), [](client&, bucket& b) -> asio::awaitable<void> {
    watcher key = b.watch("k"), all = b.watch_all();
    co_await key.ready();
    co_await all.ready();
    co_await b.put("k", "v");
    co_await b.put("other", "v");
    co_await b.erase("k");
    co_await b.purge("k");
    for (const char* seen : {"k@1=v", "k@3 DEL", "k@4 PURGE"}) EXPECT_EQ(co_await next_of(key), seen);
    for (const char* seen : {"k@1=v", "other@2=v", "k@3 DEL", "k@4 PURGE"})
      EXPECT_EQ(co_await next_of(all), seen);
    co_await b.put("k", "again");
    co_await b.erase("k");
    EXPECT_EQ(co_await history_of(b, "k"), "k@4 PURGE k@5=again k@6 DEL");
  });
}

// seed: S3.13
TEST_P(concepts, a_key_that_is_no_subject_is_refused_before_anything_is_sent) {
  with_bucket(bucket_config("B"), [](client& nats, bucket& b) -> asio::awaitable<void> {
    const auto written = nats.statistics().bytes_out;
    for (const char* key :
         {"", ".", ".a", "a.", "a..b", "a b", "a\tb", "a\r\nb", "*", "a.*", ">", "a.>", "a>b", "ü", "a:b"}) {
      const auto [code, none] = co_await b.put(key, "v", nothrow);
      EXPECT_EQ(code, errc::invalid_key) << key << " " << code;
      EXPECT_THAT(error_detail(), HasSubstr("key")) << key;
      EXPECT_FALSE(is_valid_key(key)) << key;
    }
    EXPECT_EQ(nats.statistics().bytes_out, written);
    EXPECT_EQ(co_await b.put("a-/_=.Z9", "v"), 1u);
    EXPECT_EQ(co_await keys_of(b, "a-/_=.*"), "a-/_=.Z9") << "wildcards are for filters";
  });
}

// seed: S3.14
TEST_P(concepts, a_value_is_any_array_of_bytes) {
  with_bucket(bucket_config("B"), [](client&, bucket& b) -> asio::awaitable<void> {
    const std::string protocol = "+OK\r\nMSG $KV.B.k 1 0\r\n\r\n-ERR 'no'\r\n";
    for (const std::string& value : {std::string(), protocol, std::string(1 << 19, '\0')}) {
      co_await b.put("k", value);
      EXPECT_EQ(co_await value_of(b, "k"), value);
    }
  });
}

// The walk through that the page links: its lock, its late watcher, its deletion of a key that never was.
// seed: S3.7, S3.12
TEST_P(concepts, the_walk_through) {
  with_bucket(bucket_config("my-kv"), [](client&, bucket& b) -> asio::awaitable<void> {
    co_await b.put("Key1", "Value1");
    EXPECT_EQ(co_await value_of(b, "Key1"), "Value1");
    EXPECT_EQ(co_await b.create("my-semaphore", "Value1"), 2u);
    const auto [exists, none] = co_await b.create("my-semaphore", "Value1", nothrow);
    EXPECT_EQ(exists, errc::key_exists) << exists;
    EXPECT_THAT(error_detail(), HasSubstr("my-semaphore"));
    EXPECT_EQ(co_await b.update("my-semaphore", "Value2", 2), 3u);
    const auto [wrong, no_revision] = co_await b.update("my-semaphore", "Value2", 2, nothrow);
    EXPECT_EQ(wrong, errc::wrong_last_revision) << wrong;
    co_await b.erase("my-semaphore");
    co_await b.erase("never.was");
    watcher late = b.watch_all();
    EXPECT_EQ(co_await initial_of(late), "Key1@1=Value1 my-semaphore@4 DEL never.was@5 DEL");
    EXPECT_EQ(co_await b.create("my-semaphore", "held again"), 6u);
    EXPECT_EQ(co_await next_of(late), "my-semaphore@6=held again");
  });
}

}  // namespace
}  // namespace kvco::test
