// Lists as generators: what is not taken stays at the server.
#include <kvco_test/support/server/kv_test.hpp>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;

class generators_test : public generations_test {};
KVCO_ON_ALL_GENERATIONS(generators_test);

asio::awaitable<std::string> keys_to_end(key_generator& from) {
  std::vector<std::string> keys;
  while (std::optional<std::string> key = co_await from.next()) keys.push_back(*key);
  co_return show(keys);
}

// peer: G22
TEST_P(generators_test, keys_come_one_by_one) {
  with_bucket(with_history(), [&](client&, bucket& b) -> asio::awaitable<void> {
    for (const char* key : {"a.1", "a.2", "b.1", "c"}) co_await b.put(key, "v");
    co_await b.put("a.1", "again");
    co_await b.erase("a.2");
    key_generator all = stream_keys(b);
    EXPECT_EQ(co_await keys_to_end(all), "a.1 b.1 c");
    key_generator some = stream_keys(b, {"a.*", "c", "c"});
    EXPECT_EQ(co_await keys_to_end(some), "a.1 c");
    key_generator none = stream_keys(b, "x.>");
    EXPECT_EQ(co_await keys_to_end(none), "");
    key_generator batches = stream_keys(b, ">");
    std::size_t count = 0;
    while (auto batch = co_await batches.next_batch(2)) {
      EXPECT_LE(batch->size(), 2u);
      count += batch->size();
    }
    EXPECT_EQ(count, 3u);
    key_generator refused = stream_keys(b, "a b");
    auto [ec, no_key] = co_await refused.next(nothrow);
    EXPECT_EQ(ec, errc::invalid_filter);
    key_generator empty;
    EXPECT_FALSE(empty);
    auto [closed, no_keys] = co_await empty.next_batch(nothrow);
    EXPECT_EQ(closed, errc::closed);
  });
}

// 20 MB: the server sends a window of them, and waits until they are taken.
// fault: 71
TEST_P(generators_test, revisions_that_are_not_taken_stay_at_the_server) {
  const bucket_config memory = bucket_config("B").storage(storage::memory);
  with_bucket(memory, [&](client&, bucket& b) -> asio::awaitable<void> {
    const std::string value(100'000, 'x');
    constexpr revision count = 200;
    for (revision i = 1; i <= count; ++i) co_await b.put("k." + std::to_string(i), value);
    watcher all = stream_history(b, "k.*");
    co_await all.ready();
    EXPECT_EQ(co_await value_of(b, "k.7"), value);
    EXPECT_LT(all.queued(), 100u);
    revision last = 0;
    while (std::optional<entry> e = co_await all.next()) EXPECT_EQ(e->revision(), ++last);
    EXPECT_EQ(last, count);
  });
}

TEST_P(generators_test, histories_of_a_pattern_come_in_order) {
  with_bucket(with_history(), [&](client&, bucket& b) -> asio::awaitable<void> {
    co_await b.put("a.1", "1");
    co_await b.put("a.2", "2");
    co_await b.put("x", "3");
    co_await b.put("a.1", "4");
    co_await b.erase("a.2");
    const auto whole = [](watcher& from) -> asio::awaitable<std::string> {
      std::vector<entry> all;
      while (std::optional<entry> e = co_await from.next()) all.push_back(std::move(*e));
      co_return show(all);
    };
    watcher one = stream_history(b, "a.*");
    EXPECT_EQ(co_await whole(one), "a.1@1=1 a.2@2=2 a.1@4=4 a.2@5 DEL");
    watcher several = stream_history(b, {"a.1", "x"});
    EXPECT_EQ(co_await whole(several), "a.1@1=1 x@3=3 a.1@4=4");
    watcher none = stream_history(b, "none");
    EXPECT_EQ(co_await whole(none), "");
  });
}

std::string show_change(const change& c) { return show(c.previous) + " -> " + show(c.now); }

TEST_P(generators_test, changes_come_with_what_was_before) {
  with_bucket(with_history(), [&](client&, bucket& b) -> asio::awaitable<void> {
    co_await b.put("a", "1");
    change_generator changes = watch_changes(b, ">");
    const auto next = [&]() -> asio::awaitable<std::string> {
      const std::optional<change> one = co_await changes.next();
      co_return one ? show_change(*one) : "end";
    };
    EXPECT_EQ(co_await next(), "none -> a@1=1");
    co_await b.put("a", "2");
    co_await b.put("b", "3");
    co_await b.erase("a");
    co_await b.put("a", "5");
    EXPECT_EQ(co_await next(), "a@1=1 -> a@2=2");
    EXPECT_EQ(co_await next(), "none -> b@3=3");
    EXPECT_EQ(co_await next(), "a@2=2 -> a@4 DEL");
    EXPECT_EQ(co_await next(), "a@4 DEL -> a@5=5");
    EXPECT_EQ(changes.entries().cursor(), 5u);
    changes.stop();
    EXPECT_EQ(co_await next(), "end");
  });
}

TEST_P(generators_test, changes_within_one_batch_know_each_other) {
  with_bucket(with_history(), [&](client&, bucket& b) -> asio::awaitable<void> {
    for (const char* value : {"1", "2", "3"}) co_await b.put("k", value);
    change_generator changes = watch_changes(b, {"k"}, {.include_history = true, .initial_only = true});
    std::string all;
    while (auto batch = co_await changes.next_batch()) {
      for (const change& each : *batch) all += show_change(each) + "; ";
    }
    EXPECT_EQ(all, "none -> k@1=1; k@1=1 -> k@2=2; k@2=2 -> k@3=3; ");
  });
}

}  // namespace
}  // namespace kvco::test
