// Buckets as a whole: created, opened, ensured, deleted, listed.
#include <boost/json.hpp>
#include <kvco_test/support/server/kv_test.hpp>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;

class manage_test : public generations_test {};
KVCO_ON_ALL_GENERATIONS(manage_test);

constexpr const char* plain_stream = R"({"name":"KV_PLAIN","subjects":["plain.>"]})";

void expect_same(const bucket_config& got, const bucket_config& asked) {
  EXPECT_EQ(got.name(), asked.name());
  EXPECT_EQ(got.description(), asked.description());
  EXPECT_EQ(got.history(), asked.history());
  EXPECT_EQ(got.ttl(), asked.ttl());
  EXPECT_EQ(got.max_value_size(), asked.max_value_size());
  EXPECT_EQ(got.max_bytes(), asked.max_bytes());
  EXPECT_EQ(got.storage(), asked.storage());
  EXPECT_EQ(got.replicas(), asked.replicas());
  EXPECT_EQ(got.compression(), asked.compression());
  EXPECT_EQ(got.limit_marker_ttl(), asked.limit_marker_ttl());
  EXPECT_EQ(got.metadata(), asked.metadata());
}

// peer: G43, N33
TEST_P(manage_test, a_bucket_has_the_options_it_was_made_with) {
  std::vector<bucket_config> all;
  all.push_back(bucket_config("defaults"));
  all.push_back(bucket_config("B_1-2").description("a \"quoted\" \xc3\xa4").history(64).ttl(1h));
  all.push_back(bucket_config("SHORT").ttl(10s));  // below the duplicate window of two minutes
  all.push_back(bucket_config("LIMITS").max_value_size(1000).max_bytes(1'000'000).storage(storage::memory));
  if (at_least("2.10"))
    all.push_back(bucket_config("NEW").compression(true).metadata("team", "kv").metadata("a", ""));
  if (at_least("newest")) all.push_back(bucket_config("MARKED").limit_marker_ttl(5s));
  with_client([&](client& nats) -> asio::awaitable<void> {
    for (const bucket_config& asked : all) {
      bucket b = co_await nats.create_bucket(asked);
      const bucket_status made = co_await b.status();
      expect_same(made.config, asked);
      co_await nats.create_bucket(asked);  // the same again is no error
      co_await nats.create_bucket(made.config);
      EXPECT_EQ(co_await b.put("k", "v"), 1u);
    }
  });
}

// ADR-8, by the words of the server.
TEST_P(manage_test, the_stream_of_a_bucket_is_as_adr_8_says) {
  raw_client raw(server.port());
  with_bucket(bucket_config("B"), [&](client&, bucket&) -> asio::awaitable<void> {
    struct row {
      const char *field, *value;
    };
    static constexpr row rows[] = {
        {"max_msgs_per_subject", "1"},       {"discard", "\"new\""},     {"deny_delete", "true"},
        {"allow_rollup_hdrs", "true"},       {"allow_direct", "true"},   {"max_age", "0"},
        {"subjects", "[\"$KV.B.\\u003e\"]"}, {"retention", "\"limits\""}};
    for (const row& r : rows) {
      std::string value = stream_field(raw, "B", r.field);
      std::erase_if(value, [](char c) { return c == ' ' || c == '\n'; });  // 2.9 indents its JSON
      EXPECT_EQ(value, r.value) << r.field;
    }
    co_return;
  });
}

// peer: G3
TEST_P(manage_test, another_configuration_of_the_same_name_is_refused) {
  with_client([&](client& nats) -> asio::awaitable<void> {
    bucket b = co_await nats.create_bucket(bucket_config("B").history(5));
    co_await b.put("k", "v");
    auto [ec, none] = co_await nats.create_bucket(bucket_config("B").history(6), nothrow);
    EXPECT_EQ(ec, errc::bucket_exists);
    EXPECT_NE(error_detail().find("B"), std::string::npos) << error_detail();
    EXPECT_EQ(co_await value_of(b, "k"), "v");
  });
}

