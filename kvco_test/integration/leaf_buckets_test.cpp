// A leaf node with JetStream of its own: its buckets copy those of the hub, also of the same name, and live without it.
#include <gmock/gmock.h>

#include <kvco/writes.hpp>
#include <kvco_test/support/server/connecting.hpp>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class leaf_buckets_test : public testing::TestWithParam<std::string> {
 protected:
  static constexpr const char* account =
      "accounts: { A: { users: [ { user: a, password: p } ], jetstream: enabled } }\n";

  static server_options of_hub(const reserved_port& leaves) {
    server_options options{.version = GetParam(), .jetstream_config = "domain: hub"};
    options.extra_config =
        account + std::string("leafnodes { listen: \"127.0.0.1:") + std::to_string(leaves.number()) + "\" }";
    return options;
  }
  static server_options of_leaf(const reserved_port& hub) {
    server_options options{.version = GetParam(), .jetstream_config = "domain: leaf"};
    options.extra_config =
        account +
        std::string("leafnodes { reconnect: 1, remotes: [ { account: A, url: \"nats://a:p@127.0.0.1:") +
        std::to_string(hub.number()) + "\" } ] }";
    return options;
  }

  reserved_port leaves_;
  nats_server hub_{of_hub(leaves_)};
  nats_server leaf_{of_leaf(leaves_)};

  static config user_of(const nats_server& server) {
    return config(server.url()).user("a", "p").timeout(20s);
  }
  bool at_least_2_10() const { return GetParam() != "2.9"; }

  using places = std::function<asio::awaitable<void>(client& hub, client& leaf)>;
  void with_both(const places& what) {
    leaf_.wait_for_log("Leafnode connection created");
    run(
        [&]() -> asio::awaitable<void> {
          client hub = co_await connect(user_of(hub_));
          client leaf = co_await connect(user_of(leaf_));
          co_await what(hub, leaf);
        },
        100s);
  }
  /// What is copied comes when it comes.
  static asio::awaitable<void> until_value(bucket of, std::string key, std::string value) {
    while (true) {
      const std::optional<entry> now = co_await of.get(key, {.consistency = consistency::any});
      if (now && now->value() == value) co_return;
    }
  }
  static asio::awaitable<void> until_revision(bucket of, revision last) {
    bucket_status now;
    do {
      now = co_await of.status();
    } while (now.last_revision < last);
  }
};
KVCO_ON_ALL_GENERATIONS(leaf_buckets_test);

// By a client of the leaf node that names the domain, or its prefix: everything, its writes as well, goes to the hub.
TEST_P(leaf_buckets_test, a_domain_is_read_written_and_watched_across_the_leaf_node) {
  const std::vector<config> both = {user_of(leaf_).domain("hub"), user_of(leaf_).api_prefix("$JS.hub.API")};
  with_both([&](client& hub, client&) -> asio::awaitable<void> {
    for (const config& settings : both) {
      client nats = co_await connect(settings);
      bucket theirs = co_await hub.create_bucket(with_history());
      bucket b = co_await nats.key_value("B");
      watcher updates = b.watch_all();
      EXPECT_EQ(co_await initial_of(updates), "");
      const revision first = co_await b.put("k", "1");
      EXPECT_EQ(co_await theirs.put("k", "2"), first + 1);
      EXPECT_EQ(co_await next_of(updates), "k@" + std::to_string(first) + "=1");
      EXPECT_EQ(co_await next_of(updates), "k@" + std::to_string(first + 1) + "=2");
      EXPECT_EQ(co_await value_of(b, "k"), "2");
      EXPECT_EQ(co_await keys_of(b), "k");
      EXPECT_EQ(co_await b.update("k", "3", first + 1), first + 2);
      EXPECT_EQ(co_await value_of(theirs, "k"), "3");
      const account_info info = co_await get_account_info(nats);
      EXPECT_EQ(info.domain, "hub");
      const capabilities able = co_await get_capabilities(nats);
      EXPECT_EQ(able.server_version(), "") << "another server stores it";
      EXPECT_EQ(able.has(feature::atomic), GetParam() == "newest");
      bucket_listing<bucket_status> listed = list_bucket_statuses(nats);
      const std::optional<bucket_status> only = co_await listed.next();
      EXPECT_EQ(only ? only->config.name() : "none", "B");
      EXPECT_EQ(co_await nats.purge_bucket("B"), 3u);
    }
  });
}

