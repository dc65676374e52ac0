// What a bucket does with keys, values and deletions, on real servers.
#include <kvco_test/support/server/kv_test.hpp>

namespace kvco::test {
namespace {

class put_get_test : public generations_test {};
KVCO_ON_ALL_GENERATIONS(put_get_test);

// peer: N18
TEST_P(put_get_test, get_gives_the_last_value_with_its_revision) {
  with_bucket(bucket_config("B"), [&](client&, bucket& b) -> asio::awaitable<void> {
    const auto before = std::chrono::system_clock::now() - std::chrono::minutes(1);
    EXPECT_EQ(co_await value_of(b, "k"), "none");
    EXPECT_EQ(co_await b.put("k", "one"), 1u);
    EXPECT_EQ(co_await b.put("other", "x"), 2u);
    EXPECT_EQ(co_await b.put("k", "two"), 3u);
    const std::optional<entry> e = co_await b.get("k");
    EXPECT_EQ(show(e), "k@3=two");
    EXPECT_EQ(e.value().bucket(), "B");
    EXPECT_EQ(e.value().value_size(), 3u);
    EXPECT_GT(e.value().created(), before);
    EXPECT_LT(e.value().created(), before + std::chrono::minutes(2));
    EXPECT_EQ(co_await value_of(b, "k2"), "none");
    EXPECT_EQ(b.name(), "B");
  });
}

// The server judges: what kvco writes is what ADR-8 says, and what others write is read.
TEST_P(put_get_test, writes_and_reads_what_any_client_does) {
  raw_client raw(server.port());
  with_bucket(bucket_config("B"), [&](client&, bucket& b) -> asio::awaitable<void> {
    const std::string sid = raw.subscribe("$KV.B.>");
    raw.flush();
    co_await b.put("a.b", "v");
    co_await b.update("a.b", "w", 1);
    co_await b.erase("a.b");
    co_await b.purge("a.b");
    co_await b.create("c", "x");
    const raw_message put = raw.next(sid);
    EXPECT_EQ(put.subject, "$KV.B.a.b");
    EXPECT_EQ(put.payload, "v");
    EXPECT_EQ(put.headers, "");
    EXPECT_EQ(raw.next(sid).headers, "NATS/1.0\r\nNats-Expected-Last-Subject-Sequence: 1\r\n\r\n");
    const raw_message erase = raw.next(sid);
    EXPECT_EQ(erase.headers, "NATS/1.0\r\nKV-Operation: DEL\r\n\r\n");
    EXPECT_EQ(erase.payload, "");
    EXPECT_EQ(raw.next(sid).headers, "NATS/1.0\r\nKV-Operation: PURGE\r\nNats-Rollup: sub\r\n\r\n");
    EXPECT_EQ(raw.next(sid).header("Nats-Expected-Last-Subject-Sequence"), "0");

    raw.request("$KV.B.raw", "by hand");
    EXPECT_EQ(co_await value_of(b, "raw"), "by hand");
    raw.request("$KV.B.raw", "", "KV-Operation: DEL\r\n");
    EXPECT_EQ(co_await value_of(b, "raw"), "none");
  });
}

// peer: G18, N22
TEST_P(put_get_test, erase_keeps_the_history_and_purge_leaves_one_marker) {
  with_bucket(with_history(), [&](client&, bucket& b) -> asio::awaitable<void> {
    co_await b.put("k", "one");
    co_await b.put("k", "two");
    EXPECT_EQ(co_await b.erase("k"), 3u);
    EXPECT_EQ(co_await value_of(b, "k"), "none");
    EXPECT_EQ(co_await history_of(b, "k"), "k@1=one k@2=two k@3 DEL");
    co_await b.put("k", "three");
    EXPECT_EQ(co_await b.purge("k"), 5u);
    EXPECT_EQ(co_await value_of(b, "k"), "none");
    EXPECT_EQ(co_await history_of(b, "k"), "k@5 PURGE");
    EXPECT_EQ(co_await b.erase("never.written"), 6u) << "no error";
    EXPECT_EQ(co_await b.purge("never.written"), 7u);
  });
}

// peer: G18, G34, N22, N40
TEST_P(put_get_test, erase_and_purge_can_depend_on_the_last_revision) {
  with_bucket(with_history(), [&](client&, bucket& b) -> asio::awaitable<void> {
    co_await b.put("k", "one");
    co_await b.put("k", "two");
    auto [erased, no_erase] = co_await b.erase("k", {.last_revision = 1}, nothrow);
    EXPECT_EQ(erased, errc::wrong_last_revision);
    EXPECT_EQ(erased, error_code(10071, jetstream_category()));
    auto [purged, no_purge] = co_await b.purge("k", {.last_revision = 1}, nothrow);
    EXPECT_EQ(purged, errc::wrong_last_revision);
    EXPECT_EQ(co_await value_of(b, "k"), "two");
    EXPECT_EQ(co_await b.erase("k", {.last_revision = 2}), 3u);
    EXPECT_EQ(co_await b.purge("k", {.last_revision = 3}), 4u);
    EXPECT_EQ(co_await history_of(b, "k"), "k@4 PURGE");
  });
}

// A variable that was never assigned must not delete what somebody else has stored.
// contract: 2
TEST_P(put_get_test, erase_and_purge_refuse_revision_zero) {
  with_bucket(bucket_config("B"), [](client&, bucket& b) -> asio::awaitable<void> {
    co_await b.put("k", "mine");
    revision never_assigned = 0;
    auto [erased, no_erase] = co_await b.erase("k", {.last_revision = never_assigned}, nothrow);
    EXPECT_EQ(erased, client_error::revision_zero) << erased;
    EXPECT_EQ(erased, errc::invalid_argument);
    auto [purged, no_purge] = co_await b.purge("k", {.last_revision = never_assigned}, nothrow);
    EXPECT_EQ(purged, client_error::revision_zero) << purged;
    EXPECT_EQ(co_await value_of(b, "k"), "mine");
    EXPECT_EQ(co_await b.erase("k", {.last_revision = {}}), 2u) << "not set: always";
  });
}

// peer: G6, N32
TEST_P(put_get_test, history_is_as_deep_as_the_bucket_keeps) {
  with_bucket(with_history(3), [&](client&, bucket& b) -> asio::awaitable<void> {
    EXPECT_EQ(co_await history_of(b, "k"), "") << "never written: empty, no error";
    for (const char* value : {"a", "b", "c", "d"}) co_await b.put("k", value);
    co_await b.put("k2", "not of this key");
    co_await b.put("k.sub", "neither");
    EXPECT_EQ(co_await history_of(b, "k"), "k@2=b k@3=c k@4=d");
    co_await b.erase("k");
    EXPECT_EQ(co_await history_of(b, "k"), "k@3=c k@4=d k@7 DEL");
  });
}

// peer: G21, G23, N3, N4
TEST_P(put_get_test, keys_are_those_with_a_value) {
  with_bucket(with_history(), [&](client&, bucket& b) -> asio::awaitable<void> {
    EXPECT_EQ(co_await keys_of(b), "") << "an empty bucket is no error";
    for (const char* key : {"a", "a.b", "a.b.c", "x.b", "gone", "purged"}) co_await b.put(key, "v");
    co_await b.put("a", "again: listed once");
    co_await b.put("empty", "");
    co_await b.erase("gone");
    co_await b.purge("purged");
    const std::vector<std::string> all = co_await b.keys();
    EXPECT_EQ(show(all), "a a.b a.b.c empty x.b");
    struct row {
      const char *filter, *keys;
    };
    static constexpr row rows[] = {
        {"a", "a"},   {"a.>", "a.b a.b.c"}, {"*.b", "a.b x.b"}, {"*", "a empty"},
        {"gone", ""}, {"*.*.*", "a.b.c"},   {"nothing.>", ""},  {">", "a a.b a.b.c empty x.b"}};
    for (const row& r : rows) EXPECT_EQ(co_await keys_of(b, r.filter), r.keys) << r.filter;
  });
}

// peer: N3
TEST_P(put_get_test, keys_end_where_only_deleted_ones_are) {
  with_bucket(with_history(), [&](client&, bucket& b) -> asio::awaitable<void> {
    for (const char* key : {"a", "b"}) {
      co_await b.put(key, "v");
      co_await b.erase(key);
    }
    EXPECT_EQ(co_await keys_of(b), "");
  });
}

TEST_P(put_get_test, keys_of_many) {
  raw_client raw(server.port());
  with_bucket(bucket_config("B").storage(storage::memory), [&](client&, bucket& b) -> asio::awaitable<void> {
    constexpr int count = 5000;
    for (int i = 0; i < count; ++i) raw.publish("$KV.B.key." + std::to_string(i), "v");
    co_await until([&] { return stream_field(raw, "B", "last_seq") == std::to_string(count); });
    std::vector<std::string> all = co_await b.keys();
    std::sort(all.begin(), all.end());
    EXPECT_EQ(std::unique(all.begin(), all.end()) - all.begin(), count);
    EXPECT_EQ(all.size(), std::size_t{count});
  });
}

TEST_P(put_get_test, keys_and_history_leave_no_consumer_behind) {
  raw_client raw(server.port());
  with_bucket(with_history(), [&](client&, bucket& b) -> asio::awaitable<void> {
    co_await b.put("k", "v");
    for (int i = 0; i < 5; ++i) {
      co_await b.keys();
      co_await b.history("k");
    }
    const auto none_left = [&] { return stream_field(raw, "B", "consumer_count") == "0"; };
    co_await until(none_left);
  });
}

// peer: G42
TEST_P(put_get_test, status_tells_what_is_stored) {
  with_bucket(with_history(), [&](client&, bucket& b) -> asio::awaitable<void> {
    const bucket_status empty = co_await b.status();
    EXPECT_EQ(empty.messages, 0u);
    EXPECT_EQ(empty.last_revision, 0u);
    for (const char* value : {"a", "b", "c"}) co_await b.put("k", value);
    co_await b.purge("k");
    co_await b.put("k2", "v");
    const bucket_status full = co_await b.status();
    EXPECT_EQ(full.messages, 2u);
    EXPECT_EQ(full.first_revision, 4u);
    EXPECT_EQ(full.last_revision, 5u);
    EXPECT_GT(full.bytes, 0u);
    EXPECT_EQ(full.config.name(), "B");
    EXPECT_EQ(full.config.history(), 10);
    EXPECT_GT(full.created, std::chrono::system_clock::now() - std::chrono::minutes(1));
  });
}

}  // namespace
}  // namespace kvco::test
