// The sentences of "developing with Key/Value" (S2.6 to S2.32) about reading, writing, deleting and listing.
#include <gmock/gmock.h>

#include <kvco/typed/typed_bucket.hpp>
#include <kvco_test/support/server/kv_test.hpp>

namespace kvco::test {
namespace {

using std::chrono_literals::operator""ms;

class developing_values : public generations_test {};
KVCO_ON_ALL_GENERATIONS(developing_values);

// seed: S2.6, S2.7, S2.8, S2.9, S2.10
TEST_P(developing_values, are_read_as_the_latest_and_by_revision) {
  with_bucket(with_history(), [](client&, bucket& b) -> asio::awaitable<void> {
    EXPECT_EQ(co_await value_of(b, "k"), "none") << "a missing key is no error";
    co_await b.put("k", "one");
    co_await b.put("k", "two");
    co_await b.put("other", "three");
    EXPECT_EQ(co_await value_of(b, "k"), "two");
    const auto old = co_await b.get_revision("k", 1);
    EXPECT_EQ(show(old), "k@1=one");
    const auto of_another_key = co_await b.get_revision("k", 3);
    EXPECT_EQ(show(of_another_key), "none");
    co_await b.erase("k");
    EXPECT_EQ(co_await value_of(b, "k"), "none") << "deleted";
    EXPECT_EQ(co_await history_of(b, "k"), "k@1=one k@2=two k@4 DEL");
    watcher updates = b.watch("k", {.initial_only = true});
    EXPECT_EQ(co_await initial_of(updates), "k@4 DEL");
  });
}

// seed: S2.11, S2.12, S2.13, S2.14
TEST_P(developing_values, are_put_as_bytes_texts_and_numbers) {
  with_bucket(bucket_config("B"), [](client&, bucket& b) -> asio::awaitable<void> {
    const std::array<std::byte, 3> bytes = {std::byte{0}, std::byte{0xff}, std::byte{'\n'}};
    EXPECT_EQ(co_await b.put("bytes", bytes), 1u);
    EXPECT_EQ(co_await value_of(b, "bytes"), std::string("\0\xff\n", 3));
    EXPECT_EQ(co_await b.put("text", "crème brûlée"), 2u);
    EXPECT_EQ(co_await value_of(b, "text"), "crème brûlée");
    typed_bucket<std::int64_t> numbers(b);
    EXPECT_EQ(co_await numbers.put("number", -9'223'372'036'854'775'807), 3u);
    EXPECT_EQ(co_await value_of(b, "number"), "-9223372036854775807");
    const auto read = co_await numbers.get("number");
    EXPECT_EQ(read.value().value(), -9'223'372'036'854'775'807);
    EXPECT_EQ(co_await b.erase("text"), 4u);
    EXPECT_EQ(co_await b.purge("text"), 5u);
    EXPECT_EQ(co_await b.create("text", "again"), 6u);
    EXPECT_EQ(co_await b.update("text", "and again", 6), 7u);
  });
}

// seed: S2.15, S3.5
TEST_P(developing_values, are_created_where_there_is_none) {
  with_bucket(with_history(), [](client&, bucket& b) -> asio::awaitable<void> {
    EXPECT_EQ(co_await b.create("k", "one"), 1u);
    const auto [exists, none] = co_await b.create("k", "two", nothrow);
    EXPECT_EQ(exists, errc::key_exists) << exists;
    EXPECT_EQ(co_await value_of(b, "k"), "one");
    co_await b.erase("k");
    EXPECT_EQ(co_await b.create("k", "after a deletion"), 3u);
    co_await b.purge("k");
    EXPECT_EQ(co_await b.create("k", "after a purge"), 5u);
  });
}

// seed: S2.16, S2.17, S3.6
TEST_P(developing_values, are_updated_where_the_revision_is_the_last) {
  with_bucket(bucket_config("B"), [](client&, bucket& b) -> asio::awaitable<void> {
    EXPECT_EQ(co_await b.update("k", std::string("one"), 0), 1u) << "0: a new key";
    EXPECT_EQ(co_await b.update("k", "two", 1), 2u);
    for (const revision stale : {0, 1, 3}) {
      const auto [wrong, none] = co_await b.update("k", "three", stale, nothrow);
      EXPECT_EQ(wrong, errc::wrong_last_revision) << stale << " " << wrong;
    }
    EXPECT_EQ(co_await value_of(b, "k"), "two");
  });
}

// seed: S2.18
TEST_P(developing_values, are_put_with_options) {
  with_bucket(bucket_config("B"), [&](client&, bucket& b) -> asio::awaitable<void> {
    EXPECT_EQ(co_await b.put("k", "v", {.timeout = 30'000ms}), 1u);
    server.pause();
    const auto [late, none] = co_await b.put("k", "w", {.timeout = 50ms}, nothrow);
    EXPECT_EQ(late, errc::outcome_unknown) << late;
    server.resume();
  });
}

// Deleting keeps the history, whatever Python's docstring says; purging does not. Two keys beside are left alone.
// seed: S2.19, S2.20
TEST_P(developing_values, are_deleted_by_a_marker_or_purged_to_one) {
  with_bucket(with_history(), [](client&, bucket& b) -> asio::awaitable<void> {
    for (const char* key : {"erased", "purged", "erased.not", "purged.not"}) {
      co_await b.put(key, "one");
      co_await b.put(key, "two");
    }
    EXPECT_EQ(co_await b.erase("erased"), 9u);
    EXPECT_EQ(co_await b.purge("purged"), 10u);
    EXPECT_EQ(co_await history_of(b, "erased"), "erased@1=one erased@2=two erased@9 DEL");
    EXPECT_EQ(co_await history_of(b, "purged"), "purged@10 PURGE");
    EXPECT_EQ(co_await history_of(b, "purged.not"), "purged.not@7=one purged.not@8=two");
    EXPECT_EQ(co_await keys_of(b), "erased.not purged.not");
  });
}

// seed: S2.21, S2.22
TEST_P(developing_values, that_are_deleted_leave_no_trace_after_purge_deletes) {
  with_bucket(with_history(), [](client&, bucket& b) -> asio::awaitable<void> {
    for (const char* value : {"one", "two"}) co_await b.put("gone", value);
    co_await b.erase("gone");
    co_await b.put("kept", "v");
    EXPECT_EQ(co_await b.purge_deletes(), 2u)
        << "the marker is younger than half an hour: what is before it goes";
    EXPECT_EQ(co_await history_of(b, "gone"), "gone@3 DEL");
    EXPECT_EQ(co_await b.purge_deletes({.older_than = 0ms}), 1u);
    EXPECT_EQ(co_await history_of(b, "gone"), "");
    EXPECT_EQ(co_await history_of(b, "kept"), "kept@4=v");
  });
}

// seed: S2.24, S2.26, S2.27
// peer: N5
TEST_P(developing_values, are_listed_by_key) {
  with_bucket(with_history(), [](client&, bucket& b) -> asio::awaitable<void> {
    EXPECT_THAT(co_await b.keys(), testing::IsEmpty()) << "an empty bucket is no error";
    for (const char* key : {"a.1", "a.2", "b.1", "erased", "purged"}) co_await b.put(key, "v");
    co_await b.erase("erased");
    co_await b.purge("purged");
    EXPECT_EQ(co_await keys_of(b), "a.1 a.2 b.1") << "the default filter is every key";
    EXPECT_EQ(co_await keys_of(b, "a.*"), "a.1 a.2");
    const std::vector<std::string> filters = {"*.1", "a.>"};
    auto several = co_await b.keys(filters);
    EXPECT_EQ(show(several), "a.1 a.2 b.1");
  });
}

// The options of a watch, for a list: values left out, deletions shown.
// seed: S2.25
TEST_P(developing_values, are_listed_with_the_options_of_a_watch) {
  with_bucket(with_history(), [](client&, bucket& b) -> asio::awaitable<void> {
    co_await b.put("a", "12345");
    co_await b.put("b", "v");
    co_await b.erase("b");
    watcher all = b.watch_all({.meta_only = true, .initial_only = true});
    const auto first = co_await all.next();
    EXPECT_EQ(show(first), "a@1=");
    EXPECT_EQ(first.value().value_size(), 5u);
    EXPECT_EQ(co_await next_of(all), "b@3 DEL");
    EXPECT_EQ(co_await next_of(all), "end");
    watcher live = b.watch_all({.ignore_deletes = true, .initial_only = true});
    EXPECT_EQ(co_await initial_of(live), "a@1=12345");
  });
}

// seed: S2.28, S2.29, S2.30
TEST_P(developing_values, have_a_history_as_deep_as_the_bucket_was_created) {
  with_bucket(with_history(3), [](client& nats, bucket& b) -> asio::awaitable<void> {
    for (const char* value : {"one", "two", "three", "four"}) co_await b.put("k", value);
    co_await b.erase("k");
    EXPECT_EQ(co_await history_of(b, "k"), "k@3=three k@4=four k@5 DEL");
    watcher sizes = b.watch("k", {.meta_only = true, .include_history = true, .initial_only = true});
    EXPECT_EQ(co_await initial_of(sizes), "k@3= k@4= k@5 DEL");
    bucket shallow = co_await nats.create_bucket(bucket_config("SHALLOW"));
    for (const char* value : {"one", "two"}) co_await shallow.put("k", value);
    EXPECT_EQ(co_await history_of(shallow, "k"), "k@2=two") << "the default is one";
  });
}

// seed: S2.31, S2.32
TEST_P(developing_values, have_a_history_of_the_whole_bucket_entry_by_entry) {
  with_bucket(with_history(), [](client&, bucket& b) -> asio::awaitable<void> {
    for (const char* key : {"a", "b", "a"}) co_await b.put(key, "v");
    co_await b.erase("b");
    watcher history = b.watch_all({.include_history = true, .initial_only = true});
    EXPECT_EQ(co_await next_of(history), "a@1=v");
    EXPECT_EQ(co_await next_of(history), "b@2=v");
    EXPECT_EQ(co_await next_of(history), "a@3=v");
    EXPECT_EQ(co_await next_of(history), "b@4 DEL");
    EXPECT_EQ(co_await next_of(history), "end");
    watcher headers = b.watch_all({.meta_only = true, .include_history = true, .initial_only = true});
    EXPECT_EQ(co_await initial_of(headers), "a@1= b@2= a@3= b@4 DEL");
  });
}

}  // namespace
}  // namespace kvco::test