// peer: G5, N8, N9
TEST_P(manage_test, ensure_makes_keeps_changes_or_refuses) {
  with_client([&](client& nats) -> asio::awaitable<void> {
    bucket made = co_await nats.ensure_bucket(bucket_config("B").history(5));
    co_await made.put("k", "v");
    co_await nats.ensure_bucket(bucket_config("B").history(5), {.on_conflict = on_conflict::fail});
    struct row {
      on_conflict what;
      int history, then;
    };
    static constexpr row rows[] = {
        {on_conflict::keep, 7, 5}, {on_conflict::update, 8, 8}, {on_conflict::update, 3, 3}};
    for (const row& r : rows) {
      bucket b = co_await nats.ensure_bucket(bucket_config("B").history(r.history), {.on_conflict = r.what});
      const bucket_status status = co_await b.status();
      EXPECT_EQ(status.config.history(), r.then);
      EXPECT_EQ(co_await value_of(b, "k"), "v");
    }
    auto [ec, none] = co_await nats.ensure_bucket(bucket_config("B").history(9),
                                                  {.on_conflict = on_conflict::fail}, nothrow);
    EXPECT_EQ(ec, errc::bucket_exists);
  });
}

// peer: G5, N9
TEST_P(manage_test, ensure_updates_every_setting_that_may_change) {
  raw_client raw(server.port());
  with_client([&](client& nats) -> asio::awaitable<void> {
    co_await nats.create_bucket(bucket_config("B").description("old").ttl(1h).max_bytes(1000));
    const bucket_config wanted =
        bucket_config("B").description("new").history(3).ttl(10s).max_value_size(99).max_bytes(0);
    bucket b = co_await nats.ensure_bucket(wanted, {.on_conflict = on_conflict::update});
    const bucket_status status = co_await b.status();
    expect_same(status.config, wanted);
    EXPECT_EQ(stream_field(raw, "B", "allow_rollup_hdrs"), "true");
    auto [ec, none] = co_await nats.ensure_bucket(bucket_config("B").storage(storage::memory),
                                                  {.on_conflict = on_conflict::update}, nothrow);
    EXPECT_EQ(ec, errc::server_error) << "the storage cannot change";
    EXPECT_EQ(ec.value(), 10052);
  });
}

// peer: G16, G17
TEST_P(manage_test, open_finds_what_is_there) {
  raw_client raw(server.port());
  api(raw, "STREAM.CREATE.KV_PLAIN", plain_stream);
  with_bucket(bucket_config("B"), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    co_await b.put("k", "v");
    bucket same = co_await nats.open_bucket("B");
    EXPECT_EQ(co_await value_of(same, "k"), "v");
    auto [missing, none] = co_await nats.open_bucket("MISSING", nothrow);
    EXPECT_EQ(missing, errc::bucket_not_found);
    EXPECT_NE(error_detail().find("MISSING"), std::string::npos) << error_detail();
    auto [plain, no_bucket] = co_await nats.open_bucket("PLAIN", nothrow);
    EXPECT_EQ(plain, errc::not_a_bucket);
    EXPECT_FALSE(stream_exists(raw, "KV_MISSING")) << "open never creates";
  });
}

// peer: G17, N12
TEST_P(manage_test, delete_takes_the_data_along) {
  raw_client raw(server.port());
  with_bucket(bucket_config("B"), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    co_await b.put("k", "v");
    {
      const bucket dropped = b;  // dropping a handle deletes nothing
    }
    EXPECT_TRUE(stream_exists(raw, "KV_B"));
    co_await nats.delete_bucket("B");
    EXPECT_FALSE(stream_exists(raw, "KV_B"));
    auto [again] = co_await nats.delete_bucket("B", nothrow);
    EXPECT_EQ(again, errc::bucket_not_found);
    // Of files a server may restore entries of a deleted bucket ("Defects of servers" of the guarantees).
    co_await nats.create_bucket(bucket_config("B").storage(storage::memory));
    EXPECT_EQ(co_await value_of(b, "k"), "none");
    EXPECT_EQ(co_await b.put("k", "anew"), 1u) << "an old handle works with the new bucket";
  });
}

