// Limits and usage of accounts, and the features of servers of three generations.
#include <gmock/gmock.h>

#include <kvco_test/support/server/connecting.hpp>

namespace kvco::test {
namespace {

class account_test : public server_test, public testing::WithParamInterface<std::string> {
 protected:
  account_test()
      : server_test({.version = GetParam(), .extra_config = R"(accounts {
          A { users: [ { user: a, password: p } ],
              jetstream { max_mem: 1000000, max_file: 2000000, max_streams: 3, max_consumers: 7 } }
          B { users: [ { user: b, password: p } ], jetstream: enabled }
          NONE { users: [ { user: n, password: p } ] } })"}) {}
  config of(const char* user) { return config(server.url()).user(user, "p"); }
};
KVCO_ON_ALL_GENERATIONS(account_test);

TEST_P(account_test, has_its_limits_and_its_usage) {
  run([&]() -> asio::awaitable<void> {
    client nats = co_await connect(of("a"));
    const account_info empty = co_await get_account_info(nats);
    EXPECT_EQ(empty.limits.memory, 1000000u);
    EXPECT_EQ(empty.limits.storage, 2000000u);
    EXPECT_EQ(empty.limits.streams, 3u);
    EXPECT_EQ(empty.limits.consumers, 7u);
    EXPECT_FALSE(empty.limits.storage_of_stream);
    EXPECT_EQ(empty.usage.streams, 0u);
    bucket b = co_await nats.create_bucket(bucket_config("B"));
    co_await b.put("k", std::string(1000, 'x'));
    const account_info used = co_await get_account_info(nats);
    EXPECT_EQ(used.usage.streams, 1u);
    EXPECT_GT(used.usage.storage, 1000u);
    EXPECT_GT(used.api_total, empty.api_total);
    auto [missing, none] = co_await nats.open_bucket("NONE", nothrow);
    EXPECT_EQ(missing, errc::bucket_not_found);
    const account_info then = co_await get_account_info(nats);
    EXPECT_EQ(then.api_errors, used.api_errors + 1);
  });
}

TEST_P(account_test, without_limits_has_none) {
  run([&]() -> asio::awaitable<void> {
    client nats = co_await connect(of("b"));
    const account_info info = co_await get_account_info(nats);
    EXPECT_FALSE(info.limits.memory || info.limits.storage || info.limits.streams || info.limits.consumers);
    EXPECT_TRUE(info.tiers.empty());
  });
}

TEST_P(account_test, without_jetstream_is_an_error) {
  run([&]() -> asio::awaitable<void> {
    client nats = co_await connect(of("n"));
    auto [code, none] = co_await get_account_info(nats, nothrow);
    EXPECT_EQ(code, errc::jetstream_not_enabled) << code << error_detail();
    auto [unable, no_second] = co_await get_capabilities(nats, nothrow);
    EXPECT_EQ(unable, errc::jetstream_not_enabled) << unable << error_detail();
    auto [closed, no_third] = co_await get_account_info(client(), nothrow);
    EXPECT_EQ(closed, errc::closed);
  });
}

TEST_P(account_test, features_are_those_that_the_server_has) {
  run([&]() -> asio::awaitable<void> {
    client nats = co_await connect(of("b"));
    const capabilities able = co_await get_capabilities(nats);
    EXPECT_EQ(able.server_version(), server.version());
    const bool is_new = GetParam() == "newest";
    EXPECT_EQ(able.api_level() > 0, is_new);
    EXPECT_EQ(able.has(feature::compression), GetParam() != "2.9");
    auto [compressed, one] = co_await nats.create_bucket(bucket_config("C").compression(true), nothrow);
    EXPECT_EQ(!compressed, able.has(feature::compression));
    auto [marked, two] =
        co_await nats.create_bucket(bucket_config("M").limit_marker_ttl(std::chrono::seconds(2)), nothrow);
    EXPECT_EQ(!marked, able.has(feature::key_ttl));
    auto [atomic, three] = co_await nats.create_bucket(bucket_config("A").atomic(true), nothrow);
    EXPECT_EQ(!atomic, able.has(feature::atomic));
    EXPECT_EQ(able.has(feature::atomic), is_new);
    const auto sent = nats.statistics().bytes_out;
    co_await get_capabilities(nats);
    EXPECT_EQ(nats.statistics().bytes_out, sent);
  });
}

}  // namespace
}  // namespace kvco::test
