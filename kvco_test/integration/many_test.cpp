// Many keys at once, on real servers: with multi_last on the newest, one by one on the others.
#include <kvco_test/support/server/kv_test.hpp>

#include <algorithm>
#include <random>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;

class many_test : public generations_test {};
KVCO_ON_ALL_GENERATIONS(many_test);

std::vector<std::string> numbered(std::size_t count) {
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < count; ++i) keys.push_back("order." + std::to_string(i));
  return keys;
}

std::vector<put_item> items_of(const std::vector<std::string>& keys, std::string_view value) {
  std::vector<put_item> items;
  for (const std::string& key : keys) items.push_back({key, value});
  return items;
}

std::string show_each(const std::vector<std::optional<entry>>& all) {
  std::string text;
  for (const std::optional<entry>& e : all) text += test::show(e) + ' ';
  return text;
}

void expect_all_ok(const std::vector<put_outcome>& all, std::size_t count) {
  ASSERT_EQ(all.size(), count);
  for (const put_outcome& each : all) ASSERT_TRUE(each.ok()) << each.code().message() << " " << each.detail();
}

TEST_P(many_test, get_many_gives_what_get_gives) {
  with_bucket(bucket_config("B").history(5), [&](client&, bucket& b) -> asio::awaitable<void> {
    for (const char* key : {"c", "a", "b", "erased", "purged", "a"}) co_await b.put(key, key);
    co_await b.erase("erased");
    co_await b.purge("purged");
    co_await b.put("empty", "");
    const std::vector<std::string> keys = {"a", "none", "b", "a", "erased", "purged", "empty", "c", "none"};
    for (const consistency who : {consistency::session, consistency::any, consistency::leader}) {
      const get_options options{.consistency = who};
      const auto all = co_await b.get_many(keys, options);
      EXPECT_EQ(show_each(all), "a@6=a none b@3=b a@6=a none none empty@9= c@1=c none ");
      EXPECT_EQ(all[0].value().bucket(), "B");
      EXPECT_EQ(all[0].value().value_size(), 1u);
      EXPECT_GT(all[0].value().created(), std::chrono::system_clock::now() - 1min);
    }
    const std::vector<std::string> absent = {"none", "nothing"}, nothing;
    const auto none = co_await b.get_many(absent);
    EXPECT_EQ(show_each(none), "none none ");
    const auto empty = co_await b.get_many(nothing);
    EXPECT_TRUE(empty.empty());
  });
}

TEST_P(many_test, of_twenty_thousand_keys) {
  with_bucket(bucket_config("B"), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    std::vector<std::string> keys = numbered(20'000);
    const auto stored = co_await b.put_many(items_of(keys, "v"));
    expect_all_ok(stored, keys.size());
    for (std::size_t i = 0; i < stored.size(); ++i) EXPECT_EQ(stored[i].revision(), i + 1);
    for (std::size_t i = 5; i < keys.size(); i += 10) keys[i] = "absent." + std::to_string(i);
    std::shuffle(keys.begin(), keys.end(), std::minstd_rand(1));
    const auto all = co_await b.get_many(keys);
    EXPECT_EQ(all.size(), keys.size());
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const bool there = keys[i].starts_with("order.");
      EXPECT_EQ(all[i].has_value(), there) << keys[i];
      if (there && all[i]) {
        EXPECT_EQ(all[i]->key(), keys[i]);
      }
    }
    EXPECT_EQ(nats.statistics().pending_requests, 0u);
    EXPECT_EQ(nats.statistics().late_replies, 0u);
  });
}

// 19 MB: more than the server is told to send for one request; twenty times at once: more than it keeps for one client.
TEST_P(many_test, large_values_end_series_early_and_do_not_make_a_slow_consumer) {
  with_bucket(bucket_config("B"), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    const std::vector<std::string> keys = numbered(300);
    const std::string value(64 * 1024, 'x');
    expect_all_ok(co_await b.put_many(items_of(keys, value)), keys.size());
    std::vector<heard<std::vector<std::optional<entry>>>> all(20);
    for (const auto& each : all) b.get_many(keys, {.timeout = 1min}, each);  // 400 MB
    const auto done = [&] {
      return std::all_of(all.begin(), all.end(), [](const auto& h) { return h.done(); });
    };
    co_await until(done);
    for (const auto& each : all) {
      EXPECT_FALSE(each.code()) << each.code().message() << each.detail();
      for (std::size_t i = 0; i < keys.size(); ++i) {
        const std::optional<entry>& e = each.value()[i];
        EXPECT_TRUE(e && e->key() == keys[i] && e->value() == value) << keys[i];
      }
    }
    EXPECT_EQ(nats.statistics().reconnects, 0u) << "the server has closed the connection of a slow consumer";
  });
}

