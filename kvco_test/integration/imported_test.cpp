// JetStream of another account: its API is imported, and what consumers deliver may be, or not.
#include <gmock/gmock.h>

#include <kvco_test/support/server/connecting.hpp>
#include <kvco_test/support/server/kv_test.hpp>

namespace kvco::test {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

class imported_test : public testing::TestWithParam<std::string> {
 protected:
  struct place {
    client& importing;
    bucket& own;      // of the account that has JetStream
    bucket& theirs;   // the same one, by the imports
    raw_client& raw;  // of the account that has JetStream
  };
  using place_work = std::function<asio::awaitable<void>(place)>;

  static std::string accounts(const std::string& deliveries) {
    return R"(accounts {
      JS { jetstream: enabled, users: [ { user: j, password: p } ], exports: [
        { service: "$JS.API.>", response_type: stream }, { service: "$JS.FC.>" },
        { service: "$KV.>" }, { stream: "_INBOX.>" } ] }
      APP { users: [ { user: a, password: p } ], imports: [
        { service: { account: JS, subject: "$JS.API.>" } }, { service: { account: JS, subject: "$JS.FC.>" } },
        { service: { account: JS, subject: "$KV.>" } })" +
           deliveries + "] } }";
  }

  void with_imports(const std::string& deliveries, const place_work& what) {
    nats_server server({.version = GetParam(), .extra_config = accounts(deliveries)});
    raw_client raw(server.port(), R"("user":"j","pass":"p")");
    run([&]() -> asio::awaitable<void> {
      client owner = co_await connect(config(server.url()).user("j", "p"));
      client importing = co_await connect(config(server.url()).user("a", "p").timeout(3s));
      bucket own = co_await owner.create_bucket(with_history());
      bucket theirs = co_await importing.open_bucket("B");
      co_await what({importing, own, theirs, raw});
      co_await importing.close();
      co_await owner.close();
    });
  }

  // Of a watch whose deliver subject leads nowhere.
  static asio::awaitable<void> expect_never_established(client& nats, watcher w) {
    heard<std::optional<entry>> got;
    w.next_initial(got);
    bool was_live = false;
    co_await until([&] {
      for (const watch_health& open : nats.health().watches) was_live = was_live || open.live;
      return got.done();
    });
    EXPECT_FALSE(was_live);
    EXPECT_EQ(got.code(), errc::timeout) << got.code().message();
    EXPECT_THAT(got.detail(), HasSubstr("nothing came on its deliver subject"));
    EXPECT_FALSE(w.initial_complete());
  }
};
KVCO_ON_ALL_GENERATIONS(imported_test);

// field: X10
TEST_P(imported_test, without_deliveries_no_watch_is_established) {
  with_imports("", [](place at) -> asio::awaitable<void> {
    const std::string everything =
        at.raw.subscribe(">");  // of a monitor: another subscription than the watch's
    at.raw.flush();
    co_await expect_never_established(at.importing, at.theirs.watch_all(restless));
    EXPECT_EQ(co_await at.theirs.put("k", "v"), 1u);
    co_await expect_never_established(at.importing, at.theirs.watch_all(restless));
    watch_options updates = restless, resumed = restless;
    updates.updates_only = true;
    resumed.resume_from = 2;
    co_await expect_never_established(at.importing, at.theirs.watch("k", updates));
    co_await expect_never_established(at.importing, at.theirs.watch_all(resumed));
    auto [failed, keys] = co_await at.theirs.keys(nothrow);
    EXPECT_EQ(failed, errc::timeout) << failed.message();
    EXPECT_THAT(error_detail(), HasSubstr("nothing came on its deliver subject"));
  });
}

TEST_P(imported_test, with_deliveries_watches_are_as_elsewhere) {
  with_imports(R"(, { stream: { account: JS, subject: "_INBOX.>" } })",
               [](place at) -> asio::awaitable<void> {
                 watcher all = at.theirs.watch_all();
                 EXPECT_EQ(co_await initial_of(all), "");
                 EXPECT_TRUE(at.importing.health().watches.at(0).live);
                 co_await at.own.put("k", "v");
                 EXPECT_EQ(co_await next_of(all), "k@1=v");
                 EXPECT_EQ(co_await keys_of(at.theirs), "k");
               });
}

}  // namespace
}  // namespace kvco::test