// fault: 54
TEST_P(manage_test, operations_on_a_deleted_bucket_say_so) {
  with_bucket(bucket_config("B"), [&](client& nats, bucket& b) -> asio::awaitable<void> {
    co_await nats.delete_bucket("B");
    std::vector<error_code> codes;
    {
      auto [ec, none] = co_await b.put("k", "v", nothrow);
      codes.push_back(ec);
    }
    {
      auto [ec, none] = co_await b.create("k", "v", nothrow);
      codes.push_back(ec);
    }
    {
      auto [ec, none] = co_await b.update("k", "v", 1, nothrow);
      codes.push_back(ec);
    }
    {
      auto [ec, none] = co_await b.erase("k", nothrow);
      codes.push_back(ec);
    }
    {
      auto [ec, none] = co_await b.get("k", nothrow);
      codes.push_back(ec);
    }
    {
      auto [ec, none] = co_await b.get_revision("k", 1, nothrow);
      codes.push_back(ec);
    }
    {
      auto [ec, none] = co_await b.get("k", {.consistency = consistency::leader}, nothrow);
      codes.push_back(ec);
    }
    {
      auto [ec, none] = co_await b.keys(nothrow);
      codes.push_back(ec);
    }
    {
      auto [ec, none] = co_await b.history("k", nothrow);
      codes.push_back(ec);
    }
    {
      auto [ec, none] = co_await b.status(nothrow);
      codes.push_back(ec);
    }
    for (std::size_t i = 0; i < codes.size(); ++i)
      EXPECT_EQ(codes[i], errc::bucket_not_found) << "operation " << i;
  });
}

TEST_P(manage_test, bucket_names_are_those_of_buckets) {
  raw_client raw(server.port());
  api(raw, "STREAM.CREATE.OTHER", R"({"name":"OTHER","subjects":["other.>"]})");
  with_client([&](client& nats) -> asio::awaitable<void> {
    const std::vector<std::string> none = co_await nats.bucket_names();
    EXPECT_EQ(show(none), "");
    for (const char* name : {"b", "B", "a-1", "a_2"}) co_await nats.create_bucket(bucket_config(name));
    const std::vector<std::string> names = co_await nats.bucket_names();
    EXPECT_EQ(names, (std::vector<std::string>{"B", "a-1", "a_2", "b"})) << "sorted";
  });
}

// peer: G3, N27
TEST_P(manage_test, bucket_names_and_settings_are_checked_before_anything_is_sent) {
  with_client([&](client& nats) -> asio::awaitable<void> {
    const auto before = nats.statistics().bytes_out;
    const std::vector<bucket_config> bad = {bucket_config("B").history(0),
                                            bucket_config("B").history(65),
                                            bucket_config("B").replicas(0),
                                            bucket_config("B").replicas(6),
                                            bucket_config("B").ttl(-1s),
                                            bucket_config("B").ttl(99ms),
                                            bucket_config("B").max_value_size(-1),
                                            bucket_config("B").max_bytes(-1),
                                            bucket_config("B").limit_marker_ttl(999ms),
                                            bucket_config("B").limit_marker_ttl(-1s)};
    for (std::size_t i = 0; i < bad.size(); ++i) {
      auto [created, none] = co_await nats.create_bucket(bad[i], nothrow);
      EXPECT_EQ(created, errc::invalid_argument) << i;
      auto [ensured, no_second] = co_await nats.ensure_bucket(bad[i], nothrow);
      EXPECT_EQ(ensured, errc::invalid_argument) << i;
    }
    EXPECT_EQ(nats.statistics().bytes_out, before);
  });
}

