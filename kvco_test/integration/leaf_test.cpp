// A client of a leaf node that has no JetStream of its own: what it stores is with the hub, which comes and goes.
#include <gmock/gmock.h>

#include <kvco_test/support/server/connecting.hpp>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;

class leaf_test : public testing::TestWithParam<std::string> {
 protected:
  static std::string accounts(const std::string& jetstream) {
    return "accounts: { A: { users: [ { user: a, password: p } ]" + jetstream + " } }\n";
  }
  static server_options of_hub(const reserved_port& leaves) {
    server_options options{.version = GetParam(), .jetstream_config = "domain: hub"};
    options.extra_config = accounts(", jetstream: enabled") +
                           "leafnodes { listen: \"127.0.0.1:" + std::to_string(leaves.number()) + "\" }";
    return options;
  }
  static server_options of_leaf(const reserved_port& hub) {
    server_options options{.version = GetParam(), .jetstream = false};
    options.extra_config = accounts({}) + "default_js_domain: { A: hub }\n" +
                           "leafnodes { reconnect: 1, remotes: [ { account: A, url: \"nats://a:p@127.0.0.1:" +
                           std::to_string(hub.number()) + "\" } ] }";
    return options;
  }

  reserved_port leaves_;
  nats_server hub_{of_hub(leaves_)};
  nats_server leaf_{of_leaf(leaves_)};

  void while_the_hub_is_away(const config& settings) {
    run([&]() -> asio::awaitable<void> {
      client nats = co_await connect(settings);
      std::optional<bucket> created;
      while (!created) {  // the leaf may not have found its hub yet
        auto [code, got] = co_await nats.create_bucket(bucket_config("B"), {.timeout = 20s}, nothrow);
        if (!code) created = std::move(got);
        EXPECT_TRUE(!code || code == errc::unavailable || code == errc::jetstream_not_enabled) << code;
      }
      bucket& b = *created;
      co_await b.put("k", "1");
      const std::size_t before = leaf_.log().size();
      hub_.kill();
      leaf_.wait_for_log("Leafnode connection closed", before);
      heard<revision> put;
      heard<std::optional<entry>> got;
      heard<bucket> opened;
      b.put("k", "2", {.timeout = 30s}, put);
      b.get("k", {.timeout = 30s}, got);
      nats.open_bucket("B", {.timeout = 30s}, opened);
      const error_code silent = std::get<0>(co_await b.get("k", {.timeout = 500ms}, nothrow));
      EXPECT_TRUE(silent == errc::unavailable || silent == errc::timeout) << silent.message();
      EXPECT_FALSE(put.done() || got.done() || opened.done());
      hub_.start();
      co_await until([&] { return put.done() && got.done() && opened.done(); });
      EXPECT_FALSE(put.code()) << put.code().message() << put.detail();
      EXPECT_FALSE(got.code()) << got.code().message() << got.detail();
      EXPECT_FALSE(opened.code()) << opened.code().message() << opened.detail();
    });
  }
};
KVCO_ON_ALL_GENERATIONS(leaf_test);

// field: M4
TEST_P(leaf_test, waits_for_the_domain_of_a_hub_that_is_away) {
  while_the_hub_is_away(config(leaf_.url()).user("a", "p").domain("hub"));
}

// The leaf node knows the domain.
// field: M4
TEST_P(leaf_test, waits_for_a_hub_that_has_answered_before) {
  while_the_hub_is_away(config(leaf_.url()).user("a", "p"));
}

}  // namespace
}  // namespace kvco::test
