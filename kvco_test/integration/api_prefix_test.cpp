// JetStream of another account, imported below a name of the importing account's own: config::api_prefix().
#include <gmock/gmock.h>

#include <kvco_test/support/server/connecting.hpp>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class api_prefix_test : public testing::TestWithParam<std::string> {
 protected:
  // Keys are written below the prefix as well. Consumers deliver to the inboxes of the importing account, and get their
  // acknowledgements and flow control without the prefix: the server's own subjects.
  static std::string accounts() {
    return R"(accounts {
      JS { jetstream: enabled, users: [ { user: j, password: p } ], exports: [
        { service: "$JS.API.>", response_type: stream }, { service: "$JS.FC.>" },
        { service: "$KV.>" }, { stream: "_INBOX.>" } ] }
      APP { users: [ { user: a, password: p },
                     { user: r, password: p, permissions: { publish: { deny: ["FROM.JS.$KV.B.secret"] } } } ], imports: [
        { service: { account: JS, subject: "$JS.API.>" }, to: "FROM.JS.>" },
        { service: { account: JS, subject: "$KV.>" }, to: "FROM.JS.$KV.>" },
        { service: { account: JS, subject: "$JS.FC.>" } },
        { stream: { account: JS, subject: "_INBOX.>" } } ] } })";
  }
  nats_server server_{{.version = GetParam(), .extra_config = accounts()}};
  config importing(const char* prefix = "FROM.JS", const char* user = "a") {
    return config(server_.url()).user(user, "p").api_prefix(prefix);
  }
  bool at_least_2_10() const { return GetParam() != "2.9"; }
};
KVCO_ON_ALL_GENERATIONS(api_prefix_test);

TEST_P(api_prefix_test, all_of_a_bucket_is_reached_below_it) {
  for (const char* prefix : {"FROM.JS", "FROM.JS."}) {
    run([&]() -> asio::awaitable<void> {
      client owner = co_await connect(config(server_.url()).user("j", "p"));
      client nats = co_await connect(importing(prefix));
      const std::string name = std::string("B") + (prefix[7] == '.' ? "1" : "0");
      bucket b = co_await nats.key_value(bucket_config(name).history(5));
      EXPECT_EQ(co_await b.put("k", "1"), 1u);
      EXPECT_EQ(co_await b.create("new", "2"), 2u);
      EXPECT_EQ(co_await b.update("k", "3", 1), 3u);
      bucket own = co_await owner.open_bucket(name);
      EXPECT_EQ(co_await value_of(own, "k"), "3");
      for (const consistency who : {consistency::session, consistency::any, consistency::leader}) {
        const std::optional<entry> got = co_await b.get("k", {.consistency = who});
        EXPECT_EQ(show(got), "k@3=3");
      }
      const std::optional<entry> first = co_await b.get_revision("k", 1);
      EXPECT_EQ(show(first), "k@1=1");
      const std::vector<std::string> wanted = {"k", "none", "new"};
      const auto many = co_await b.get_many(wanted);
      EXPECT_EQ(show(many[0]) + ' ' + show(many[1]) + ' ' + show(many[2]), "k@3=3 none new@2=2");
      EXPECT_EQ(co_await history_of(b, "k"), "k@1=1 k@3=3");
      EXPECT_EQ(co_await keys_of(b), "k new");
      const snapshot all = co_await b.get_prefix(">");
      EXPECT_EQ(all.entries.size(), 2u);
      EXPECT_EQ(co_await count_keys(b, ">"), 2u);
      EXPECT_EQ(co_await b.erase("new"), 4u);
      EXPECT_EQ(co_await b.purge("k"), 5u);
      const std::vector<put_item> items = {{"p", "1"}, {"q", "2"}};
      const std::vector<put_outcome> stored = co_await b.put_many(items);
      for (const put_outcome& each : stored) EXPECT_TRUE(each.ok()) << each.code();
      EXPECT_EQ(co_await b.purge_deletes({.older_than = 0s}), 3u);
      co_await nats.update_bucket(bucket_config(name).description("mine"));
      const bucket_status status = co_await own.status();
      EXPECT_EQ(status.config.description(), "mine");
      const account_info account = co_await get_account_info(nats);
      EXPECT_GE(account.usage.streams, 1u);
      const std::vector<std::string> names = co_await nats.bucket_names();
      EXPECT_THAT(names, testing::Contains(name));
      EXPECT_EQ(co_await nats.purge_bucket(name), 2u);
      co_await nats.delete_bucket(name);
      // An import is an interest of its own: the server does not report that the bucket has none.
      auto [silent, none] = co_await b.put("k", "4", {.timeout = 200ms}, nothrow);
      EXPECT_EQ(silent, errc::outcome_unknown) << silent;
      auto [gone, no_entry] = co_await b.get("k", {.consistency = consistency::leader}, nothrow);
      EXPECT_EQ(gone, errc::bucket_not_found) << gone;
    });
  }
}

