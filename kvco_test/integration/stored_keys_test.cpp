// Keys listed and counted by STREAM.INFO, which each generation of servers pages, on real ones.
#include <gmock/gmock.h>

#include <algorithm>
#include <boost/json.hpp>
#include <kvco_test/support/server/kv_test.hpp>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

class stored_keys_test : public generations_test {};
KVCO_ON_ALL_GENERATIONS(stored_keys_test);

TEST_P(stored_keys_test, are_those_with_an_entry_in_order) {
  with_bucket(with_history(), [](client& nats, bucket& b) -> asio::awaitable<void> {
    const std::vector<std::string> none = co_await list_stored_keys(b, ">");
    EXPECT_THAT(none, ElementsAre());
    for (const char* key : {"b.2", "b.1", "a.1", "b.10", "c", "b.1"}) co_await b.put(key, "v");
    co_await b.erase("b.2");
    co_await b.purge("c");
    const std::vector<std::string> all = co_await list_stored_keys(b, ">");
    EXPECT_THAT(all, ElementsAre("a.1", "b.1", "b.10", "b.2", "c")) << "tombstones are entries";
    const std::vector<std::string> some = co_await list_stored_keys(b, "b.*", {.timeout = 20s});
    EXPECT_THAT(some, ElementsAre("b.1", "b.10", "b.2"));
    co_await b.purge_deletes({.older_than = 0s});
    EXPECT_EQ(co_await keys_of(b), "a.1 b.1 b.10");
    const std::vector<std::string> left = co_await list_stored_keys(b, ">");
    EXPECT_THAT(left, ElementsAre("a.1", "b.1", "b.10"));
    EXPECT_EQ(nats.statistics().late_replies, 0u);
  });
}

TEST_P(stored_keys_test, of_several_filters_are_there_once) {
  with_bucket(bucket_config("B"), [](client&, bucket& b) -> asio::awaitable<void> {
    for (const char* key : {"a.1", "a.2", "b.1", "b.2", "c"}) co_await b.put(key, "v");
    const std::vector<std::string> apart = {"a.*", "c", "none.>"}, across = {"a.*", "*.1", "a.1"};
    const std::vector<std::string> some = co_await list_stored_keys(b, apart);
    EXPECT_THAT(some, ElementsAre("a.1", "a.2", "c"));
    EXPECT_EQ(co_await count_keys(b, apart), 3u);
    const std::vector<std::string> once = co_await list_stored_keys(b, across);
    EXPECT_THAT(once, ElementsAre("a.1", "a.2", "b.1"));
    EXPECT_EQ(co_await count_keys(b, across), 3u);
  });
}

// A client without kvco's rules has stored them.
TEST_P(stored_keys_test, that_no_request_can_name_are_left_out) {
  with_bucket(bucket_config("B"), [this](client&, bucket& b) -> asio::awaitable<void> {
    raw_client raw(server.port());
    for (const char* key : {"a*b", "*", "a", "<&>"}) raw.request(std::string("$KV.B.") + key, "v");
    const std::vector<std::string> all = co_await list_stored_keys(b, ">");
    EXPECT_THAT(all, ElementsAre("<&>", "a", "a*b"));
    EXPECT_EQ(show(all), co_await keys_of(b));
    EXPECT_EQ(co_await count_keys(b, ">"), 4u);
  });
}

TEST_P(stored_keys_test, of_a_mirror_are_those_of_its_origin) {
  with_bucket(bucket_config("A"), [this](client& nats, bucket& a) -> asio::awaitable<void> {
    for (const char* key : {"x", "y.1"}) co_await a.put(key, "v");
    const bucket_config mirror = bucket_config("M").mirror({.name = "A"});
    bucket m = co_await nats.create_bucket(mirror);
    raw_client raw(server.port());
    const auto copied = [&] { return stream_field(raw, "M", "messages") == "2"; };
    co_await until(copied);
    const std::vector<std::string> all = co_await list_stored_keys(m, ">");
    EXPECT_THAT(all, ElementsAre("x", "y.1"));
    EXPECT_EQ(co_await count_keys(m, "y.*"), 1u);
  });
}

// A page has 100 000, and with such names it is a message of five times max_payload.
TEST_P(stored_keys_test, that_are_many_come_in_pages) {
  with_bucket(
      bucket_config("B").storage(storage::memory), [](client& nats, bucket& b) -> asio::awaitable<void> {
        constexpr std::size_t count = 100'003;
        std::vector<std::pair<std::string, std::string>> items;
        for (std::size_t i = 0; i < count; ++i) {
          items.emplace_back("a.key.whose.name.is.not.short.at.all." + std::to_string(1'000'000 + i), "");
        }
        const std::vector<put_outcome> stored = co_await b.put_many(items);
        EXPECT_TRUE(
            std::all_of(stored.begin(), stored.end(), [](const put_outcome& each) { return each.ok(); }));
        const std::vector<std::string> all = co_await list_stored_keys(b, "a.>", {.timeout = 120s});
        EXPECT_TRUE(std::equal(all.begin(), all.end(), items.begin(), items.end(),
                               [](const std::string& key, const auto& item) { return key == item.first; }));
        EXPECT_EQ(nats.statistics().reconnects, 0u);
      });
}

}  // namespace
}  // namespace kvco::test
