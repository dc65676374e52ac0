// Streams that others have made, or have changed: what is a bucket, what it answers, and what it limits.
#include <gmock/gmock.h>

#include <boost/json.hpp>
#include <kvco_test/support/server/kv_test.hpp>

namespace kvco::test {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using testing::HasSubstr;

class foreign_streams_test : public generations_test {
 protected:
  raw_client raw{server.port()};

  void create(const json::object& stream) {
    api(raw, "STREAM.CREATE." + std::string(stream.at("name").as_string()), json::serialize(stream));
  }
  static json::object bucket_stream(const std::string& name) {
    return {{"name", "KV_" + name},
            {"subjects", {"$KV." + name + ".>"}},
            {"max_msgs_per_subject", 1},
            {"allow_direct", true}};
  }
  /// Sets a field of the configuration of KV_B.
  void configure(std::string_view field, const json::value& value) {
    json::object settings = json::parse(api(raw, "STREAM.INFO.KV_B")).at("config").as_object();
    settings[field] = value;
    api(raw, "STREAM.UPDATE.KV_B", json::serialize(settings));
  }
};
KVCO_ON_ALL_GENERATIONS(foreign_streams_test);

// --- mirrors, and other streams whose messages have other subjects ---------------------------------------------------------

// It answers a get as if it had nothing.
// field: M7
TEST_P(foreign_streams_test, one_that_stores_below_other_subjects_is_refused) {
  if (!at_least("2.10")) return;  // the server has no subject_transform
  json::object stream = bucket_stream("T");
  stream["subject_transform"] = {{"src", "$KV.T.>"}, {"dest", "elsewhere.>"}};
  create(stream);
  with_client([&](client& nats) -> asio::awaitable<void> {
    auto [opened, none] = co_await nats.open_bucket("T", nothrow);
    EXPECT_EQ(opened, errc::not_a_bucket) << opened;
    EXPECT_THAT(error_detail(), HasSubstr("elsewhere.>"));
  });
}

// Somebody has put something else in the bucket's place, while a handle of it is used.
// field: M7
TEST_P(foreign_streams_test, what_a_handle_finds_in_its_buckets_place_is_told) {
  with_bucket(bucket_config("A"), [&](client& nats, bucket&) -> asio::awaitable<void> {
    for (const bool is_mirror : {true, false}) {
      const std::string name = is_mirror ? "MIRROR" : "OTHER";
      bucket b = co_await nats.create_bucket(bucket_config(name).storage(storage::memory));
      co_await nats.delete_bucket(name);
      json::object other = {{"name", "KV_" + name}, {"max_msgs_per_subject", 1}, {"storage", "memory"}};
      if (is_mirror) {
        other["mirror"] = json::object{{"name", "KV_A"}};
      } else {
        other["subjects"] = json::array{"orders.>"};
      }
      create(other);
      auto [put, no_revision] = co_await b.put("k", "v", nothrow);
      EXPECT_EQ(put, errc::not_a_bucket) << put << error_detail();
      auto [status, no_status] = co_await b.status(nothrow);
      EXPECT_EQ(status, errc::not_a_bucket) << status;
      auto [keys, no_keys] = co_await b.keys(nothrow);
      EXPECT_EQ(keys, errc::not_a_bucket) << keys;
      watcher updates = b.watch_all();
      auto [watched, no_entry] = co_await updates.next_initial(nothrow);
      EXPECT_EQ(watched, errc::not_a_bucket) << watched;
    }
  });
}

// field: X7
TEST_P(foreign_streams_test, bucket_names_are_those_that_open_takes) {
  create({{"name", "KV_FOO"}, {"subjects", {"FOO.*"}}});
  create({{"name", "KV_NARROW"}, {"subjects", {"$KV.NARROW.a"}}, {"max_msgs_per_subject", 1}});
  create({{"name", "KV_ELSEWHERE"}, {"subjects", {"$KV.other.>"}}, {"max_msgs_per_subject", 1}});
  create({{"name", "KV_EVENTS"}, {"subjects", {"$KV.EVENTS.>"}}});
  create({{"name", "PLAIN"}, {"subjects", {"$KV.plain.>"}}, {"max_msgs_per_subject", 1}});
  json::object mixed = bucket_stream("MIXED");
  mixed["subjects"] = {"orders", "$KV.MIXED.>"};
  create(mixed);
  with_bucket(bucket_config("A"), [&](client& nats, bucket&) -> asio::awaitable<void> {
    create({{"name", "KV_M"}, {"max_msgs_per_subject", 1}, {"mirror", {{"name", "KV_A"}}}});
    const std::vector<std::string> listed = co_await nats.bucket_names();
    EXPECT_EQ(show(listed), "A M MIXED");
    for (const char* name : {"A", "MIXED", "FOO", "NARROW", "ELSEWHERE", "EVENTS", "M", "plain"}) {
      auto [opened, none] = co_await nats.open_bucket(name, nothrow);
      const bool is_listed = std::find(listed.begin(), listed.end(), name) != listed.end();
      EXPECT_EQ(!opened, is_listed) << name << opened;
    }
  });
}

class names_only_test : public server_test, public testing::WithParamInterface<std::string> {
 protected:
  names_only_test()
      : server_test({.version = GetParam(), .extra_config = R"(authorization { users = [
                       { user: "all", password: "p" },
                       { user: "some", password: "p", permissions: { publish: { deny: ["$JS.API.STREAM.LIST"] } } } ] })"}) {
  }
};
KVCO_ON_ALL_GENERATIONS(names_only_test);

