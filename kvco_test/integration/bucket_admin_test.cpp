// Buckets are updated, repaired, purged, and found once for a whole program: on real servers.
#include <gmock/gmock.h>

#include <boost/json.hpp>
#include <kvco_test/support/server/kv_test.hpp>

namespace kvco::test {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using testing::HasSubstr;

class bucket_admin_test : public generations_test {
 protected:
  raw_client raw{server.port()};

  json::object config_of(const std::string& name) {
    return json::parse(api(raw, "STREAM.INFO.KV_" + name)).at("config").as_object();
  }
  /// As a tool does it that knows nothing of buckets.
  void reconfigure(const std::string& name, const json::object& changes) {
    json::object config = config_of(name);
    config.erase("metadata");
    for (const auto& [field, value] : changes) config[field] = value;
    api(raw, "STREAM.UPDATE.KV_" + name, json::serialize(config));
  }
};
KVCO_ON_ALL_GENERATIONS(bucket_admin_test);

// --- update_bucket ------------------------------------------------------------------------------------------------------

// peer: G4, N7
TEST_P(bucket_admin_test, an_update_changes_what_is_set) {
  with_bucket(bucket_config("B").history(5).description("mine"),
              [&](client& nats, bucket& b) -> asio::awaitable<void> {
                co_await b.put("k", "v");
                reconfigure("B", {{"max_msg_size", 7000}, {"duplicate_window", 30'000'000'000}});
                bucket updated = co_await nats.update_bucket(bucket_config("B").history(9));
                EXPECT_EQ(co_await value_of(updated, "k"), "v");
                const json::object then = config_of("B");
                EXPECT_EQ(then.at("max_msgs_per_subject"), 9);
                EXPECT_EQ(then.at("max_msg_size"), 7000) << "nobody has set it";
                EXPECT_EQ(then.at("duplicate_window"), 30'000'000'000);
                EXPECT_EQ(then.at("description"), "mine");
                const bucket_status status = co_await b.status();
                EXPECT_EQ(status.config.history(), 9);
              });
}

// peer: G4
TEST_P(bucket_admin_test, an_update_creates_nothing) {
  api(raw, "STREAM.CREATE.KV_PLAIN", R"({"name":"KV_PLAIN","subjects":["plain.>"]})");
  with_client([&](client& nats) -> asio::awaitable<void> {
    auto [missing, none] = co_await nats.update_bucket(bucket_config("NONE").history(2), nothrow);
    EXPECT_EQ(missing, errc::bucket_not_found) << error_detail();
    EXPECT_THAT(error_detail(), HasSubstr("NONE"));
    EXPECT_FALSE(stream_exists(raw, "KV_NONE"));
    auto [plain, no_bucket] = co_await nats.update_bucket(bucket_config("PLAIN").history(2), nothrow);
    EXPECT_EQ(plain, errc::not_a_bucket) << error_detail();
    EXPECT_EQ(config_of("PLAIN").at("max_msgs_per_subject"), -1);
    auto [invalid, no_second] = co_await nats.update_bucket(bucket_config("NONE").history(65), nothrow);
    EXPECT_EQ(invalid, errc::invalid_argument);
    auto [compressed, no_third] =
        co_await nats.update_bucket(bucket_config("PLAIN").compression(true), nothrow);
    EXPECT_EQ(compressed, at_least("2.10") ? errc::not_a_bucket : errc::unsupported_by_server) << compressed;
  });
}

TEST_P(bucket_admin_test, an_update_that_the_server_refuses_changes_nothing) {
  with_bucket(bucket_config("B"), [&](client& nats, bucket&) -> asio::awaitable<void> {
    const json::object before = config_of("B");
    auto [refused, none] = co_await nats.update_bucket(bucket_config("B").storage(storage::memory), nothrow);
    EXPECT_EQ(refused, errc::server_error);
    EXPECT_EQ(refused.value(), 10052);
    EXPECT_EQ(config_of("B"), before);
  });
}

// --- what a tool has changed ----------------------------------------------------------------------------------------------

// ADR-8 has one value of it: a bucket that drops its oldest entries when it is full is repaired by who creates it.
// peer: G35
TEST_P(bucket_admin_test, the_discard_policy_is_repaired_by_creating_the_bucket_again) {
  const bucket_config asked = bucket_config("B").history(3).max_bytes(100'000);
  with_bucket(asked, [&](client& nats, bucket& b) -> asio::awaitable<void> {
    co_await b.put("k", "v");
    reconfigure("B", {{"discard", "old"}});
    bucket_status status = co_await b.status();
    EXPECT_FALSE(status.stream.discards_new);
    auto [other, none] =
        co_await nats.create_bucket(bucket_config("B").history(4).max_bytes(100'000), nothrow);
    EXPECT_EQ(other, errc::bucket_exists) << "more is different";
    EXPECT_EQ(config_of("B").at("discard"), "old");
    bucket again = co_await nats.create_bucket(asked);
    EXPECT_EQ(config_of("B").at("discard"), "new");
    EXPECT_EQ(co_await value_of(again, "k"), "v");
    status = co_await b.status();
    EXPECT_EQ(status.config.history(), 3);
    reconfigure("B", {{"discard", "old"}});
    co_await nats.ensure_bucket(asked, {.on_conflict = on_conflict::fail});
    EXPECT_EQ(config_of("B").at("discard"), "new");
  });
}

// ADR-8 lets it be changed: by others, and not by a client of buckets.
// peer: G35
TEST_P(bucket_admin_test, direct_gets_that_were_switched_off_stay_so) {
  with_bucket(bucket_config("B"), [&](client& nats, bucket&) -> asio::awaitable<void> {
    reconfigure("B", {{"allow_direct", false}, {"discard", "old"}});
    auto [refused, none] = co_await nats.create_bucket(bucket_config("B"), nothrow);
    EXPECT_EQ(refused, errc::bucket_exists);
    EXPECT_EQ(config_of("B").at("allow_direct"), false);
  });
}

// --- purge_bucket ---------------------------------------------------------------------------------------------------------

TEST_P(bucket_admin_test, a_purge_removes_all_and_keeps_the_bucket) {
  with_bucket(with_history(), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    EXPECT_EQ(co_await nats.purge_bucket("B"), 0u) << "it is empty";
    for (const char* value : {"1", "2", "3"}) co_await b.put("a", value);
    co_await b.put("b", "1");
    co_await b.erase("b");
    EXPECT_EQ(co_await nats.purge_bucket("B"), 5u);
    EXPECT_EQ(co_await value_of(b, "a"), "none") << "though this handle has seen a value";
    EXPECT_EQ(co_await keys_of(b), "");
    EXPECT_EQ(co_await history_of(b, "a"), "");
    EXPECT_EQ(co_await nats.purge_bucket("B"), 0u);
    EXPECT_EQ(co_await b.create("b", "again"), 6u) << "the numbers go on, and no tombstone is left";
    EXPECT_EQ(co_await keys_of(b), "b");
  });
}

TEST_P(bucket_admin_test, a_watch_goes_on_after_a_purge) {
  with_bucket(with_history(), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    co_await b.put("a", "1");
    watcher live = b.watch_all(restless);
    EXPECT_EQ(co_await initial_of(live), "a@1=1");
    EXPECT_EQ(co_await nats.purge_bucket("B"), 1u);
    co_await b.put("c", "2");
    EXPECT_EQ(co_await next_of(live), "c@2=2") << "nothing is heard of the purge";
    watcher late = b.watch_all({.resume_from = 1});
    EXPECT_EQ(co_await next_of(late), "c@2=2");
    EXPECT_EQ(nats.statistics().watches_recreated, 0u);
  });
}

TEST_P(bucket_admin_test, only_buckets_are_purged) {
  api(raw, "STREAM.CREATE.KV_PLAIN", R"({"name":"KV_PLAIN","subjects":["plain.>"]})");
  raw.request("plain.x", "an order");
  const bucket_config copy = bucket_config("M").mirror({.name = "A"});
  with_bucket(bucket_config("A"), [&](client& nats, bucket& a) -> asio::awaitable<void> {
    co_await a.put("k", "v");
    auto [plain, none] = co_await nats.purge_bucket("PLAIN", nothrow);
    EXPECT_EQ(plain, errc::not_a_bucket);
    EXPECT_EQ(stream_field(raw, "PLAIN", "messages"), "1");
    auto [missing, no_count] = co_await nats.purge_bucket("NONE", nothrow);
    EXPECT_EQ(missing, errc::bucket_not_found);
    co_await nats.create_bucket(copy);
    auto [mirror, no_second] = co_await nats.purge_bucket("M", nothrow);
    EXPECT_EQ(mirror, errc::read_only);
    EXPECT_EQ(co_await value_of(a, "k"), "v");
  });
}

// --- key_value ------------------------------------------------------------------------------------------------------------

TEST_P(bucket_admin_test, key_value_creates_once_and_sends_nothing_again) {
  with_client([&](client& nats) -> asio::awaitable<void> {
    bucket first = co_await nats.key_value(bucket_config("B").history(4).storage(storage::memory));
    co_await first.put("k", "v");
    EXPECT_EQ(stream_field(raw, "B", "max_msgs_per_subject"), "4");
    const auto sent = nats.statistics().bytes_out;
    bucket second = co_await nats.key_value("B");
    bucket third = co_await nats.key_value(bucket_config("B").history(4));
    auto [differs, none] = co_await nats.key_value(bucket_config("B").history(5).ttl(1min), nothrow);
    EXPECT_EQ(differs, errc::bucket_exists);
    EXPECT_THAT(error_detail(), HasSubstr("history is 4, not 5; ttl is 0 ns, not 60000000000 ns"));
    EXPECT_EQ(nats.statistics().bytes_out, sent);
    EXPECT_EQ(co_await value_of(second, "k"), "v");
    co_await nats.delete_bucket("B");
    co_await nats.key_value(bucket_config("B").history(5).storage(storage::memory));
    EXPECT_EQ(stream_field(raw, "B", "max_msgs_per_subject"), "5");
  });
}

// A bucket that another client has deleted is created again as soon as this client has found out.
TEST_P(bucket_admin_test, key_value_creates_again_what_others_have_deleted) {
  with_client([&](client& nats) -> asio::awaitable<void> {
    // Of files a server may restore entries of a deleted bucket ("Defects of servers" of the guarantees).
    const bucket_config in_memory = bucket_config("B").storage(storage::memory);
    co_await nats.key_value(in_memory);
    api(raw, "STREAM.DELETE.KV_B");
    const auto [gone] = co_await nats.delete_bucket("B", nothrow);
    EXPECT_EQ(gone, errc::bucket_not_found);
    bucket second = co_await nats.key_value(in_memory);
    EXPECT_EQ(co_await second.put("k", "v"), 1u);
    api(raw, "STREAM.DELETE.KV_B");
    watcher updates = second.watch_all();
    const auto [ended, none] = co_await updates.next(nothrow);
    EXPECT_EQ(ended, errc::bucket_not_found);
    bucket third = co_await nats.key_value(in_memory);
    EXPECT_EQ(co_await third.put("k", "v"), 1u);
  });
}

// What somebody else has made is opened as it is; only what is asked for is compared.
TEST_P(bucket_admin_test, key_value_opens_what_is_there) {
  with_bucket(bucket_config("B").history(7).ttl(1h), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    co_await b.put("k", "v");
    bucket opened = co_await nats.key_value("B");
    EXPECT_EQ(co_await value_of(opened, "k"), "v");
    co_await nats.key_value(bucket_config("B").history(7));
    auto [missing, none] = co_await nats.key_value("NONE", {.declare = false}, nothrow);
    EXPECT_EQ(missing, errc::bucket_not_found);
    EXPECT_FALSE(stream_exists(raw, "KV_NONE"));
  });
}

TEST_P(bucket_admin_test, key_value_compares_every_setting_as_the_server_has_it) {
  bucket_config asked =
      bucket_config("B").history(2).ttl(1h).description("d").max_bytes(100'000).max_value_size(500);
  asked.storage(storage::memory)
      .replicas(1)
      .republish({.destination = "copy.>"})
      .placement({.tags = {"ssd"}});
  if (at_least("2.10")) asked.compression(false).metadata("team", "kv").sources({{.name = "A"}});
  if (at_least("newest")) asked.limit_marker_ttl(2s).atomic(true);
  with_bucket(bucket_config("A"), [&](client& nats, bucket&) -> asio::awaitable<void> {
    co_await nats.key_value(asked);
    co_await nats.key_value(asked);
    client other = co_await connect(config(server.url()));
    co_await other.key_value(asked);
    co_await other.close();
  });
}

}  // namespace
}  // namespace kvco::test
