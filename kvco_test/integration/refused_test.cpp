// What a server refuses by -ERR, and what it ends a connection for: whoever is meant hears of it, in its words.
#include <gmock/gmock.h>

#include <kvco_test/support/server/connecting.hpp>

namespace kvco::test {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

class refused_test : public testing::TestWithParam<std::string> {
 protected:
  using client_work = std::function<asio::awaitable<void>(nats_server&, client&, bucket&)>;
  static std::string user(const std::string& permissions) {
    return "authorization { users: [ { user: a, password: p, permissions: { " + permissions + " } } ] }";
  }
  void with_server(const std::string& configured, const client_work& what, const std::string& domain = {}) {
    const std::string jetstream = domain.empty() ? std::string() : "domain: " + domain;
    nats_server server({.version = GetParam(), .jetstream_config = jetstream, .extra_config = configured});
    run([&]() -> asio::awaitable<void> {
      client nats = co_await connect(
          config(server.url())
              .user("a", "p")
              .reconnect([](auto& reconnect) { reconnect.initial_delay(5ms).max_delay(50ms); })
              .domain(domain));
      bucket b = co_await nats.create_bucket(bucket_config("B").history(10));
      co_await what(server, nats, b);
      co_await nats.close();
    });
  }
  static asio::awaitable<void> expect_no_second_consumer(bucket b);
  class stopwatch {
   public:
    void expect_soon(std::chrono::milliseconds longest = 4s) const {
      EXPECT_LT(std::chrono::steady_clock::now() - begin_, longest);
    }

