// A server's configuration changes under a connected client: permissions, users, accounts, JetStream.
#include <gmock/gmock.h>

#include <kvco_test/support/server/connecting.hpp>

namespace kvco::test {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

class reload_test : public testing::TestWithParam<std::string> {
 protected:
  /// What a user who is called "a" may do.
  static std::string permissions(const std::string& rules) {
    return "authorization { users: [ { user: a, password: p, permissions: { " + rules + " } } ] }";
  }
  static std::string account(const std::string& rules) {
    return "accounts { KV { users: [ { user: a, password: p } ], " + rules + " } }";
  }
  void with_server(const std::string& configured,
                   const std::function<asio::awaitable<void>(nats_server&, client&, bucket&)>& what) {
    nats_server server({.version = GetParam(), .extra_config = configured});
    run([&]() -> asio::awaitable<void> {
      client nats = co_await connect(config(server.url()).user("a", "p").reconnect([](auto& reconnect) {
        reconnect.initial_delay(5ms).max_delay(50ms);
      }));
      bucket b = co_await nats.create_bucket(bucket_config("B").history(10));
      co_await what(server, nats, b);
      co_await nats.close();
    });
  }
  /// The operation has ended with this error, long before its deadline.
  template <class... Ts>
  static void expect_told_at_once(const heard<Ts...>& told, errc meaning, const std::string& words,
                                  std::chrono::steady_clock::time_point asked) {
    EXPECT_EQ(told.code(), meaning) << told.code().message();
    EXPECT_THAT(told.detail(), HasSubstr(words));
    EXPECT_LT(std::chrono::steady_clock::now() - asked, 3s);
  }
};
KVCO_ON_ALL_GENERATIONS(reload_test);

const std::string everything = R"(publish: ">", subscribe: ">")";

// fault: 39
TEST_P(reload_test, a_key_may_not_be_written_any_more_and_then_again) {
  with_server(permissions(everything),
              [](nats_server& server, client& nats, bucket& b) -> asio::awaitable<void> {
                EXPECT_EQ(co_await b.put("k", "1"), 1u);
                server.reload(permissions(R"(publish: { deny: "$KV.B.k" }, subscribe: ">")"));
                auto [denied, none] = co_await b.put("k", "2", nothrow);
                EXPECT_EQ(denied, errc::permission_denied) << denied.message();
                EXPECT_THAT(error_detail(), HasSubstr("$KV.B.k"));
                EXPECT_EQ(co_await b.put("other", "1"), 2u);
                EXPECT_EQ(co_await value_of(b, "k"), "1");
                server.reload(permissions(everything));
                EXPECT_EQ(co_await b.put("k", "3"), 3u);
                EXPECT_EQ(nats.statistics().reconnects, 0u);
              });
}

// The server forgets subscriptions that are not permitted any more, and says so: what waits for them must not wait for ever.
// fault: 39
TEST_P(reload_test, nothing_may_be_received_any_more) {
  with_server(permissions(everything),
              [](nats_server& server, client& nats, bucket& b) -> asio::awaitable<void> {
                EXPECT_EQ(co_await b.put("k", "1"), 1u);
                watcher updates = b.watch_all(restless);
                EXPECT_EQ(co_await initial_of(updates), "k@1=1");
                heard<std::optional<entry>> next;
                updates.next(next);
                server.reload(permissions(R"(publish: ">", subscribe: { deny: ">" })"));
                co_await until([&] { return next.done(); });
                EXPECT_EQ(next.code(), errc::permission_denied) << next.code().message();
                EXPECT_THAT(next.detail(), HasSubstr("_INBOX"));
                const auto asked = std::chrono::steady_clock::now();
                heard<revision> put;
                heard<std::optional<entry>> got;
                heard<std::vector<std::string>> keys;
                b.put("k", "2", put);
                b.get("k", got);
                b.keys(keys);
                co_await until([&] { return put.done() && got.done() && keys.done(); });
                expect_told_at_once(put, errc::permission_denied, "_INBOX", asked);
                expect_told_at_once(got, errc::permission_denied, "_INBOX", asked);
                expect_told_at_once(keys, errc::permission_denied, "_INBOX", asked);
                // Nobody tells that it is permitted again: the first operation finds out. (What those have asked is answered by then.)
                co_await nats.flush();
                server.reload(permissions(everything));
                co_await b.get("k", nothrow);
                co_await nats.flush();
                EXPECT_EQ(co_await b.put("k", "3"), 2u) << "the one before was refused here";
                watcher second = b.watch_all(restless);
                EXPECT_EQ(co_await initial_of(second), "k@2=3");
                EXPECT_EQ(nats.statistics().reconnects, 0u);
              });
}

// fault: 39
TEST_P(reload_test, a_user_is_removed_and_comes_back_as_another) {
  const std::string changed = "authorization { users: [ { user: b, password: q } ] }";
  nats_server server({.version = GetParam(), .extra_config = permissions(everything)});
  run([&]() -> asio::awaitable<void> {
    bool renewed = false;
    const auto now_known = [&]() -> asio::awaitable<credentials> {
      co_return renewed ? credentials::user("b", "q") : credentials::user("a", "p");
    };
    client nats =
        co_await connect(config(server.url())
                             .reconnect([](auto& reconnect) { reconnect.initial_delay(5ms).max_delay(50ms); })
                             .credentials([&](credentials_request) { return now_known(); }));
    bucket b = co_await nats.create_bucket(bucket_config("B"));
    co_await b.put("k", "1");
    watcher updates = b.watch_all(restless);
    EXPECT_EQ(co_await initial_of(updates), "k@1=1");
    renewed = true;
    server.reload(changed);
    co_await until([&] { return nats.statistics().reconnects >= 1; });
    EXPECT_EQ(co_await b.put("k", "2"), 2u);
    EXPECT_EQ(co_await next_of(updates), "k@2=2");
    co_await nats.close();
  });
}

// JetStream is taken from the account and given back. Operations say so at once; a watch that stood waits for it.
// fault: 57
TEST_P(reload_test, jetstream_goes_and_comes_back_to_a_connected_client) {
  with_server(account("jetstream: enabled"),
              [](nats_server& server, client&, bucket& b) -> asio::awaitable<void> {
                EXPECT_EQ(co_await b.put("k", "1"), 1u);
                watcher updates = b.watch_all(restless);
                EXPECT_EQ(co_await initial_of(updates), "k@1=1");
                server.reload(account("jetstream: disabled"));
                const auto asked = std::chrono::steady_clock::now();
                heard<std::optional<entry>> got;
                b.get("k", got);
                co_await until([&] { return got.done(); });
                expect_told_at_once(got, errc::jetstream_not_enabled, "", asked);
                server.reload(account("jetstream: enabled"));
                heard<revision> put;
                b.put("k", "2", put);
                co_await until([&] { return put.done(); });
                EXPECT_EQ(put.value(), 2u);
                EXPECT_EQ(co_await next_of(updates), "k@2=2");
              });
}

}  // namespace
}  // namespace kvco::test
