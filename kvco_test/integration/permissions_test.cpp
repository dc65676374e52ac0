// The users of kvco/doc/operating/permissions.conf may do what the page of operating promises, and no more.
#include <gmock/gmock.h>

#include <kvco_test/support/judges/source_tree.hpp>
#include <kvco_test/support/server/connecting.hpp>

#include <kvco/reads.hpp>

namespace kvco::test {
namespace {

using testing::HasSubstr;

class permissions_test : public testing::TestWithParam<std::string> {
 protected:
  using user_work = std::function<asio::awaitable<void>(client&, bucket&)>;

  /// The bucket is there, with two keys, when the user comes.
  void as(const std::string& user, const user_work& work) {
    run([&]() -> asio::awaitable<void> {
      client admin = co_await connect(config(server_.url()).user("admin", "admin"));
      bucket made = co_await admin.create_bucket(bucket_config("ORDERS").history(5));
      co_await made.put("order.1", "1");
      co_await made.put("other", "1");
      client nats = co_await connect(config(server_.url()).user(user, user).inbox_prefix("_INBOX_" + user));
      bucket orders = co_await nats.open_bucket("ORDERS");
      co_await work(nats, orders);
      co_await admin.delete_bucket("ORDERS");
    });
  }
  static asio::awaitable<void> read_everything(bucket b) {
    EXPECT_EQ(co_await value_of(b, "order.1"), "1");
    auto from_leader = co_await b.get("order.1", {.consistency = consistency::leader});
    EXPECT_TRUE(from_leader);
    const std::vector<std::string> both = {"order.1", "other"};
    EXPECT_EQ((co_await b.get_many(both)).size(), 2u);
    EXPECT_EQ((co_await b.get_prefix(">")).entries.size(), 2u);
    EXPECT_EQ(co_await keys_of(b), "order.1 other");
    EXPECT_EQ(co_await history_of(b, "order.1"), "order.1@1=1");
    EXPECT_EQ(co_await kvco::count_keys(b, ">"), 2u);
    EXPECT_EQ((co_await b.status()).messages, 2u);
    for (const char* filter : {">", "order.*"}) {
      watcher all = b.watch(filter);
      EXPECT_THAT(co_await initial_of(all), HasSubstr("order.1@1=1"));
    }
  }

 private:
  nats_server server_{
      {.version = GetParam(), .extra_config = text_of("kvco/doc/operating/permissions.conf")}};
};
KVCO_ON_ALL_GENERATIONS(permissions_test);

TEST_P(permissions_test, of_a_reader_are_enough_to_read) {
  as("reader", [](client& nats, bucket& b) -> asio::awaitable<void> {
    co_await read_everything(b);
    auto [denied, none] = co_await b.put("order.1", "2", nothrow);
    EXPECT_EQ(denied, errc::permission_denied);
    EXPECT_THAT(error_detail(), HasSubstr("$KV.ORDERS.order.1"));
    auto [of_delete] = co_await nats.delete_bucket("ORDERS", nothrow);
    EXPECT_EQ(of_delete, errc::permission_denied);
    auto [of_other, other] = co_await nats.open_bucket("OTHER", nothrow);
    EXPECT_EQ(of_other, errc::permission_denied);
  });
}

TEST_P(permissions_test, of_a_writer_are_enough_for_its_keys) {
  as("writer", [](client&, bucket& b) -> asio::awaitable<void> {
    co_await read_everything(b);
    const revision second = co_await b.put("order.1", "2");
    co_await b.update("order.1", "3", second);
    co_await b.create("order.2", "1");
    co_await b.erase("order.2");
    co_await b.create("order.2", "2");
    co_await b.purge("order.2");
    auto [denied, none] = co_await b.put("other", "2", nothrow);
    EXPECT_EQ(denied, errc::permission_denied);
    EXPECT_THAT(error_detail(), HasSubstr("$KV.ORDERS.other"));
  });
}

}  // namespace
}  // namespace kvco::test