// peer: N19
TEST_P(many_test, works_without_direct_get) {
  raw_client raw(server.port());
  with_client([&](client& nats) -> asio::awaitable<void> {
    api(raw, "STREAM.CREATE.KV_B",
        R"({"name":"KV_B","subjects":["$KV.B.>"],"max_msgs_per_subject":1,"discard":"new","deny_delete":true,)"
        R"("allow_rollup_hdrs":true,"storage":"memory","num_replicas":1,"retention":"limits"})");
    bucket b = co_await nats.open_bucket("B");
    const std::vector<std::string> keys = numbered(3000);
    expect_all_ok(co_await b.put_many(items_of(keys, "v")), keys.size());
    const auto all = co_await b.get_many(keys);
    for (std::size_t i = 0; i < keys.size(); ++i)
      EXPECT_EQ(test::show(all[i]), keys[i] + "@" + std::to_string(i + 1) + "=v");
  });
}

TEST_P(many_test, expired_keys_are_nothing) {
  with_bucket(bucket_config("B").ttl(3s), [&](client&, bucket& b) -> asio::awaitable<void> {
    const std::vector<std::string> keys = numbered(50);
    expect_all_ok(co_await b.put_many(items_of(keys, "v")), keys.size());
    while (true) {  // the last one expires behind all others
      const std::optional<entry> last = co_await b.get(keys.back());
      if (!last) break;
    }
    co_await b.put("order.7", "again");
    const auto all = co_await b.get_many(keys);
    for (std::size_t i = 0; i < keys.size(); ++i) EXPECT_EQ(all[i].has_value(), i == 7) << keys[i];
  });
}

// fault: 67
TEST_P(many_test, markers_are_nothing) {
  if (!at_least("newest")) return;
  with_bucket(bucket_config("B").limit_marker_ttl(1h), [&](client&, bucket& b) -> asio::awaitable<void> {
    watcher updates = b.watch("lease");
    co_await updates.ready();
    co_await b.create("lease", "mine", {.ttl = 2s});
    EXPECT_EQ(co_await next_of(updates), "lease@1=mine");
    EXPECT_EQ(co_await next_of(updates), "lease@2 PURGE");
    co_await b.put("other", "v");
    const std::vector<std::string> keys = {"lease", "other", "lease"};
    const auto all = co_await b.get_many(keys);
    EXPECT_EQ(show_each(all), "none other@3=v none ");
  });
}

TEST_P(many_test, an_item_that_fails_spoils_no_other) {
  const bucket_config config = bucket_config("B").max_value_size(1000);
  with_bucket(config, [&](client&, bucket& b) -> asio::awaitable<void> {
    const std::string large(2000, 'x'), larger(2u << 20, 'x');
    const std::vector<put_item> items = {{"a", "1"},    {"a b", "2"},   {"b", large}, {"c", "3"},
                                         {"d", larger}, {"", "nobody"}, {"a", "4"},   {"$KV.*", "5"}};
    const auto all = co_await b.put_many(items);
    EXPECT_EQ(all.size(), items.size());
    EXPECT_EQ(all[0].revision(), 1u);
    EXPECT_EQ(all[1].code(), errc::invalid_key);
    EXPECT_EQ(all[2].code(), errc::value_too_large) << all[2].code().message();
    EXPECT_EQ(all[3].revision(), 2u);
    EXPECT_EQ(all[4].code(), errc::value_too_large);
    EXPECT_EQ(all[5].code(), errc::invalid_key);
    EXPECT_EQ(all[6].revision(), 3u);
    EXPECT_EQ(all[7].code(), errc::invalid_key);
    EXPECT_EQ(co_await value_of(b, "a"), "4");
    EXPECT_EQ(co_await value_of(b, "b"), "none");
  });
}

