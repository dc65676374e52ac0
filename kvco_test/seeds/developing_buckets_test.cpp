// The sentences of "developing with Key/Value" (S2.1 to S2.5) about buckets: what six clients offer, as kvco's users write it.
#include <gmock/gmock.h>

#include <kvco_test/support/server/kv_test.hpp>

namespace kvco::test {
namespace {

using testing::ElementsAre;

class developing_buckets : public generations_test {};
KVCO_ON_ALL_GENERATIONS(developing_buckets);

// seed: S2.1
// peer: N6, N15
TEST_P(developing_buckets, are_managed_by_the_client) {
  with_client([](client& nats) -> asio::awaitable<void> {
    bucket made = co_await nats.create_bucket(bucket_config("B"));
    EXPECT_EQ(made.name(), "B");
    EXPECT_TRUE(made.client());
    bucket opened = co_await nats.open_bucket("B");
    EXPECT_EQ(co_await opened.put("k", "v"), 1u);
    EXPECT_EQ(co_await value_of(made, "k"), "v");
  });
}

// seed: S2.1
TEST_P(developing_buckets, are_opened_only_where_they_exist) {
  raw_client raw(server.port());
  with_client([&](client& nats) -> asio::awaitable<void> {
    const auto [missing, no_bucket] = co_await nats.open_bucket("B", nothrow);
    EXPECT_EQ(missing, errc::bucket_not_found) << missing;
    EXPECT_FALSE(stream_exists(raw, "KV_B")) << "a refused bind creates nothing";
    api(raw, "STREAM.CREATE.KV_B", R"({"name":"KV_B","subjects":["other.>"]})");
    const auto [foreign, none] = co_await nats.open_bucket("B", nothrow);
    EXPECT_EQ(foreign, errc::not_a_bucket) << foreign;
  });
}

// seed: S2.1
TEST_P(developing_buckets, are_created_with_a_name_alone_and_twice_with_the_same_configuration) {
  with_client([](client& nats) -> asio::awaitable<void> {
    bucket first = co_await nats.create_bucket(bucket_config("B"));
    co_await first.put("k", "v");
    bucket again = co_await nats.create_bucket(bucket_config("B"));
    EXPECT_EQ(co_await value_of(again, "k"), "v");
    const auto [other, none] = co_await nats.create_bucket(bucket_config("B").history(5), nothrow);
    EXPECT_EQ(other, errc::bucket_exists) << other;
    const bucket_status status = co_await again.status();
    EXPECT_EQ(status.config.history(), 1);
    EXPECT_EQ(status.config.storage(), storage::file);
  });
}

// seed: S2.1
TEST_P(developing_buckets, are_listed_by_name_without_other_streams) {
  raw_client raw(server.port());
  with_client([&](client& nats) -> asio::awaitable<void> {
    EXPECT_THAT(co_await nats.bucket_names(), ElementsAre());
    api(raw, "STREAM.CREATE.ORDERS", R"({"name":"ORDERS","subjects":["orders.>"]})");
    for (const char* name : {"b", "A", "c"}) co_await nats.create_bucket(bucket_config(name));
    const auto names = co_await nats.bucket_names();
    EXPECT_THAT(names, ElementsAre("A", "b", "c"));
  });
}

// seed: S2.1
TEST_P(developing_buckets, have_a_status_only_where_they_exist) {
  with_bucket(bucket_config("B").description("words").history(3),
              [](client& nats, bucket& b) -> asio::awaitable<void> {
                co_await b.put("k", "v");
                const bucket_status status = co_await b.status();
                EXPECT_EQ(status.config.name(), "B");
                EXPECT_EQ(status.config.description(), "words");
                EXPECT_EQ(status.messages, 1u);
                co_await nats.delete_bucket("B");
                const auto [gone, none] = co_await b.status(nothrow);
                EXPECT_EQ(gone, errc::bucket_not_found) << gone;
              });
}

// seed: S2.1, S2.23
TEST_P(developing_buckets, are_deleted_with_their_content) {
  raw_client raw(server.port());
  with_bucket(bucket_config("B"), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    co_await b.put("k", "v");
    co_await nats.delete_bucket("B");
    EXPECT_FALSE(stream_exists(raw, "KV_B"));
    const auto [again] = co_await nats.delete_bucket("B", nothrow);
    EXPECT_EQ(again, errc::bucket_not_found) << again;
  });
}

// seed: S2.1
TEST_P(developing_buckets, outlive_their_handles) {
  with_client([](client& nats) -> asio::awaitable<void> {
    {
      bucket dropped = co_await nats.create_bucket(bucket_config("B"));
      co_await dropped.put("k", "v");
    }
    bucket opened = co_await nats.open_bucket("B");
    EXPECT_EQ(co_await value_of(opened, "k"), "v");
  });
}

// seed: S2.2
TEST_P(developing_buckets, have_keys_of_tokens_that_wildcards_match) {
  with_bucket(bucket_config("B"), [](client&, bucket& b) -> asio::awaitable<void> {
    for (const char* key : {"a", "a.b", "a.b.c", "a.x.c", "A.b-_/=.9"}) co_await b.put(key, "v");
    EXPECT_EQ(co_await keys_of(b, "a.*"), "a.b");
    EXPECT_EQ(co_await keys_of(b, "a.>"), "a.b a.b.c a.x.c");
    EXPECT_EQ(co_await keys_of(b, "a.*.c"), "a.b.c a.x.c");
    EXPECT_EQ(co_await keys_of(b, "*.b-_/=.9"), "A.b-_/=.9");
    watcher updates = b.watch("a.*", {.initial_only = true});
    EXPECT_EQ(co_await initial_of(updates), "a.b@2=v");
  });
}

// seed: S2.3
TEST_P(developing_buckets, have_values_of_any_bytes) {
  with_bucket(bucket_config("B"), [](client&, bucket& b) -> asio::awaitable<void> {
    std::string every_byte;
    for (int c = 0; c < 256; ++c) every_byte += static_cast<char>(c);
    for (const std::string& value :
         {std::string(), std::string(3, '\0'), std::string("\xff\xfe\r\n"), every_byte}) {
      co_await b.put("k", value);
      EXPECT_EQ(co_await value_of(b, "k"), value);
    }
  });
}

// seed: S2.4
TEST_P(developing_buckets, are_independent_of_each_other) {
  with_bucket(bucket_config("B"), [](client& nats, bucket& b) -> asio::awaitable<void> {
    bucket other = co_await nats.create_bucket(bucket_config("B2"));
    EXPECT_EQ(co_await b.put("k", "here"), 1u);
    EXPECT_EQ(co_await other.put("k", "there"), 1u) << "revisions are those of the bucket";
    EXPECT_EQ(co_await value_of(b, "k"), "here");
    co_await nats.delete_bucket("B");
    EXPECT_EQ(co_await value_of(other, "k"), "there");
  });
}

// Not enabled, an answer of the API, a deadline, a cancellation, the end of the client: five meanings.
// seed: S2.5
TEST_P(developing_buckets, report_errors_that_can_be_told_apart) {
  nats_server without({.version = GetParam(), .jetstream = false});
  run([&]() -> asio::awaitable<void> {
    client nats = co_await connect(without.url());
    const auto [disabled, none] = co_await nats.create_bucket(bucket_config("B"), nothrow);
    EXPECT_EQ(disabled, errc::jetstream_not_enabled) << disabled;
  });
  with_bucket(bucket_config("B"), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    const auto [refused, none] = co_await nats.open_bucket("none", nothrow);
    EXPECT_EQ(refused, errc::bucket_not_found) << refused;
    server.pause();
    const auto [late, no_entry] = co_await b.get("k", {.timeout = std::chrono::milliseconds(50)}, nothrow);
    EXPECT_EQ(late, errc::timeout) << late;
    asio::cancellation_signal stop;
    heard<std::optional<entry>> cancelled;
    b.get("k", asio::bind_cancellation_slot(stop.slot(), cancelled));
    stop.emit(asio::cancellation_type::terminal);
    co_await until([&] { return cancelled.done(); });
    EXPECT_EQ(cancelled.code(), asio::error::operation_aborted) << cancelled.code();
    server.resume();
    co_await nats.close();
    const auto [closed, no_value] = co_await b.get("k", nothrow);
    EXPECT_EQ(closed, errc::closed) << closed;
  });
}

}  // namespace
}  // namespace kvco::test