// fault: 58
// peer: N26, N28
TEST_P(manage_test, what_the_server_is_too_old_for_is_refused_and_not_made) {
  raw_client raw(server.port());
  with_client([&](client& nats) -> asio::awaitable<void> {
    std::vector<bucket_config> too_new;
    if (!at_least("2.10")) too_new.push_back(bucket_config("B").compression(true));
    if (!at_least("2.10")) too_new.push_back(bucket_config("B").metadata("k", "v"));
    if (!at_least("newest")) too_new.push_back(bucket_config("B").limit_marker_ttl(1s));
    for (const bucket_config& config : too_new) {
      auto [created, none] = co_await nats.create_bucket(config, nothrow);
      EXPECT_EQ(created, errc::unsupported_by_server);
      EXPECT_NE(error_detail().find(server.version()), std::string::npos) << error_detail();
      auto [ensured, no_second] = co_await nats.ensure_bucket(config, nothrow);
      EXPECT_EQ(ensured, errc::unsupported_by_server);
      EXPECT_FALSE(stream_exists(raw, "KV_B"));
    }
    bucket plain = co_await nats.create_bucket(bucket_config("PLAIN"));
    auto [ec, none] = co_await plain.create("k", "v", {.ttl = 1s}, nothrow);
    EXPECT_EQ(ec, errc::unsupported_by_server);
    auto [purged, no_marker] = co_await plain.purge("k", {.ttl = 1s}, nothrow);
    EXPECT_EQ(purged, errc::unsupported_by_server);
    EXPECT_EQ(co_await value_of(plain, "k"), "none");
  });
}

// A stream that only has a bucket's name: no limit per subject, as event streams have none.
// field: M5
TEST_P(manage_test, nothing_is_done_to_a_stream_that_is_no_bucket) {
  raw_client raw(server.port());
  api(raw, "STREAM.CREATE.KV_ORDERS", R"({"name":"KV_ORDERS","subjects":["orders.>"]})");
  constexpr int messages = 300;
  for (int i = 0; i < messages; ++i) raw.request("orders.paid", "an order");
  const std::string before = api(raw, "STREAM.INFO.KV_ORDERS");
  const auto config_and_state = [](const std::string& info) {
    const boost::json::value all = boost::json::parse(info);
    return boost::json::serialize(all.at("config")) + boost::json::serialize(all.at("state"));
  };
  with_client([&](client& nats) -> asio::awaitable<void> {
    for (const int history : {1, 64}) {
      auto [updated, none] = co_await nats.ensure_bucket(bucket_config("ORDERS").history(history),
                                                         {.on_conflict = on_conflict::update}, nothrow);
      EXPECT_EQ(updated, errc::not_a_bucket) << updated << error_detail();
      EXPECT_NE(error_detail().find("KV_ORDERS"), std::string::npos) << error_detail();
    }
    auto [kept, none] = co_await nats.ensure_bucket(bucket_config("ORDERS"), nothrow);
    EXPECT_EQ(kept, errc::not_a_bucket) << kept << error_detail();
    auto [deleted] = co_await nats.delete_bucket("ORDERS", nothrow);
    EXPECT_EQ(deleted, errc::not_a_bucket) << deleted << error_detail();
  });
  EXPECT_EQ(config_and_state(api(raw, "STREAM.INFO.KV_ORDERS")), config_and_state(before));
}

// The server gives 1024 names at a time.
class many_buckets_test : public server_test {};

// peer: G27
TEST_F(many_buckets_test, are_all_listed) {
  raw_client raw(server.port());
  constexpr int count = 1100;
  const std::string sid = raw.subscribe("made.*");
  for (int i = 0; i < count; ++i) {
    const std::string name = "N" + std::to_string(1000 + i);
    raw.publish("$JS.API.STREAM.CREATE.KV_" + name,
                R"({"name":"KV_)" + name + R"(","subjects":["$KV.)" + name +
                    R"(.>"],"storage":"memory","max_msgs_per_subject":1})",
                "made." + std::to_string(i));
  }
  for (int i = 0; i < count; ++i) raw.next(sid);
  with_client([&](client& nats) -> asio::awaitable<void> {
    const std::vector<std::string> names = co_await nats.bucket_names();
    EXPECT_EQ(names.size(), std::size_t{count});
    EXPECT_EQ(names.front(), "N1000");
    EXPECT_EQ(names.back(), "N2099");
    EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  });
}

}  // namespace
}  // namespace kvco::test