// Server 2.9 says nothing at all to a direct get of a stream that is gone.
// fault: 54
TEST_P(many_test, of_a_bucket_that_is_gone) {
  with_bucket(bucket_config("B"), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    co_await nats.delete_bucket("B");
    const std::vector<std::string> keys = numbered(1000);
    auto got = co_await b.get_many(keys, nothrow);
    EXPECT_EQ(std::get<0>(got), errc::bucket_not_found) << std::get<0>(got).message();
    const auto stored = co_await b.put_many(items_of(keys, "v"));
    for (const put_outcome& each : stored) EXPECT_EQ(each.code(), errc::bucket_not_found);
    EXPECT_EQ(nats.statistics().pending_requests, 0u);
  });
}

// contract: 4
TEST_P(many_test, put_many_takes_any_range_of_pairs) {
  with_bucket(bucket_config("B"), [&](client&, bucket& b) -> asio::awaitable<void> {
    const std::map<std::string, std::string> map{{"m1", "1"}, {"m2", "2"}};
    expect_all_ok(co_await b.put_many(map), 2);
    const std::vector<std::pair<std::string, std::string_view>> pairs{{"p1", "3"}};
    expect_all_ok(co_await b.put_many(pairs, put_many_options{.max_in_flight = 1}), 1);
    auto generated = std::views::iota(1, 301) | std::views::transform([](int i) {
                       return std::pair("g" + std::to_string(i), std::string(100, 'v') + std::to_string(i));
                     });
    auto stored = b.put_many(generated);  // what it has made is gone by now
    expect_all_ok(co_await std::move(stored), 300);
    std::istringstream lines("s1 s2 s3");
    auto read = std::views::istream<std::string>(lines) |
                std::views::transform([](const std::string& key) { return std::pair(key, key + "!"); });
    expect_all_ok(co_await b.put_many(read), 3);
    EXPECT_EQ(co_await value_of(b, "m2"), "2");
    EXPECT_EQ(co_await value_of(b, "p1"), "3");
    EXPECT_EQ(co_await value_of(b, "g300"), std::string(100, 'v') + "300");
    EXPECT_EQ(co_await value_of(b, "s3"), "s3!");
  });
}

// contract: 4
TEST_P(many_test, filters_are_what_get_many_takes) {
  with_bucket(bucket_config("B"), [&](client&, bucket& b) -> asio::awaitable<void> {
    for (const char* key : {"a.1", "b.1", "c.1"}) co_await b.put(key, key);
    const std::array<std::string_view, 2> views{"a.>", "c.*"};
    const std::vector<std::string> strings(views.begin(), views.end());
    auto keys = co_await b.keys(views);
    std::sort(keys.begin(), keys.end());
    EXPECT_EQ(keys, (std::vector<std::string>{"a.1", "c.1"}));
    EXPECT_EQ((co_await b.keys(strings, {.timeout = 5s})).size(), 2u);
    auto braced = b.keys({"a.>", "b.>"});
    EXPECT_EQ((co_await std::move(braced)).size(), 2u);
    EXPECT_EQ((co_await b.keys("b.>")).size(), 1u);
    std::vector<watcher> watches;
    watches.push_back(b.watch(views));
    watches.push_back(b.watch(strings));
    watches.push_back(b.watch({"a.>", "c.*"}));
    for (watcher& updates : watches) {
      EXPECT_EQ(co_await next_of(updates), "a.1@1=a.1");
      EXPECT_EQ(co_await next_of(updates), "c.1@3=c.1");
    }
    const std::vector<std::string_view> none;
    EXPECT_EQ(std::get<0>(co_await b.keys(none, nothrow)), errc::invalid_filter);
  });
}

// fault: 39
TEST_P(many_test, items_that_may_not_be_written_are_told_from_those_that_may) {
  server.reload(R"(authorization { users = [ { user: "u", password: "p",
      permissions: { publish: { allow: ["$JS.API.>", "$KV.B.open.>", "$JS.FC.>"] }, subscribe: ">" } } ] })");
  const config login = std::move(config(server.url()).user("u", "p"));
  run([&]() -> asio::awaitable<void> {
    client nats = co_await connect(login);
    bucket b = co_await nats.create_bucket(bucket_config("B"));
    const std::vector<put_item> items = {{"open.a", "1"}, {"secret.b", "2"}, {"open.c", "3"}};
    const auto all = co_await b.put_many(items);
    EXPECT_TRUE(all[0].ok() && all[2].ok());
    EXPECT_EQ(all[1].code(), errc::permission_denied);
    EXPECT_NE(all[1].detail().find("$KV.B.secret.b"), std::string::npos) << all[1].detail();
  });
}

