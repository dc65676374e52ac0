// Keys that match a filter are erased or purged, and nothing else: erase_keys(), purge_keys().
#include <kvco_test/support/server/kv_test.hpp>

#include <string>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;

class remove_keys_test : public generations_test {
 protected:
  raw_client raw{server.port()};
};
KVCO_ON_ALL_GENERATIONS(remove_keys_test);

asio::awaitable<void> put_values(bucket b, std::string prefix, int count) {
  for (int i = 0; i < count; ++i) co_await b.put(prefix + std::to_string(i), "v");
}

TEST_P(remove_keys_test, erases_what_matches) {
  with_bucket(with_history(), [&](client&, bucket& b) -> asio::awaitable<void> {
    co_await put_values(b, "a.", 3);
    co_await put_values(b, "b.", 2);
    co_await b.erase("a.1");
    EXPECT_EQ(co_await erase_keys(b, "a.*"), 2u) << "one was deleted already";
    EXPECT_EQ(co_await keys_of(b), "b.0 b.1");
    EXPECT_EQ(co_await history_of(b, "a.0"), "a.0@1=v a.0@7 DEL") << "the history stays";
    EXPECT_EQ(co_await erase_keys(b, "a.*"), 0u);
    EXPECT_EQ(co_await erase_keys(b, "none.>"), 0u);
    const std::vector<std::string> filters = {"b.0", "c", "b.>"};
    EXPECT_EQ(co_await erase_keys(b, filters), 2u) << "each once";
    EXPECT_EQ(co_await keys_of(b), "");
  });
}

TEST_P(remove_keys_test, purges_what_matches_with_its_history) {
  with_bucket(with_history(), [&](client&, bucket& b) -> asio::awaitable<void> {
    co_await put_values(b, "a.", 2);
    co_await put_values(b, "a.", 2);
    co_await b.erase("a.1");
    co_await b.put("b", "kept");
    EXPECT_EQ(co_await purge_keys(b, "a.*"), 2u) << "the erased one still has its values";
    EXPECT_EQ(co_await history_of(b, "a.0"), "a.0@7 PURGE");
    EXPECT_EQ(co_await history_of(b, "a.1"), "a.1@8 PURGE");
    EXPECT_EQ(co_await keys_of(b), "b");
    EXPECT_EQ(co_await purge_keys(b, "a.*"), 0u) << "purged before";
  });
}

// Who has no history has removed the values with the first marker.
TEST_P(remove_keys_test, purges_no_marker_where_there_is_no_history) {
  with_bucket(bucket_config("B"), [&](client&, bucket& b) -> asio::awaitable<void> {
    co_await put_values(b, "a.", 2);
    co_await b.erase("a.1");
    EXPECT_EQ(co_await purge_keys(b, ">"), 1u);
    EXPECT_EQ(co_await history_of(b, "a.1"), "a.1@3 DEL");
  });
}

// Many more than may be in flight.
TEST_P(remove_keys_test, a_thousand_keys_some_at_a_time) {
  with_bucket(bucket_config("B").storage(storage::memory), [&](client&, bucket& b) -> asio::awaitable<void> {
    std::vector<std::pair<std::string, std::string>> items;
    for (int i = 0; i < 1000; ++i) items.emplace_back("k." + std::to_string(i), "v");
    co_await b.put_many(items);
    co_await b.put("other", "v");
    EXPECT_EQ(co_await erase_keys(b, "k.*", {.max_in_flight = 7}), 1000u);
    EXPECT_EQ(co_await keys_of(b), "other");
  });
}

// Keys of any form: others store them, and here they are removed.
TEST_P(remove_keys_test, keys_that_others_have_stored) {
  with_bucket(bucket_config("B"), [&](client&, bucket& b) -> asio::awaitable<void> {
    raw.request("$KV.B.a:b", "v");
    raw.request("$KV.B.\xc3\xa4", "v");
    EXPECT_EQ(co_await erase_keys(b, ">"), 2u);
    EXPECT_EQ(co_await keys_of(b), "");
  });
}

TEST_P(remove_keys_test, reports_what_is_wrong) {
  with_bucket(bucket_config("B"), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    const auto before = nats.statistics().bytes_out;
    auto [filter, none] = co_await erase_keys(b, "a.b*", nothrow);
    EXPECT_EQ(filter, errc::invalid_filter);
    auto [width, nothing] = co_await erase_keys(b, ">", {.max_in_flight = 0}, nothrow);
    EXPECT_EQ(width, errc::invalid_argument);
    auto [timeout, no_count] = co_await purge_keys(b, ">", {.timeout = -1ns}, nothrow);
    EXPECT_EQ(timeout, errc::invalid_argument);
    EXPECT_EQ(nats.statistics().bytes_out, before);
    co_await nats.delete_bucket("B");
    auto [gone, no_keys] = co_await purge_keys(b, ">", nothrow);
    EXPECT_EQ(gone, errc::bucket_not_found);
    const bucket unset;
    auto [empty, no_handle] = co_await erase_keys(unset, ">", nothrow);
    EXPECT_EQ(empty, errc::closed);
  });
}

// The server refuses them: all end with its word, and the number of those that were removed is in the text.
TEST_P(remove_keys_test, reports_the_first_removal_that_was_refused) {
  with_bucket(bucket_config("B").max_value_size(10), [&](client&, bucket& b) -> asio::awaitable<void> {
    co_await put_values(b, "a.", 3);
    auto [refused, none] = co_await erase_keys(b, "a.*", nothrow);
    EXPECT_EQ(refused, errc::value_too_large) << "headers count";
    EXPECT_NE(error_detail().find("0 keys were removed"), std::string::npos) << error_detail();
    EXPECT_EQ(co_await keys_of(b), "a.0 a.1 a.2");
  });
}

}  // namespace
}  // namespace kvco::test
