// What the tests of nats.go and nats.net ask of buckets and of the streams beside them, where no other test of kvco does.
#include <gmock/gmock.h>

#include <boost/json.hpp>
#include <kvco_test/support/server/kv_test.hpp>

namespace kvco::test {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using testing::HasSubstr;

class peer_buckets : public generations_test {
 protected:
  raw_client raw{server.port()};

  json::object config_of(const std::string& bucket) {
    return json::parse(api(raw, "STREAM.INFO.KV_" + bucket)).at("config").as_object();
  }
  void create(const std::string& stream, json::object config) {
    config["name"] = stream;
    api(raw, "STREAM.CREATE." + stream, json::serialize(config));
  }
  /// What is copied from elsewhere comes when it comes.
  static asio::awaitable<void> until_values(bucket of, const char* first, const char* second) {
    while (true) {
      const std::string one = co_await value_of(of, "first"), two = co_await value_of(of, "second");
      if (one == first && two == second) co_return;
    }
  }
};
KVCO_ON_ALL_GENERATIONS(peer_buckets);

// --- settings ---------------------------------------------------------------------------------------------------------

// peer: G31, N29
TEST_P(peer_buckets, have_every_setting_in_their_stream) {
  bucket_config asked =
      bucket_config("B").description("words").max_value_size(128).history(10).ttl(1h).max_bytes(1024);
  if (at_least("newest")) asked.limit_marker_ttl(2s);
  with_bucket(asked, [&](client&, bucket& b) -> asio::awaitable<void> {
    const json::object stream = config_of("B");
    json::object expected = {
        {"name", "KV_B"},      {"description", "words"},    {"subjects", json::array{"$KV.B.>"}},
        {"max_msgs", -1},      {"max_bytes", 1024},         {"max_msgs_per_subject", 10},
        {"max_msg_size", 128}, {"max_age", (1h / 1ns)},     {"duplicate_window", (2min / 1ns)},
        {"storage", "file"},   {"discard", "new"},          {"retention", "limits"},
        {"deny_delete", true}, {"allow_rollup_hdrs", true}, {"allow_direct", true},
        {"max_consumers", -1}, {"num_replicas", 1}};
    if (at_least("newest")) {
      expected["subject_delete_marker_ttl"] = 2s / 1ns;
      expected["allow_msg_ttl"] = true;
    }
    for (const auto& [field, value] : expected) EXPECT_EQ(stream.at(field), value) << field;
    EXPECT_EQ(co_await b.create("k", "1"), 1u);
    diagnostics why;
    auto [taken, none] = co_await b.create("k", "2", {.diag = &why}, nothrow);
    EXPECT_EQ(taken, errc::key_exists) << taken;
    EXPECT_NE(taken, errc::wrong_last_revision);
    EXPECT_THAT(why.server_code, testing::AnyOf(10071, 10164)) << "the server's own number is kept";
    EXPECT_THAT(why.text, HasSubstr("revision 1"));
  });
}

// Two minutes, or the ttl where it is shorter; also after the ttl has grown.
// peer: G25, N10, N11
TEST_P(peer_buckets, remember_ids_of_messages_no_longer_than_their_values) {
  struct row {
    const char* name;
    duration ttl, window;
  };
  static constexpr row rows[] = {
      {"A", 0s, 2min}, {"B", 5s, 5s}, {"C", 30s, 30s}, {"D", 10min, 2min}, {"E", 1h, 2min}};
  with_client([&](client& nats) -> asio::awaitable<void> {
    for (const row& r : rows) {
      bucket b = co_await nats.create_bucket(bucket_config(r.name).ttl(r.ttl));
      const bucket_status status = co_await b.status();
      EXPECT_EQ(status.stream.duplicate_window, r.window) << r.name;
    }
    bucket longer = co_await nats.update_bucket(bucket_config("C").ttl(10min));
    const bucket_status status = co_await longer.status();
    EXPECT_EQ(status.stream.duplicate_window, 2min);
    EXPECT_EQ(status.config.ttl(), 10min);
  });
}

// peer: G32, N34
TEST_P(peer_buckets, are_compressed_where_that_is_set) {
  with_client([&](client& nats) -> asio::awaitable<void> {
    auto [code, packed] = co_await nats.create_bucket(bucket_config("PACKED").compression(true), nothrow);
    if (!at_least("2.10")) {
      EXPECT_EQ(code, errc::unsupported_by_server) << code;
      co_return;
    }
    bucket plain = co_await nats.create_bucket(bucket_config("PLAIN"));
    EXPECT_EQ(config_of("PACKED").at("compression"), "s2");
    EXPECT_EQ(config_of("PLAIN").at("compression"), "none");
    const bucket_status of_packed = co_await packed.status(), of_plain = co_await plain.status();
    EXPECT_TRUE(of_packed.config.compression());
    EXPECT_FALSE(of_plain.config.compression());
    const std::string value(10'000, 'x');
    co_await packed.put("k", value);
    EXPECT_EQ(co_await value_of(packed, "k"), value);
  });
}

// --- among other streams ------------------------------------------------------------------------------------------------

// Neither a stream that only has the name of a bucket, nor one that only has its subjects.
// peer: G26, N13, N14
TEST_P(peer_buckets, are_listed_without_streams_that_look_like_them) {
  create("KV_FOO", {{"subjects", json::array{"FOO.*"}}});
  create("FOO", {{"subjects", json::array{"$KV.ABC.>"}}});
  with_client([](client& nats) -> asio::awaitable<void> {
    for (const char* name : {"A", "B", "C", "D", "E"})
      co_await nats.create_bucket(bucket_config(name).max_bytes(10'000));
    const std::vector<std::string> names = co_await nats.bucket_names();
    EXPECT_EQ(show(names), "A B C D E");
    bucket_listing<bucket_status> statuses = list_bucket_statuses(nats);
    std::vector<std::string> described;
    while (const std::optional<bucket_status> each = co_await statuses.next()) {
      described.push_back(each->config.name());
      EXPECT_EQ(each->stream.name, "KV_" + each->config.name());
      EXPECT_EQ(each->config.max_bytes(), 10'000);
    }
    EXPECT_EQ(show(described), "A B C D E");
  });
}

// peer: G29
TEST_P(peer_buckets, are_published_again_with_the_subject_they_came_from) {
  const bucket_config plain("PLAIN"),
      other = bucket_config("PLAIN").republish({.source = ">", .destination = "other.>"});
  const bucket_config copied = bucket_config("B").republish({.source = ">", .destination = "copy.>"});
  with_bucket(copied, [&](client& nats, bucket& b) -> asio::awaitable<void> {
    subscription copies = nats.subscribe("copy.>");
    co_await nats.flush();
    co_await b.put("k", "v");
    const std::optional<message> copy = co_await copies.next();
    EXPECT_EQ(copy.value().subject(), "copy.$KV.B.k");
    EXPECT_EQ(copy->payload(), "v");
    EXPECT_EQ(copy->header("Nats-Subject"), "$KV.B.k");
    co_await nats.create_bucket(plain);
    auto [differs, none] = co_await nats.create_bucket(other, nothrow);
    EXPECT_EQ(differs, errc::bucket_exists) << differs;
  });
}

// An entry that another stream has published again: its own header names the subject it had there.
// peer: N36
TEST_P(peer_buckets, keep_the_keys_of_what_another_stream_publishes_into_them) {
  with_bucket(with_history(), [&](client&, bucket& b) -> asio::awaitable<void> {
    create("EVENTS",
           {{"subjects", json::array{"test.>"}}, {"republish", {{"src", ">"}, {"dest", "$KV.B.>"}}}});
    raw.publish("test.one", "1");  // by core NATS
    raw.request("test.two", "2");
    co_await until([&] { return stream_field(raw, "B", "messages") == "2"; });
    co_await b.put("test.three", "3");
    for (const consistency who : {consistency::session, consistency::leader}) {
      const std::optional<entry> one = co_await b.get("test.one", {.consistency = who});
      EXPECT_EQ(show(one), "test.one@1=1");
    }
    const std::optional<entry> two = co_await b.get_revision("test.two", 2);
    EXPECT_EQ(show(two), "test.two@2=2");
    const std::vector<std::string> keys = {"test.one", "test.three"};
    const auto many = co_await b.get_many(keys);
    EXPECT_EQ(show(many[0]) + " " + show(many[1]), "test.one@1=1 test.three@3=3");
    EXPECT_EQ(co_await history_of(b, "test.one"), "test.one@1=1");
    EXPECT_EQ(co_await keys_of(b), "test.one test.three test.two");
    const snapshot all = co_await b.get_prefix("test.>");
    EXPECT_EQ(show(all.entries), "test.one@1=1 test.two@2=2 test.three@3=3");
    watcher updates = b.watch("test.*");
    EXPECT_EQ(co_await initial_of(updates), "test.one@1=1 test.two@2=2 test.three@3=3");
  });
}

// --- sources ----------------------------------------------------------------------------------------------------------------

// peer: G39, G45, N37
TEST_P(peer_buckets, copy_two_buckets) {
  if (!at_least("2.10")) return;  // the server has no transforms of sources: bucket_sources_test
  const bucket_config both = with_history(5).sources({{.name = "A"}, {.name = "C"}});
  with_client([&](client& nats) -> asio::awaitable<void> {
    bucket a = co_await nats.create_bucket(bucket_config("A"));
    bucket c = co_await nats.create_bucket(bucket_config("C"));
    co_await a.put("first", "before");
    bucket b = co_await nats.create_bucket(both);
    co_await c.put("second", "after");
    co_await until_values(b, "before", "after");
    EXPECT_EQ(co_await keys_of(b), "first second");
    const json::array sources = config_of("B").at("sources").as_array();
    EXPECT_EQ(sources.size(), 2u);
    for (const json::value& each : sources)
      EXPECT_EQ(each.at("subject_transforms").as_array().size(), 1u) << json::serialize(each);
  });
}

// peer: G40
TEST_P(peer_buckets, copy_two_streams_whose_subjects_become_keys) {
  if (!at_least("2.10")) return;
  const bucket_config both =
      with_history(5).sources({{.name = "S1", .subject_transforms = {{"S1.>", "$KV.B.>"}}},
                               {.name = "S2", .subject_transforms = {{"S2.>", "$KV.B.>"}}}});
  for (const std::string stream : {"S1", "S2"}) create(stream, {{"subjects", json::array{stream + ".>"}}});
  with_bucket(both, [&](client&, bucket& b) -> asio::awaitable<void> {
    raw.request("S1.first", "1");
    raw.request("S2.second", "2");
    co_await until_values(b, "1", "2");
    EXPECT_EQ(co_await keys_of(b), "first second");
  });
}

}  // namespace
}  // namespace kvco::test