// Who may read keys one by one but not ask for many gets them all the same.
TEST_P(many_test, get_many_needs_no_more_permissions_than_get) {
  with_bucket(bucket_config("B"), [&](client&, bucket& b) -> asio::awaitable<void> {
    expect_all_ok(co_await b.put_many(items_of(numbered(100), "v")), 100);
  });
  server.reload(R"(authorization { users = [ { user: "u", password: "p",
      permissions: { publish: { allow: ["$JS.API.STREAM.INFO.>", "$JS.API.DIRECT.GET.KV_B.$KV.B.>"] },
                     subscribe: ">" } } ] })");
  const config login = std::move(config(server.url()).user("u", "p"));
  run([&]() -> asio::awaitable<void> {
    client nats = co_await connect(login);
    bucket b = co_await nats.open_bucket("B");
    const std::vector<std::string> keys = numbered(100);
    const auto all = co_await b.get_many(keys);
    for (const auto& e : all) EXPECT_TRUE(e);
  });
}

// With history 1 a key that is being written has just one revision, and it moves: it must never look absent.
TEST_P(many_test, keys_that_are_written_meanwhile_are_always_there) {
  with_bucket(bucket_config("B"), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    const std::vector<std::string> keys = numbered(2000);
    expect_all_ok(co_await b.put_many(items_of(keys, "0")), keys.size());
    client writer_client = co_await connect(server.url());
    bucket writer = co_await writer_client.open_bucket("B");
    bool stop = false;
    int rounds = 0;
    std::function<void(error_code, std::vector<put_outcome>)> again = [&](error_code code, const auto& done) {
      EXPECT_FALSE(code);
      for (const put_outcome& each : done) EXPECT_TRUE(each.ok());
      ++rounds;
      if (!stop) writer.put_many(items_of(keys, std::to_string(rounds)), again);
    };
    writer.put_many(items_of(keys, "first"), again);
    revision before = 0;
    while (rounds < 5) {
      const auto all = co_await b.get_many(keys);
      for (std::size_t i = 0; i < keys.size(); ++i) EXPECT_TRUE(all[i]) << keys[i] << " has disappeared";
      if (all[0]) {
        EXPECT_GE(all[0]->revision(), before);
        before = all[0]->revision();
      }
    }
    stop = true;
    const int last = rounds;
    co_await until([&] { return rounds > last; });
    EXPECT_EQ(nats.statistics().late_replies, 0u);
  });
}

TEST_P(many_test, two_at_once_write_all_that_they_are_given_in_their_order) {
  with_bucket(bucket_config("B").history(64), [&](client&, bucket& b) -> asio::awaitable<void> {
    std::vector<std::string> values;
    for (int i = 0; i < 1000; ++i) values.push_back(std::to_string(i));
    std::vector<put_item> one, two;
    for (int i = 0; i < 1000; ++i) {
      one.push_back({i % 2 == 0 ? "x" : "one", values[static_cast<std::size_t>(i)]});
      two.push_back({i % 2 == 0 ? "x" : "two", values[static_cast<std::size_t>(i)]});
    }
    heard<std::vector<put_outcome>> first, second;
    b.put_many(one, put_many_options{.max_in_flight = 10}, first);
    b.put_many(two, put_many_options{.max_in_flight = 10}, second);
    const auto done = [&] { return first.done() && second.done(); };
    co_await until(done);
    for (const auto& all : {first.value(), second.value()}) {
      expect_all_ok(all, 1000);
      EXPECT_TRUE(std::is_sorted(all.begin(), all.end(), [](const put_outcome& a, const put_outcome& c) {
        return a.revision() < c.revision();
      }));
    }
    EXPECT_EQ(co_await value_of(b, "one"), "999");
    EXPECT_EQ(co_await value_of(b, "two"), "999");
    EXPECT_EQ(co_await value_of(b, "x"), "998");
    const bucket_status all = co_await b.status();
    EXPECT_EQ(all.last_revision, 2000u);
  });
}

}  // namespace
}  // namespace kvco::test
