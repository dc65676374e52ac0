// JetStream of another account whose API, keys and one prefix of inboxes are imported, as a test of nats.go has it.
#include <kvco_test/support/server/kv_test.hpp>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;

class peer_accounts : public testing::TestWithParam<std::string> {
 protected:
  nats_server server{{.version = GetParam(), .extra_config = R"(accounts {
    A { jetstream: enabled, users: [ { user: a, password: p } ], exports: [
      { service: "$JS.API.>" }, { service: "$KV.>" }, { stream: "inbox_of_i.>" } ] }
    I { users: [ { user: i, password: p } ], imports: [
      { service: { account: A, subject: "$JS.API.>" }, to: "from_a.>" },
      { service: { account: A, subject: "$KV.>" }, to: "from_a.$KV.>" },
      { stream: { account: A, subject: "inbox_of_i.>" } } ] } })"}};
};
KVCO_ON_ALL_GENERATIONS(peer_accounts);

// Each sees what the other one writes, at once and by its watch.
// peer: G24
TEST_P(peer_accounts, share_a_bucket) {
  run([&]() -> asio::awaitable<void> {
    client owner = co_await connect(config(server.url()).user("a", "p"));
    client guest =
        co_await connect(config(server.url()).user("i", "p").api_prefix("from_a").inbox_prefix("inbox_of_i"));
    bucket own = co_await owner.create_bucket(with_history());
    bucket theirs = co_await guest.create_bucket(with_history());  // the same one
    watcher here = own.watch("k"), there = theirs.watch("k");
    EXPECT_EQ(co_await initial_of(here), "");
    EXPECT_EQ(co_await initial_of(there), "");
    const auto both_see = [&](const char* seen, const char* value) -> asio::awaitable<void> {
      EXPECT_EQ(co_await value_of(own, "k"), value);
      EXPECT_EQ(co_await value_of(theirs, "k"), value);
      EXPECT_EQ(co_await next_of(here), seen);
      EXPECT_EQ(co_await next_of(there), seen);
    };
    EXPECT_EQ(co_await theirs.put("k", "value"), 1u);
    co_await both_see("k@1=value", "value");
    EXPECT_EQ(co_await theirs.update("k", "updated", 1), 2u);
    co_await both_see("k@2=updated", "updated");
    EXPECT_EQ(co_await own.put("k", "own"), 3u);
    co_await both_see("k@3=own", "own");
    EXPECT_EQ(co_await theirs.purge("k"), 4u);
    co_await both_see("k@4 PURGE", "none");
    EXPECT_EQ(co_await theirs.purge_deletes({.older_than = 0s}), 1u);
    const bucket_status status = co_await own.status();
    EXPECT_EQ(status.messages, 0u);
    EXPECT_EQ(co_await theirs.erase("k"), 5u);
    co_await both_see("k@5 DEL", "none");
  });
}

}  // namespace
}  // namespace kvco::test