// More than the server sends without an answer to its flow control (2 MB).
TEST_P(api_prefix_test, watches_are_delivered_and_keep_their_flow_control) {
  run([&]() -> asio::awaitable<void> {
    client nats = co_await connect(importing());
    bucket b = co_await nats.create_bucket(bucket_config("B"));
    const std::string large(100'000, 'x');
    constexpr int count = 60;
    for (int i = 0; i < count; ++i) co_await b.put("k" + std::to_string(i), large);
    watcher all = b.watch_all();
    int seen = 0;
    while (std::optional<entry> next = co_await all.next_initial())
      seen += next->value().size() == large.size();
    EXPECT_EQ(seen, count);
    co_await b.put("k0", "changed");
    EXPECT_EQ(co_await next_of(all), "k0@61=changed");
    EXPECT_EQ(nats.statistics().watches_recreated, 0u);
  });
}

TEST_P(api_prefix_test, a_write_that_is_denied_is_reported_by_its_own_subject) {
  run([&]() -> asio::awaitable<void> {
    client nats = co_await connect(importing("FROM.JS", "r"));
    bucket b = co_await nats.create_bucket(bucket_config("B"));
    auto [denied, none] = co_await b.put("secret", "v", nothrow);
    EXPECT_EQ(denied, errc::permission_denied) << denied << error_detail();
    EXPECT_THAT(error_detail(), HasSubstr("FROM.JS.$KV.B.secret"));
    EXPECT_EQ(co_await b.put("open", "v"), 1u);
  });
}

TEST_P(api_prefix_test, that_leads_nowhere_is_no_jetstream_that_is_off) {
  run([&]() -> asio::awaitable<void> {
    client nats = co_await connect(importing("FROM.NOWHERE"));
    auto [missing, none] = co_await nats.create_bucket(bucket_config("B"), {.timeout = 300ms}, nothrow);
    EXPECT_EQ(missing, errc::unavailable) << missing << error_detail();
    EXPECT_THAT(error_detail(), HasSubstr("FROM.NOWHERE.STREAM.CREATE.KV_B"));
  });
}

// What the server does not know comes back by the echo: the version of another server proves nothing.
TEST_P(api_prefix_test, an_old_server_is_recognised_by_its_answer) {
  run([&]() -> asio::awaitable<void> {
    client nats = co_await connect(importing());
    auto [code, none] = co_await nats.create_bucket(bucket_config("B").compression(true), nothrow);
    if (at_least_2_10()) {
      EXPECT_FALSE(code) << code << error_detail();
    } else {
      EXPECT_EQ(code, errc::unsupported_by_server);
    }
  });
}

TEST_P(api_prefix_test, the_plain_prefix_is_the_plain_api) {
  run([&]() -> asio::awaitable<void> {
    client nats = co_await connect(config(server_.url()).user("j", "p").api_prefix("$JS.API"));
    bucket b = co_await nats.create_bucket(bucket_config("B"));
    EXPECT_EQ(co_await b.put("k", "v"), 1u);
  });
}

TEST_P(api_prefix_test, beside_a_domain_is_refused) {
  expect_refused(importing().domain("hub"), errc::invalid_argument, "domain and api_prefix are both set");
}

}  // namespace
}  // namespace kvco::test
