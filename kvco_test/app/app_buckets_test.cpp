// The buckets of an app: those of its client, with the configuration that a handler was registered with.
#include <kvco_test/app/app_fixture.hpp>

namespace kvco::test {
namespace {

class app_buckets_test : public generations_test {};
KVCO_ALSO_ON_OLDER_GENERATIONS(app_buckets_test);

asio::awaitable<int> history_depth_of(bucket from) {
  const bucket_status status = co_await from.status();
  co_return status.config.history();
}

TEST_P(app_buckets_test, are_those_of_the_client) {
  with_client([&](client& nats) -> asio::awaitable<void> {
    app one(nats);
    bucket first = co_await nats.key_value("bucket");
    const std::uint64_t before = nats.statistics().bytes_out;
    bucket second = co_await one.key_value("bucket");
    EXPECT_EQ(nats.statistics().bytes_out, before) << "it was opened by the client";
    co_await second.put("k", "v");
    EXPECT_EQ(co_await value_of(first, "k"), "v");
  });
}

TEST_P(app_buckets_test, that_were_deleted_are_created_again_as_configured) {
  with_client([&](client& nats) -> asio::awaitable<void> {
    app one(nats);
    one.watch(bucket_config("orders").history(3), ">", [](entry) {}, {.required = false});
    one.watch("plain", ">", [](entry) {}, {.required = false});
    one.after_startup([&]() -> asio::awaitable<void> {
      for (const char* name : {"orders", "plain"}) {
        co_await nats.delete_bucket(name);
        bucket again = co_await one.key_value(name);
        co_await again.put("k", "v");
        EXPECT_EQ(co_await value_of(again, "k"), "v");
      }
      bucket orders = co_await one.key_value("orders");
      EXPECT_EQ(co_await history_depth_of(orders), 3);
      one.stop();
    });
    co_await one.run({.signals = false});
  });
}

// The default of on_conflict: the bucket is used as it is.
TEST_P(app_buckets_test, that_differ_are_used_as_they_are) {
  with_client([&](client& nats) -> asio::awaitable<void> {
    co_await nats.create_bucket(bucket_config("orders").history(5));
    app one(nats);
    one.watch(bucket_config("orders").history(3), ">", [](entry) {});
    one.after_startup([&]() -> asio::awaitable<void> {
      bucket orders = co_await one.key_value("orders");
      EXPECT_EQ(co_await history_depth_of(orders), 5);
      one.stop();
    });
    co_await one.run({.signals = false});
  });
}

TEST_P(app_buckets_test, that_differ_are_updated_or_refused_on_request) {
  with_client([&](client& nats) -> asio::awaitable<void> {
    co_await nats.create_bucket(bucket_config("orders").history(5));
    app refusing(nats);
    refusing.watch(bucket_config("orders").history(3), ">", [](entry) {}, {.on_conflict = on_conflict::fail});
    running_app refused(refusing, nats);
    co_await until(refused.done());
    EXPECT_EQ(refused.code(), errc::bucket_exists) << refused.failure();
    app updating(nats);
    updating.watch(bucket_config("orders").history(3), ">", [](entry) {},
                   {.on_conflict = on_conflict::update});
    updating.after_startup([&]() -> asio::awaitable<void> {
      bucket orders = co_await updating.key_value("orders");
      EXPECT_EQ(co_await history_depth_of(orders), 3);
      updating.stop();
    });
    co_await updating.run({.signals = false});
  });
}

}  // namespace
}  // namespace kvco::test