// Both are called B: `$KV.B.k` on the leaf node means its own one, and a write is for the hub's.
// peer: G28
TEST_P(leaf_buckets_test, a_mirror_of_the_same_name_is_read_here_and_written_there) {
  with_both([&](client& hub, client& leaf) -> asio::awaitable<void> {
    bucket origin = co_await hub.create_bucket(with_history());
    co_await origin.put("k", "1");
    const bucket_config mirror = with_history().mirror({.name = "B", .domain = "hub"});
    bucket b = co_await leaf.create_bucket(mirror);
    co_await until_value(b, "k", "1");
    watcher updates = b.watch_all();
    EXPECT_EQ(co_await initial_of(updates), "k@1=1");
    EXPECT_EQ(co_await b.put("k", "2"), 2u);
    EXPECT_EQ(co_await value_of(origin, "k"), "2");
    EXPECT_EQ(co_await value_of(b, "k"), "2") << "by the origin, where the mirror lags behind";
    EXPECT_EQ(co_await next_of(updates), "k@2=2");
    co_await origin.put("l", "3");
    EXPECT_EQ(co_await next_of(updates), "l@3=3");
    EXPECT_EQ(co_await b.erase("l"), 4u);
    EXPECT_EQ(co_await next_of(updates), "l@4 DEL");
    EXPECT_EQ(co_await keys_of(b), "k");
    EXPECT_EQ(co_await history_of(b, "k"), "k@1=1 k@2=2");
    const bucket_status status = co_await b.status();
    EXPECT_EQ(status.config.mirror(), mirror.mirror());
    co_await leaf.key_value(mirror);  // the same
    const std::vector<std::string> names = co_await leaf.bucket_names();
    EXPECT_EQ(show(names), "B");
  });
}

// Its bucket has another name there; a client of the leaf node reaches the origin by its domain.
// peer: G28
TEST_P(leaf_buckets_test, a_mirror_of_another_name_follows_its_origin) {
  with_both([&](client& hub, client& leaf) -> asio::awaitable<void> {
    bucket origin = co_await hub.create_bucket(bucket_config("TEST"));
    for (const char* key : {"name", "age", "gone"}) co_await origin.put(key, "1");
    co_await origin.erase("gone");
    const bucket_config mirror = bucket_config("MIRROR").mirror({.name = "TEST", .domain = "hub"});
    bucket b = co_await leaf.create_bucket(mirror);
    co_await until_revision(b, 4);
    const bucket_status status = co_await b.status();
    EXPECT_TRUE(status.stream.mirror_direct);
    EXPECT_EQ(status.messages, 3u);
    EXPECT_EQ(co_await b.put("name", "2"), 5u);
    EXPECT_EQ(co_await b.put("gone", "back"), 6u);
    EXPECT_EQ(co_await value_of(origin, "gone"), "back");
    EXPECT_EQ(co_await b.erase("gone"), 7u);
    EXPECT_EQ(co_await value_of(origin, "gone"), "none");
    co_await until_revision(b, 7);
    watcher updates = b.watch_all({.updates_only = true});
    co_await updates.ready();
    client far = co_await connect(user_of(leaf_).domain("hub"));
    bucket remote = co_await far.open_bucket("TEST");
    co_await remote.put("name", "3");
    EXPECT_EQ(co_await next_of(updates), "name@8=3");
    co_await remote.put("gone", "again");
    EXPECT_EQ(co_await next_of(updates), "gone@9=again");
    co_await remote.erase("gone");
    EXPECT_EQ(co_await next_of(updates), "gone@10 DEL");
    const std::size_t before = leaf_.log().size();
    hub_.kill();
    leaf_.wait_for_log("Leafnode connection closed", before);
    EXPECT_EQ(co_await value_of(b, "name"), "3");
    EXPECT_EQ(co_await value_of(b, "gone"), "none");
  });
}

