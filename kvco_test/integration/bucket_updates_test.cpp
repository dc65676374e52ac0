// An update changes what its caller has set, and nothing else.
#include <gmock/gmock.h>

#include <boost/json.hpp>
#include <kvco_test/support/server/kv_test.hpp>

namespace kvco::test {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

constexpr ensure_options updating{.on_conflict = on_conflict::update};

class bucket_updates_test : public generations_test {
 protected:
  raw_client raw{server.port()};

  json::object config(const std::string& name = "B") {
    return json::parse(api(raw, "STREAM.INFO.KV_" + name)).at("config").as_object();
  }

  /// Makes a bucket as an administrator would, with more than kvco knows.
  void create(const json::object& more, const std::string& name = "B") {
    json::object stream = {{"name", "KV_" + name},      {"subjects", {"$KV." + name + ".>"}},
                           {"max_msgs_per_subject", 5}, {"discard", "new"},
                           {"allow_direct", true},      {"deny_delete", true},
                           {"allow_rollup_hdrs", true}};
    for (const auto& [field, value] : more) stream[field] = value;
    api(raw, "STREAM.CREATE.KV_" + name, json::serialize(stream));
  }

  /// Every field of the first that is another in the second; "" where there is none.
  static std::string changes(json::object before, json::object after) {
    std::string all;
    for (const auto& [name, value] : before) {
      const json::value* now = after.if_contains(name);
      if (!now) all += std::string(name) + " gone ";
      if (now && *now != value) all += std::string(name) + " ";
    }
    for (const auto& [name, value] : after) {
      if (!before.contains(name)) all += std::string(name) + " new ";
    }
    return all;
  }
};
KVCO_ON_ALL_GENERATIONS(bucket_updates_test);

json::object rich() {
  return {{"description", "of somebody"},
          {"max_age", 3'600'000'000'000},
          {"duplicate_window", 30'000'000'000},
          {"max_bytes", 1'000'000},
          {"max_msg_size", 5'000},
          {"max_consumers", 7},
          {"max_msgs", 1000},
          {"republish", {{"src", "$KV.B.>"}, {"dest", "copy.>"}}}};
}

// field: X2
TEST_P(bucket_updates_test, what_nobody_has_set_stays) {
  json::object made = rich();
  if (at_least("2.10")) {
    made["metadata"] = {{"team", "ops"}, {"cost", "7"}};
    made["compression"] = "s2";
  }
  create(made);
  with_client([&](client& nats) -> asio::awaitable<void> {
    const json::object before = config();
    co_await nats.ensure_bucket(bucket_config("B"), updating);
    EXPECT_EQ(changes(before, config()), "") << "nothing is set";
    co_await nats.ensure_bucket(bucket_config("B").history(7), updating);
    EXPECT_EQ(changes(before, config()), "max_msgs_per_subject ");
    co_await nats.ensure_bucket(bucket_config("B").description("mine").max_bytes(0), updating);
    EXPECT_THAT(changes(before, config()),
                testing::AllOf(testing::HasSubstr("description "), testing::HasSubstr("max_bytes "),
                               testing::Not(testing::HasSubstr("max_age"))));
    EXPECT_EQ(config().at("max_bytes"), -1) << "0 is set, though it is the default";
    if (!at_least("2.10")) co_return;
    co_await nats.ensure_bucket(bucket_config("B").metadata("cost", "8").metadata("new", "1"), updating);
    json::object items = config().at("metadata").as_object();
    for (const char* own : {"_nats.ver", "_nats.level", "_nats.req.level"}) items.erase(own);
    EXPECT_EQ(items, (json::object{{"team", "ops"}, {"cost", "8"}, {"new", "1"}}));
  });
}

// field: X2
TEST_P(bucket_updates_test, of_a_status_changes_what_is_set_on_it) {
  json::object made = rich();
  made["max_msgs_per_subject"] = 100;  // more than a bucket of kvco may keep
  create(made);
  with_client([&](client& nats) -> asio::awaitable<void> {
    bucket b = co_await nats.open_bucket("B");
    bucket_status status = co_await b.status();
    EXPECT_EQ(status.config.history(), 100);
    json::object changed = config();
    changed["max_msg_size"] = 6'000;  // by somebody else, since then
    api(raw, "STREAM.UPDATE.KV_B", json::serialize(changed));
    co_await nats.ensure_bucket(status.config, updating);
    EXPECT_EQ(changes(changed, config()), "");
    co_await nats.ensure_bucket(status.config.description("mine"), updating);
    EXPECT_EQ(changes(changed, config()), "description ");
  });
}

// A status is enough to make the bucket again, with all that it had.
// field: X2
TEST_P(bucket_updates_test, a_status_makes_the_same_bucket) {
  with_client([&](client& nats) -> asio::awaitable<void> {
    bucket b = co_await nats.create_bucket(
        bucket_config("B").history(9).ttl(1h).description("x").storage(storage::memory));
    const bucket_status status = co_await b.status();
    const json::object before = config();
    co_await nats.delete_bucket("B");
    co_await nats.ensure_bucket(status.config, updating);
    EXPECT_EQ(changes(before, config()), "");
  });
}

struct ttl_row {
  duration ttl, window;  // of the bucket; 0: the server's choice
  duration then;         // the ttl that is set
  duration expected;
};

// field: X8
TEST_P(bucket_updates_test, the_duplicate_window_follows_the_ttl_it_came_from) {
  static constexpr ttl_row rows[] = {
      {30s, 0s, 0s, 2min},                                           // it was no more than the ttl
      {30s, 0s, 1h, 2min}, {30s, 0s, 20s, 20s}, {0s, 0s, 30s, 30s},  // must not be longer
      {1h, 30s, 0s, 30s},                                            // somebody's own
      {1h, 30s, 2h, 30s},  {1h, 30s, 10s, 10s}, {0s, 30s, 0s, 30s}, {30s, 0s, 30s, 30s},
  };
  with_client([&](client& nats) -> asio::awaitable<void> {
    std::string name = "B";  // each its own: servers are not through with a deletion when they say so
    for (const ttl_row& r : rows) {
      name += 'B';
      json::object made = {{"max_age", r.ttl.count()}, {"max_msgs_per_subject", 1}};
      if (r.window.count() != 0) made["duplicate_window"] = r.window.count();
      create(made, name);
      bucket b = co_await nats.ensure_bucket(bucket_config(name).ttl(r.then), updating);
      EXPECT_EQ(config(name).at("duplicate_window").as_int64(), r.expected.count())
          << r.ttl / 1s << ' ' << r.window / 1s << ' ' << r.then / 1s;
      const bucket_status status = co_await b.status();
      EXPECT_EQ(status.config.ttl(), r.then);
      if (r.window.count() == 0) co_await nats.create_bucket(bucket_config(name).ttl(r.then));  // the same
    }
  });
}

// --- a server with limits of its own --------------------------------------------------------------------------------------

class limited_window_test : public server_test, public testing::WithParamInterface<std::string> {
 protected:
  limited_window_test()
      : server_test({.version = GetParam(), .jetstream_config = R"(limits { duplicate_window: "30s" })"}) {}
};
KVCO_ON_ALL_GENERATIONS(limited_window_test);

// field: X3
TEST_P(limited_window_test, every_bucket_is_made_and_updated) {
  raw_client raw(server.port());
  with_client([&](client& nats) -> asio::awaitable<void> {
    for (const duration ttl : {duration(0s), duration(10s), duration(10min)}) {
      const bucket_config asked = bucket_config("B").ttl(ttl);
      co_await nats.ensure_bucket(asked, updating);
      co_await nats.create_bucket(asked);  // the same again
      const duration window = ttl == 10s ? duration(10s) : duration(30s);
      EXPECT_EQ(stream_field(raw, "B", "duplicate_window"), std::to_string(window.count()));
    }
    co_await nats.ensure_bucket(bucket_config("B").history(3), updating);
  });
}

}  // namespace
}  // namespace kvco::test