TEST_P(names_only_test, who_may_not_ask_for_configurations_has_the_names) {
  run([&]() -> asio::awaitable<void> {
    client all = co_await connect(config(server.url()).user("all", "p"));
    for (const char* name : {"A", "B"}) co_await all.create_bucket(bucket_config(name));
    client some = co_await connect(config(server.url()).user("some", "p"));
    const std::vector<std::string> names = co_await some.bucket_names();
    EXPECT_EQ(show(names), "A B");
  });
}

// --- what was true when the handle was made, and is no more ----------------------------------------------------------------

// field: M6
// peer: G47
TEST_P(foreign_streams_test, direct_get_is_switched_off_and_on_under_a_handle) {
  with_bucket(with_history(), [&](client&, bucket& b) -> asio::awaitable<void> {
    const std::vector<std::string> keys = {"k", "none", "l"};
    for (const char* key : {"k", "l"}) co_await b.put(key, "v");
    // Each time a handle that does not know it yet: what one read has found out all of them know.
    for (int kind = 0; kind < 3; ++kind) {
      configure("allow_direct", true);
      co_await b.status();
      EXPECT_EQ(co_await value_of(b, "k"), "v");
      configure("allow_direct", false);
      const auto begin = std::chrono::steady_clock::now();
      if (kind == 0) {
        EXPECT_EQ(co_await value_of(b, "k"), "v");
      }
      if (kind == 1) {
        const std::optional<entry> old = co_await b.get_revision("k", 1, {.timeout = 3s});
        EXPECT_EQ(show(old), "k@1=v");
      }
      if (kind == 2) {
        const auto all = co_await b.get_many(keys);
        EXPECT_EQ(show(all[0]) + ' ' + show(all[1]) + ' ' + show(all[2]), "k@1=v none l@2=v");
      }
      EXPECT_LT(std::chrono::steady_clock::now() - begin, 3s) << kind;
      EXPECT_EQ(co_await value_of(b, "l"), "v");
      EXPECT_EQ(co_await value_of(b, "none"), "none");
    }
  });
}