// peer: G28
TEST_P(leaf_buckets_test, a_mirror_lives_while_its_origin_is_stopped) {
  with_both([&](client& hub, client& leaf) -> asio::awaitable<void> {
    bucket origin = co_await hub.create_bucket(with_history());
    co_await origin.put("k", "1");
    const bucket_config mirror = with_history().mirror({.name = "B", .domain = "hub"});
    bucket b = co_await leaf.create_bucket(mirror);
    co_await until_value(b, "k", "1");
    watcher updates = b.watch_all();
    EXPECT_EQ(co_await initial_of(updates), "k@1=1");
    const std::size_t before = leaf_.log().size();
    hub_.kill();
    leaf_.wait_for_log("Leafnode connection closed", before);
    EXPECT_EQ(co_await value_of(b, "k"), "1");
    EXPECT_EQ(co_await keys_of(b), "k");
    auto [put, none] = co_await b.put("k", "lost", {.timeout = 300ms}, nothrow);
    EXPECT_TRUE(put == errc::unavailable || put == errc::timeout || put == errc::outcome_unknown) << put;
    auto [no_ttl, nothing] =
        co_await b.create("t", "v", {.ttl = 60s}, nothrow);  // b stays writable: see below
    EXPECT_EQ(no_ttl, errc::unsupported_by_server) << no_ttl;
    std::vector<heard<bucket>> handles(3);  // which find no origin
    for (const auto& each : handles) leaf.open_bucket("B", each);
    co_await until([&] { return std::ranges::all_of(handles, [](auto& h) { return h.done(); }); });
    bucket opened = handles[0].value();
    EXPECT_EQ(co_await value_of(opened, "k"), "1");
    auto [refused, no_revision] = co_await opened.put("k", "lost", nothrow);
    EXPECT_EQ(refused, errc::read_only) << refused;
    heard<revision> later;
    b.put("m", "waits", {.timeout = 30s}, later);
    hub_.start();
    co_await until([&] { return later.done(); });
    EXPECT_FALSE(later.code()) << later.code().message() << later.detail();
    EXPECT_EQ(co_await next_of(updates), "m@2=waits");
    // What was opened without an origin asks for it again, by whichever write is the first.
    EXPECT_EQ(co_await opened.update("m", "written", 2), 3u);
    EXPECT_EQ(co_await next_of(updates), "m@3=written");
    EXPECT_EQ(co_await opened.put("m", "directly"), 4u);
    EXPECT_EQ(co_await next_of(updates), "m@4=directly");
    const std::vector<put_item> items = {{"many", "v"}};
    const std::vector<put_outcome> stored = co_await handles[1].value().put_many(items);
    EXPECT_TRUE(stored[0].ok()) << stored[0].detail();
    EXPECT_EQ(co_await next_of(updates), "many@5=v");
    EXPECT_EQ(co_await erase_keys(handles[2].value(), "many"), 1u);
    EXPECT_EQ(co_await next_of(updates), "many@6 DEL");
  });
}

// Written on the leaf node as well, with revisions of its own.
TEST_P(leaf_buckets_test, two_sources_meet_in_one_bucket) {
  with_both([&](client& hub, client& leaf) -> asio::awaitable<void> {
    bucket first = co_await hub.create_bucket(bucket_config("B").history(5));
    bucket second = co_await hub.create_bucket(bucket_config("C").history(5));
    co_await first.put("b.k", "1");
    co_await second.put("c.k", "2");
    const bucket_config both =
        with_history().sources({{.name = "B", .domain = "hub"}, {.name = "C", .domain = "hub"}});
    auto [code, b] = co_await leaf.create_bucket(both, nothrow);
    if (!at_least_2_10()) {
      EXPECT_EQ(code, errc::unsupported_by_server) << "it has no transforms of sources";
      co_return;
    }
    EXPECT_FALSE(code) << code << error_detail();
    co_await until_value(b, "b.k", "1");
    co_await until_value(b, "c.k", "2");
    co_await b.put("own", "3");
    watcher updates = b.watch_all({.updates_only = true});
    EXPECT_FALSE(co_await updates.next_initial());
    EXPECT_EQ(co_await keys_of(b), "b.k c.k own");
    co_await second.put("c.k", "4");
    EXPECT_THAT(co_await next_of(updates), HasSubstr("c.k@4=4"));
    co_await first.erase("b.k");
    EXPECT_THAT(co_await next_of(updates), HasSubstr("b.k@5 DEL"));
    const std::size_t before = leaf_.log().size();
    hub_.kill();
    leaf_.wait_for_log("Leafnode connection closed", before);
    co_await b.put("own", "alone");
    EXPECT_EQ(co_await next_of(updates), "own@6=alone");
    EXPECT_EQ(co_await keys_of(b), "c.k own");
    hub_.start();
    co_await first.put("b.k", "back");
    const std::string copied = co_await next_of(updates);
    EXPECT_THAT(copied, HasSubstr("b.k@7=back"));
    EXPECT_EQ(co_await value_of(first, "own"), "none") << "sources are copied in one direction";
  });
}

}  // namespace
}  // namespace kvco::test
