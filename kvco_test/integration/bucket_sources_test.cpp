// Where a bucket is kept, what it copies and where it is copied to: made, read back, updated, refused.
#include <gmock/gmock.h>

#include <boost/json.hpp>
#include <kvco_test/support/server/kv_test.hpp>

namespace kvco::test {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr ensure_options with_update{.on_conflict = on_conflict::update};

class bucket_sources_test : public generations_test {
 protected:
  raw_client raw{server.port()};
  json::object config_of(const std::string& name) {
    return json::parse(api(raw, "STREAM.INFO.KV_" + name)).at("config").as_object();
  }
};
KVCO_ON_ALL_GENERATIONS(bucket_sources_test);

TEST_P(bucket_sources_test, what_is_published_again_is_read_back_and_switched_off) {
  const bucket_republish copy{.source = "$KV.B.eu.>", .destination = "copy.>", .headers_only = true};
  const bucket_config asked = bucket_config("B").republish(copy);
  with_bucket(asked, [&](client& nats, bucket& b) -> asio::awaitable<void> {
    bucket_status status = co_await b.status();
    EXPECT_EQ(status.config.republish(), copy);
    co_await nats.create_bucket(asked);  // the same again
    co_await nats.ensure_bucket(bucket_config("B").history(3), with_update);
    status = co_await b.status();
    EXPECT_EQ(status.config.republish(), copy) << "nobody has set it";
    if (!at_least("2.10")) co_return;  // the server does not change it (10052)
    co_await nats.ensure_bucket(bucket_config("B").republish(bucket_republish()), with_update);
    EXPECT_FALSE(config_of("B").contains("republish"));
  });
}

TEST_P(bucket_sources_test, of_a_source_keys_stay_as_they_are) {
  const bucket_config asked = bucket_config("B").sources({{.name = "A"}});
  with_bucket(bucket_config("A"), [&](client& nats, bucket& a) -> asio::awaitable<void> {
    auto [refused, none] = co_await nats.create_bucket(asked, nothrow);
    if (!at_least("2.10")) {
      EXPECT_EQ(refused, errc::unsupported_by_server) << error_detail();
      EXPECT_FALSE(stream_exists(raw, "KV_B"));
      co_return;
    }
    EXPECT_FALSE(refused) << refused << error_detail();
    bucket b = co_await nats.open_bucket("B");
    co_await a.put("eu.x", "1");
    co_await b.put("own", "2");
    watcher copied = b.watch("eu.>");
    const std::string next = co_await next_of(copied);
    EXPECT_THAT(next, testing::MatchesRegex("eu.x@[12]=1"));
    EXPECT_EQ(co_await keys_of(b), "eu.x own");
    const bucket_status status = co_await b.status();
    EXPECT_EQ(status.config.sources(), asked.sources());
    EXPECT_EQ(status.stream.sources.size(), 1u);
    EXPECT_EQ(status.stream.sources.at(0).stream, "KV_A");
    EXPECT_EQ(status.stream.sources.at(0).lag, 0u);
    co_await nats.create_bucket(status.config);  // the same again
  });
}

TEST_P(bucket_sources_test, filters_transforms_and_starts_are_read_back) {
  if (!at_least("2.10")) return;  // the server has no transforms of sources
  const std::chrono::system_clock::time_point since(1'700'000'000'123'456'789ns);
  const std::vector<bucket_source> sources = {
      {.name = "A", .filter_subject = "$KV.A.*.k", .start_sequence = 2},
      {.name = "C", .start_time = since},
      {.name = "KV_A", .subject_transforms = {{"$KV.A.none.>", "$KV.B.other.>"}}, .domain = "elsewhere"}};
  with_bucket(bucket_config("A"), [&](client& nats, bucket& a) -> asio::awaitable<void> {
    co_await nats.create_bucket(bucket_config("C"));
    co_await a.put("x.k", "1");
    co_await a.put("y.k", "2");
    bucket b = co_await nats.create_bucket(bucket_config("B").sources(sources));
    const bucket_status status = co_await b.status();
    EXPECT_EQ(status.config.sources(), sources);
    EXPECT_EQ(config_of("B").at("sources").at(0).at("subject_transforms").at(0).at("dest").as_string(),
              "$KV.B.{{wildcard(1)}}.k");
    watcher copied = b.watch_all();
    EXPECT_EQ(co_await next_of(copied), "y.k@1=2");
    co_await nats.ensure_bucket(bucket_config("B").sources(std::vector<bucket_source>()), with_update);
    EXPECT_FALSE(config_of("B").contains("sources"));
  });
}

TEST_P(bucket_sources_test, atomic_writes_are_allowed_where_the_server_can) {
  with_client([&](client& nats) -> asio::awaitable<void> {
    auto [refused, b] = co_await nats.create_bucket(bucket_config("B").atomic(true), nothrow);
    EXPECT_EQ(!refused, at_least("newest")) << refused;
    EXPECT_EQ(stream_exists(raw, "KV_B"), at_least("newest"));
    if (refused) {
      EXPECT_EQ(refused, errc::unsupported_by_server);
      co_return;
    }
    const bucket_status status = co_await b.status();
    EXPECT_TRUE(status.config.atomic());
  });
}

TEST_P(bucket_sources_test, the_status_has_what_the_stream_says) {
  with_bucket(bucket_config("B").history(3), [&](client&, bucket& b) -> asio::awaitable<void> {
    const bucket_status empty = co_await b.status();
    EXPECT_EQ(empty.stream.last_time, std::chrono::system_clock::time_point());
    co_await b.put("k", "1");
    co_await b.put("k", "2");
    watcher updates = b.watch_all();
    co_await updates.next_initial();
    const bucket_status status = co_await b.status();
    const stream_status& stream = status.stream;
    EXPECT_EQ(stream.name, "KV_B");
    EXPECT_EQ(stream.consumers, 1u);
    EXPECT_EQ(stream.subjects, 1u);
    EXPECT_LT(stream.first_time, stream.last_time);
    EXPECT_TRUE(stream.deny_delete && stream.allow_rollup && stream.allow_direct && stream.discards_new);
    EXPECT_FALSE(stream.sealed || stream.deny_purge || stream.mirror);
    EXPECT_EQ(stream.duplicate_window, 2min);
  });
}

// Before anything is sent.
TEST_P(bucket_sources_test, what_cannot_be_copied_is_refused_by_name) {
  struct row {
    bucket_config asked;
    const char* words;
  };
  const bucket_config b("B");
  const auto with_mirror = [&](bucket_source of) { return bucket_config(b).mirror(std::move(of)); };
  const auto with_sources = [&](std::vector<bucket_source> of) {
    return bucket_config(b).sources(std::move(of));
  };
  const bucket_config misnamed = with_sources({{.name = "a.b"}});
  const std::vector<row> rows = {
      {with_mirror({.name = "A"}).sources({{.name = "C"}}), "a mirror has no sources"},
      {with_mirror({.name = "A"}).limit_marker_ttl(1s), "no limit_marker_ttl"},
      {with_mirror({.name = "B"}), "a mirror of itself"},
      {with_mirror({.name = "KV_A", .subject_transforms = {{">", "$KV.B.>"}}}), "no transforms"},
      {with_sources({{.name = "B"}}), "a source of itself"},
      {with_sources({{.name = "A"}, {.name = "C"}, {.name = "A"}}), "sources overlap: A"},
      {with_sources(
           {{.name = "A", .filter_subject = "$KV.A.x.>"}, {.name = "A", .filter_subject = "$KV.A.*.y"}}),
       "sources overlap"},
      {with_sources({{.name = "A", .filter_subject = "x.>"}}), "is not below $KV.A."},
      {with_sources({{.name = "A", .filter_subject = "$KV.A.x", .subject_transforms = {{"a", "b"}}}}),
       "the transforms choose"},
      {with_sources({{.name = "A", .domain = "hub", .api_prefix = "$JS.API"}}), "one of them"},
      {with_sources({{.name = "A", .start_sequence = 1, .start_time = std::chrono::system_clock::now()}}),
       "one of them"},
      {with_sources({{.name = "A", .deliver_prefix = "d"}}), "neither domain nor api_prefix"},
      {with_sources({{.name = "A", .api_prefix = "a b"}}), "is no subject"},
      {bucket_config(b).republish({.destination = "$KV.*.copy.>"}), "stored in the same bucket again"},
      {bucket_config(b).republish({.destination = "a b"}), "is no subject"},
      {bucket_config(b).placement({.tags = {"ssd", ""}}), "empty tag"}};
  with_client([&](client& nats) -> asio::awaitable<void> {
    for (const row& r : rows) {
      auto [refused, none] = co_await nats.create_bucket(r.asked, nothrow);
      EXPECT_EQ(refused, errc::invalid_argument) << refused << r.words;
      EXPECT_THAT(error_detail(), HasSubstr(r.words));
    }
    auto [name, none] = co_await nats.create_bucket(misnamed, nothrow);
    EXPECT_EQ(name, errc::invalid_bucket_name);
  });
  EXPECT_FALSE(stream_exists(raw, "KV_B"));
}

TEST_P(bucket_sources_test, where_it_is_kept_is_read_back) {
  const bucket_placement where{.cluster = {}, .tags = {"ssd"}};
  with_client([&](client& nats) -> asio::awaitable<void> {
    bucket b = co_await nats.create_bucket(bucket_config("B").placement(where));
    const bucket_status status = co_await b.status();
    EXPECT_EQ(status.config.placement(), where);
  });
}

}  // namespace
}  // namespace kvco::test
