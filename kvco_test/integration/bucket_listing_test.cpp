// All buckets of an account, one by one, among a thousand other streams.
#include <gmock/gmock.h>

#include <boost/json.hpp>
#include <kvco_test/support/server/connecting.hpp>

namespace kvco::test {
namespace {

namespace json = boost::json;

class bucket_listing_test : public generations_test {
 protected:
  raw_client raw{server.port()};

  /// Many at once.
  void create(const std::vector<json::object>& streams) {
    const std::string sid = raw.subscribe("made.*");
    for (const json::object& each : streams) {
      const std::string name(each.at("name").as_string());
      raw.publish("$JS.API.STREAM.CREATE." + name, json::serialize(each), "made." + name);
    }
    for (std::size_t i = 0; i < streams.size(); ++i) {
      ASSERT_FALSE(json::parse(raw.next(sid).payload).as_object().contains("error"));
    }
  }
  static json::object stream(const std::string& name, const std::string& subject, int per_subject) {
    return {{"name", name},
            {"subjects", {subject}},
            {"storage", "memory"},
            {"max_msgs_per_subject", per_subject}};
  }
};
KVCO_ON_ALL_GENERATIONS(bucket_listing_test);

template <class T>
asio::awaitable<std::vector<T>> all_of(bucket_listing<T> listing) {
  std::vector<T> all;
  while (std::optional<T> next = co_await listing.next()) all.push_back(std::move(*next));
  co_return all;
}

// peer: G27
TEST_P(bucket_listing_test, finds_the_buckets_among_many_streams) {
  std::vector<json::object> streams;
  std::vector<std::string> buckets;
  for (int i = 1000; i < 2000; ++i) {
    const std::string number = std::to_string(i);
    const bool is_bucket = i % 4 == 0;
    if (is_bucket) {
      buckets.push_back("B" + number);
      streams.push_back(stream("KV_B" + number, "$KV.B" + number + ".>", 3));
    } else {
      streams.push_back(stream((i % 2 == 0 ? "KV_PLAIN" : "EVENTS") + number, "events." + number, -1));
    }
  }
  ASSERT_NO_FATAL_FAILURE(create(streams));
  const bucket_config mirror = bucket_config("M").mirror({.name = "B1000"});
  with_client([&](client& nats) -> asio::awaitable<void> {
    co_await nats.create_bucket(mirror);
    buckets.emplace_back("M");
    const std::vector<std::string> names = co_await all_of(list_bucket_names(nats));
    EXPECT_EQ(names, buckets);
    const std::vector<bucket_status> statuses = co_await all_of(list_bucket_statuses(nats));
    EXPECT_EQ(statuses.size(), buckets.size());
    if (statuses.size() != buckets.size()) co_return;
    EXPECT_EQ(statuses.front().config.history(), 3);
    EXPECT_EQ(statuses.front().config.storage(), storage::memory);
    EXPECT_EQ(statuses.back().config.mirror().name, "B1000");
    EXPECT_EQ(statuses.back().stream.name, "KV_M");
  });
}

TEST_P(bucket_listing_test, has_the_state_of_each) {
  with_bucket(with_history(), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    co_await b.put("k", "v");
    co_await b.put("l", "v");
    const std::vector<bucket_status> all = co_await all_of(list_bucket_statuses(nats));
    const bucket_status alone = co_await b.status();
    EXPECT_EQ(all.size(), 1u);
    EXPECT_EQ(all.at(0).messages, 2u);
    EXPECT_EQ(all.at(0).last_revision, 2u);
    EXPECT_EQ(all.at(0).bytes, alone.bytes);
    EXPECT_EQ(all.at(0).created, alone.created);
    EXPECT_EQ(all.at(0).stream.discards_new, true);
  });
}

TEST_P(bucket_listing_test, of_no_buckets_has_its_end) {
  with_client([&](client& nats) -> asio::awaitable<void> {
    bucket_listing<std::string> names = list_bucket_names(nats);
    EXPECT_FALSE(co_await names.next());
    EXPECT_FALSE(co_await names.next());
  });
}

// It keeps the connection, as a watcher does.
TEST_P(bucket_listing_test, outlives_its_client) {
  run([&]() -> asio::awaitable<void> {
    client nats = co_await connect(config(server.url()));
    co_await nats.create_bucket(bucket_config("B"));
    bucket_listing<std::string> names = list_bucket_names(nats);
    nats = {};
    const std::optional<std::string> first = co_await names.next();
    EXPECT_EQ(first, "B");
  });
}

class listing_names_only_test : public server_test, public testing::WithParamInterface<std::string> {
 protected:
  listing_names_only_test()
      : server_test({.version = GetParam(), .extra_config = R"(authorization { users = [
                       { user: "all", password: "p" },
                       { user: "some", password: "p", permissions: { publish: { deny: ["$JS.API.STREAM.LIST"] } } } ] })"}) {
  }
};
KVCO_ON_ALL_GENERATIONS(listing_names_only_test);

TEST_P(listing_names_only_test, who_may_not_ask_for_configurations_has_the_names) {
  run([&]() -> asio::awaitable<void> {
    client all = co_await connect(config(server.url()).user("all", "p"));
    for (const char* name : {"A", "B"}) co_await all.create_bucket(bucket_config(name));
    client some = co_await connect(config(server.url()).user("some", "p"));
    const std::vector<std::string> names = co_await all_of(list_bucket_names(some));
    EXPECT_EQ(show(names), "A B");
    bucket_listing<bucket_status> statuses = list_bucket_statuses(some);
    auto [denied, none] = co_await statuses.next(nothrow);
    EXPECT_EQ(denied, errc::permission_denied) << denied;
  });
}

}  // namespace
}  // namespace kvco::test
