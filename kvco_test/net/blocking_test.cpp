// Operations and watches without coroutines: they drive the reactor, and throw what would be thrown elsewhere.
#include <gtest/gtest.h>

#include <kvco_test/support/fake/lab.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>
#include <ranges>

namespace kvco::test {
namespace {

static_assert(std::ranges::view<blocking_range> && std::ranges::input_range<blocking_range>);

class blocking_operation : public testing::Test {
 protected:
  void SetUp() override { ASSERT_NO_FATAL_FAILURE(in.connect_and_open()); }
  void stop_behind_what_is_ready() {
    asio::post(in.reactor(), [this] { in.reactor().stop(); });
  }
  lab in;
};

// contract: 9
TEST_F(blocking_operation, returns_the_value_of_each_form) {
  const revision last = blocking(in.reactor(), in.kv.put("k", "v"));
  EXPECT_EQ(last, 1u);
  EXPECT_EQ(describe(blocking(in.reactor(), in.kv.get("k", asio::deferred))), "k@1=v");
  const auto [code, again] = blocking(in.reactor(), in.kv.update("k", "w", last, nothrow));
  EXPECT_FALSE(code);
  EXPECT_EQ(again, 2u);
  static_assert(std::is_void_v<decltype(blocking(in.reactor(), in.nats.flush()))>);
  blocking(in.reactor(), in.nats.flush());
  in.updates = in.kv.watch_all();
  blocking(in.reactor(), in.updates.ready());
  EXPECT_EQ(describe(blocking(in.reactor(), in.updates.next())), "k@2=w");
  blocking(in.reactor(), asio::post(in.reactor(), asio::deferred));
}

// contract: 9
TEST_F(blocking_operation, throws_the_error_with_its_words) {
  try {
    blocking(in.reactor(), in.kv.update("k", "v", 7));
    FAIL() << "it has not thrown";
  } catch (const boost::system::system_error& thrown) {
    EXPECT_EQ(thrown.code(), errc::wrong_last_revision);
    EXPECT_NE(std::string(thrown.what()).find("wrong last sequence"), std::string::npos) << thrown.what();
  }
  const auto [code, none] = blocking(in.reactor(), in.kv.update("k", "v", 7, nothrow));
  EXPECT_EQ(code, errc::wrong_last_revision);
  in.updates = {};
  EXPECT_THROW(blocking(in.reactor(), in.updates.next()), boost::system::system_error);
}

// contract: 9
TEST_F(blocking_operation, is_cancelled_when_the_wait_ends_otherwise) {
  in.world().to_client_lost = true;
  stop_behind_what_is_ready();
  try {
    blocking(in.reactor(), in.kv.get("k"));
    FAIL() << "it has not thrown";
  } catch (const boost::system::system_error& thrown) {
    EXPECT_EQ(thrown.code(), errc::closed);
  }
  in.reactor().restart();
  in.run();
  EXPECT_EQ(in.nats.statistics().pending_requests, 0u);
  asio::post(in.reactor(), [] { throw std::runtime_error("from a handler"); });
  EXPECT_THROW(blocking(in.reactor(), in.kv.get("k")), std::runtime_error);
  in.run();
  EXPECT_EQ(in.nats.statistics().pending_requests, 0u);
}

// contract: 9
TEST_F(blocking_operation, of_a_watch_is_a_view_that_takes_what_is_looked_at) {
  for (const char* key : {"a", "b", "c"}) in.server().put("B", key, "v");
  in.updates = in.kv.watch_all();
  std::string keys;
  for (const entry& each : blocking(in.reactor(), in.updates) | std::views::take(2)) keys += each.key();
  EXPECT_EQ(keys, "ab");
  const auto is_live = [](const entry& e) { return e.operation() == operation::put; };
  const auto key_of = [](const entry& e) { return std::string(e.key()); };
  for (const std::string& key : blocking(in.reactor(), in.updates) | std::views::take(1) |
                                    std::views::filter(is_live) | std::views::transform(key_of)) {
    keys += key;
  }
  EXPECT_EQ(keys, "abc");
  in.updates = in.kv.watch_all({.initial_only = true});
  EXPECT_EQ(std::ranges::distance(blocking(in.reactor(), in.updates)), 3);
}

TEST_F(blocking_operation, of_a_listing_is_a_view_of_buckets) {
  std::string names;
  in.listed = list_bucket_names(in.nats);
  for (const std::string& each : blocking(in.reactor(), in.listed)) names += each + ' ';
  EXPECT_EQ(names, "B other ");
  bucket_listing<bucket_status> statuses = list_bucket_statuses(in.nats);
  EXPECT_EQ(std::ranges::distance(blocking(in.reactor(), statuses)), 2);
}

}  // namespace
}  // namespace kvco::test