   private:
    std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  };
};
KVCO_ON_ALL_GENERATIONS(refused_test);

asio::awaitable<void> refused_test::expect_no_second_consumer(bucket b) {
  co_await b.put("k", "v");
  watcher first = b.watch_all();
  EXPECT_EQ(co_await initial_of(first), "k@1=v");
  const error_code limit(10026, jetstream_category());
  const stopwatch since;
  auto [of_keys, keys] = co_await b.keys(nothrow);
  EXPECT_EQ(of_keys, limit) << of_keys.message();
  EXPECT_THAT(error_detail(), HasSubstr("maximum consumers"));
  auto [of_history, history] = co_await b.history("k", nothrow);
  EXPECT_EQ(of_history, limit) << of_history.message();
  watcher second = b.watch_all();
  auto [of_watch, none] = co_await second.next(nothrow);
  EXPECT_EQ(of_watch, limit) << of_watch.message();
  since.expect_soon(9s);
  first = {};
  EXPECT_EQ(co_await keys_of(b), "k");
}

// field: M9
TEST_P(refused_test, whoever_may_read_a_key_may_create_it_again) {
  with_server(user(R"(publish: { deny: "$JS.API.STREAM.MSG.GET.>" })"),
              [](nats_server&, client&, bucket& b) -> asio::awaitable<void> {
                EXPECT_EQ(co_await b.create("k", "1"), 1u);
                auto [exists, none] = co_await b.create("k", "2", nothrow);
                EXPECT_EQ(exists, errc::key_exists) << exists.message();
                EXPECT_THAT(error_detail(), HasSubstr("revision 1"));
                co_await b.erase("k");
                EXPECT_EQ(co_await b.create("k", "3"), 3u);
                co_await b.purge("k");
                EXPECT_EQ(co_await b.create("k", "5"), 5u);
                EXPECT_EQ(co_await value_of(b, "k"), "5");
              });
}

// field: M1
TEST_P(refused_test, flow_control_that_may_not_be_answered) {
  with_server(user(R"(publish: { deny: "$JS.FC.>" })"),
              [](nats_server&, client&, bucket& b) -> asio::awaitable<void> {
                const std::string value(20'000, 'v');
                for (int i = 0; i < 200; ++i) co_await b.put("key" + std::to_string(i), value);
                const stopwatch since;
                watcher all = b.watch_all();
                error_code code;
                while (!code) {
                  auto [failed, batch] = co_await all.next_batch(nothrow);
                  code = failed;
                }
                EXPECT_EQ(code, errc::permission_denied) << code.message();
                EXPECT_THAT(error_detail(), HasSubstr("$JS.FC."));
                since.expect_soon();
                auto [failed, revisions] = co_await b.history("key7", nothrow);
                EXPECT_FALSE(failed) << "it is short enough";
              });
}

// field: M3
TEST_P(refused_test, a_subscription_too_many) {
  with_server("authorization { users: [ { user: a, password: p } ] }\nmax_subscriptions: 3",
              [](nats_server&, client& nats, bucket& b) -> asio::awaitable<void> {
                co_await b.put("k", "v");
                watcher first = b.watch_all(), second = b.watch_all();
                EXPECT_EQ(co_await initial_of(first), "k@1=v");
                EXPECT_EQ(co_await initial_of(second), "k@1=v");
                const stopwatch since;
                watcher third = b.watch_all();
                auto [code, none] = co_await third.next(nothrow);
                EXPECT_EQ(code, errc::server_error) << code.message();
                EXPECT_THAT(error_detail(), HasSubstr("maximum subscriptions exceeded"));
                auto [failed, keys] = co_await b.keys(nothrow);
                EXPECT_EQ(failed, errc::server_error) << failed.message();
                since.expect_soon();
                second = {};
                EXPECT_EQ(co_await keys_of(b), "k");
                EXPECT_EQ(nats.statistics().reconnects, 0u);
              });
}

// The first watch has heartbeats that are seldom: one that is set up again after a silence leaves its place to another for a moment.
// field: X9
TEST_P(refused_test, a_consumer_too_many_of_the_account) {
  with_server("accounts { A { jetstream: { max_consumers: 1 }, users: [ { user: a, password: p } ] } }",
              [](nats_server&, client&, bucket& b) -> asio::awaitable<void> {
                co_await expect_no_second_consumer(b);
              });
}

// field: X9
TEST_P(refused_test, a_consumer_too_many_of_the_stream) {
  with_server("authorization { users: [ { user: a, password: p } ] }",
              [](nats_server& server, client& nats, bucket&) -> asio::awaitable<void> {
                raw_client raw(server.port(), R"("user":"a","pass":"p")");
                api(raw, "STREAM.CREATE.KV_L",
                    R"({"name":"KV_L","subjects":["$KV.L.>"],"max_msgs_per_subject":1,"max_consumers":1})");
                bucket limited = co_await nats.open_bucket("L");
                co_await expect_no_second_consumer(limited);
              });
}

// field: X12
TEST_P(refused_test, a_read_that_the_server_ends_connections_for) {
  with_server("authorization { users: [ { user: a, password: p } ] }\nmax_control_line: 512",
              [](nats_server&, client& nats, bucket& b) -> asio::awaitable<void> {
                std::vector<heard<revision>> puts(40);
                for (std::size_t i = 0; i < 20; ++i) b.put("k" + std::to_string(i), "v", puts[i]);
                heard<std::optional<entry>> got;
                const stopwatch since;
                b.get(std::string(600, 'l'), got);
                co_await until([&] { return nats.statistics().reconnects >= 1; });
                for (std::size_t i = 20; i < 40; ++i) b.put("k" + std::to_string(i), "v", puts[i]);
                co_await until([&] { return got.done() && puts.back().done(); });
                EXPECT_EQ(got.code(), errc::server_error) << got.code().message();
                EXPECT_THAT(got.detail(), HasSubstr("maximum control line exceeded"));
                since.expect_soon();
                for (std::size_t i = 20; i < 40; ++i) EXPECT_FALSE(puts[i].code()) << puts[i].detail();
                EXPECT_EQ(nats.statistics().reconnects, 2u);
                auto [code, rev] = co_await b.put(std::string(600, 'l'), "v", nothrow);
                EXPECT_EQ(code, errc::server_error) << code.message();
                co_await until([&] { return nats.is_connected(); });
                watcher updates = b.watch(std::string(600, 'l'));
                auto [ended, none] = co_await updates.next(nothrow);
                EXPECT_EQ(ended, errc::server_error) << ended.message();
                EXPECT_THAT(error_detail(), HasSubstr("maximum control line exceeded"));
                EXPECT_LE(nats.statistics().reconnects, 5u);
              });
}

// field: X13
TEST_P(refused_test, a_value_that_is_too_large_since_the_server_was_configured_anew) {
  const std::string users = "authorization { users: [ { user: a, password: p } ] }\n";
  for (const retry how : {retry::never, retry::idempotent}) {
    with_server(users, [&](nats_server& server, client& nats, bucket& b) -> asio::awaitable<void> {
      co_await b.put("k", "v");
      watcher updates = b.watch_all(restless);
      EXPECT_EQ(co_await initial_of(updates), "k@1=v");
      server.reload(users + "max_payload: 1000");
      for (const std::size_t size : {std::size_t{2000}, std::size_t{500'000}}) {
        auto [code, rev] = co_await b.put("k", std::string(size, 'x'), put_options{.retry = how}, nothrow);
        EXPECT_EQ(code, errc::value_too_large) << code.message();
        co_await until([&] { return nats.is_connected(); });
      }
      EXPECT_EQ(co_await history_of(b, "k"), "k@1=v");
      EXPECT_EQ(nats.statistics().reconnects, 1u);
    });
  }
}

TEST_P(refused_test, under_the_name_that_a_domain_gives) {
  with_server(
      user(R"(publish: { deny: ["$KV.B.secret", "$JS.API.STREAM.INFO.KV_none"] })"),
      [](nats_server&, client& nats, bucket& b) -> asio::awaitable<void> {
        const stopwatch since;
        std::vector<heard<revision>> puts(3);
        b.put("a", "1", puts[0]);
        b.put("secret", "2", puts[1]);
        b.put("b", "3", puts[2]);
        co_await until([&] { return puts[0].done() && puts[1].done() && puts[2].done(); });
        EXPECT_FALSE(puts[0].code());
        EXPECT_EQ(puts[1].code(), errc::permission_denied) << puts[1].code().message();
        EXPECT_FALSE(puts[2].code());
        auto [code, none] = co_await nats.open_bucket("none", nothrow);
        EXPECT_EQ(code, errc::permission_denied) << code.message();
        since.expect_soon();
      },
      "hub");
}

TEST_P(refused_test, under_the_name_that_the_account_maps_it_to) {
  const std::string accounts = R"(accounts { A {
      jetstream: enabled
      mappings: { "$KV.B.mapped": "elsewhere" }
      users: [ { user: a, password: p, permissions: { publish: { deny: "elsewhere" } } } ]
    } })";
  with_server(accounts, [](nats_server&, client&, bucket& b) -> asio::awaitable<void> {
    const stopwatch since;
    auto [alone, none] = co_await b.put("mapped", "v", nothrow);
    EXPECT_EQ(alone, errc::permission_denied) << alone.message();
    EXPECT_THAT(error_detail(), HasSubstr("elsewhere"));
    heard<revision> mapped, other;
    b.put("mapped", "v", put_options{.timeout = 2s}, mapped);
    b.put("other", "v", other);
    co_await until([&] { return mapped.done() && other.done(); });
    EXPECT_FALSE(other.code()) << "it is not accused of it";
    EXPECT_TRUE(mapped.code() == errc::permission_denied || mapped.code() == errc::outcome_unknown);
    since.expect_soon(8s);
  });
}

}  // namespace
}  // namespace kvco::test