// field: M6
TEST_P(foreign_streams_test, a_short_deadline_is_enough_for_the_leader_instead) {
  with_bucket(with_history(), [&](client&, bucket& b) -> asio::awaitable<void> {
    co_await b.put("k", "v");
    configure("allow_direct", false);
    auto [ec, got] = co_await b.get("k", {.timeout = 400ms}, nothrow);
    EXPECT_FALSE(ec) << ec << error_detail();
    EXPECT_EQ(show(got), "k@1=v");
  });
}

TEST_P(foreign_streams_test, a_time_to_live_is_allowed_later) {
  if (!at_least("newest")) return;  // the server has no time to live of single keys
  with_bucket(bucket_config("B"), [&](client&, bucket& b) -> asio::awaitable<void> {
    auto [before, none] = co_await b.create("k", "v", {.ttl = 10s}, nothrow);
    EXPECT_EQ(before, errc::unsupported_by_server);
    configure("allow_msg_ttl", true);
    EXPECT_EQ(co_await b.create("k", "v", {.ttl = 10s}), 1u);
    EXPECT_EQ(raw.request("$JS.API.DIRECT.GET.KV_B.$KV.B.k").header("Nats-TTL"), "10");
    EXPECT_EQ(co_await b.purge("k", {.ttl = 10s}), 2u);
  });
}

// --- limits -----------------------------------------------------------------------------------------------------------------

// field: X3
TEST_P(foreign_streams_test, limits_of_consumers_stop_no_watch) {
  const json::object all_limits[] = {{{"inactive_threshold", 5'000'000'000}},
                                     {{"max_ack_pending", 5}},
                                     {{"inactive_threshold", 5'000'000'000}, {"max_ack_pending", 5}}};
  std::string name = "B";  // each its own: servers are not through with a deletion when they say so
  for (const json::object& limits : all_limits) {
    name += 'B';
    json::object stream = bucket_stream(name);
    stream["consumer_limits"] = limits;  // server 2.9 drops them
    create(stream);
    with_client([&](client& nats) -> asio::awaitable<void> {
      bucket b = co_await nats.open_bucket(name);
      co_await b.put("k", "v");
      EXPECT_EQ(co_await keys_of(b), "k");
      EXPECT_EQ(co_await history_of(b, "k"), "k@1=v");
      watcher updates = b.watch({"k", "l"});
      EXPECT_EQ(co_await initial_of(updates), "k@1=v");
      co_await b.put("l", "w");
      EXPECT_EQ(co_await next_of(updates), "l@2=w");
    });
  }
}

// field: X4
TEST_P(foreign_streams_test, full_is_a_bucket_only_by_its_bytes_or_messages) {
  struct row {
    json::object limit;
    const char* words;
    bool full;
  };
  const row rows[] = {{{{"max_msgs", 1}}, "maximum messages exceeded", true},
                      {{{"discard_new_per_subject", true}}, "maximum messages per subject exceeded", false}};
  for (const row& r : rows) {
    const std::string name = r.full ? "FULL" : "SUBJECT";
    json::object stream = bucket_stream(name);
    stream["discard"] = "new";
    for (const auto& [field, value] : r.limit) stream[field] = value;
    create(stream);
    with_client([&](client& nats) -> asio::awaitable<void> {
      bucket b = co_await nats.open_bucket(name);
      co_await b.put("k", "v");
      const std::string key = r.full ? "other" : "k";
      auto [put, none] = co_await b.put(key, "w", nothrow);
      EXPECT_EQ(put == errc::bucket_full, r.full) << put;
      EXPECT_EQ(put == errc::server_error, !r.full) << put;
      EXPECT_THAT(error_detail(), HasSubstr(r.words));
      const std::vector<put_item> items = {{key, "w"}};
      const std::vector<put_outcome> many = co_await b.put_many(items);
      EXPECT_EQ(many[0].code(), put);
      EXPECT_EQ(co_await value_of(b, "k"), "v");
    });
  }
}

}  // namespace
}  // namespace kvco::test
