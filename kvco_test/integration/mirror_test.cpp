// A mirror is read, listed and watched by the subjects of its origin, and what is written to it is written to the origin.
#include <gmock/gmock.h>

#include <boost/json.hpp>
#include <kvco_test/support/server/kv_test.hpp>

namespace kvco::test {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using testing::HasSubstr;

class mirror_test : public generations_test {
 protected:
  raw_client raw{server.port()};

  static bucket_config mirror_of(std::string_view origin, std::string_view name = "M") {
    return bucket_config(name).history(10).mirror({.name = std::string(origin)});
  }
};
KVCO_ON_ALL_GENERATIONS(mirror_test);

// field: M7
TEST_P(mirror_test, is_read_listed_and_watched_as_its_origin) {
  with_bucket(bucket_config("A").history(10), [&](client& nats, bucket& a) -> asio::awaitable<void> {
    co_await a.put("x", "1");
    co_await a.put("x", "2");
    co_await a.erase("y");
    bucket m = co_await nats.create_bucket(mirror_of("A"));
    co_await until([&] { return stream_field(raw, "M", "messages") == "3"; });
    const std::optional<entry> x = co_await m.get("x", {.consistency = consistency::any});
    EXPECT_EQ(show(x), "x@2=2");
    EXPECT_EQ(x ? x->bucket() : "", "M");
    const std::optional<entry> first = co_await m.get_revision("x", 1);
    EXPECT_EQ(show(first), "x@1=1");
    EXPECT_EQ(co_await history_of(m, "x"), "x@1=1 x@2=2");
    EXPECT_EQ(co_await keys_of(m), "x");
    const std::vector<std::string> keys = {"x", "y"};
    const auto many = co_await m.get_many(keys);
    EXPECT_EQ(show(many[0]) + ' ' + show(many[1]), "x@2=2 none");
    watcher updates = m.watch_all();
    EXPECT_EQ(co_await initial_of(updates), "x@2=2 y@3 DEL");
    co_await a.put("z", "4");
    EXPECT_EQ(co_await next_of(updates), "z@4=4");
    const std::vector<std::string> names = co_await nats.bucket_names();
    EXPECT_EQ(show(names), "A M");
    const bucket_status status = co_await m.status();
    EXPECT_EQ(status.config.mirror(), mirror_of("A").mirror());
    EXPECT_EQ(status.stream.mirror ? status.stream.mirror->stream : "", "KV_A");
    EXPECT_TRUE(status.stream.mirror_direct);
    co_await nats.create_bucket(mirror_of("A"));  // the same again
    co_await nats.delete_bucket("M");
    EXPECT_EQ(co_await value_of(a, "x"), "2");
  });
}

// field: M7
TEST_P(mirror_test, writes_go_to_the_origin_and_are_read_at_once) {
  with_bucket(bucket_config("A").history(10), [&](client& nats, bucket& a) -> asio::awaitable<void> {
    bucket m = co_await nats.create_bucket(mirror_of("A"));
    for (int n = 1; n <= 20; ++n) {
      const std::string value = std::to_string(n);
      EXPECT_EQ(co_await m.put("x", value), static_cast<revision>(n));
      EXPECT_EQ(co_await value_of(m, "x"), value) << "though it may lag behind";
    }
    EXPECT_EQ(co_await value_of(a, "x"), "20");
    EXPECT_EQ(co_await m.erase("x"), 21u);
    EXPECT_EQ(co_await m.create("x", "anew"), 22u) << "over the tombstone of the origin";
    auto [exists, none] = co_await m.create("x", "again", {.retry = retry::idempotent}, nothrow);
    EXPECT_EQ(exists, errc::key_exists);
    EXPECT_EQ(co_await m.update("x", "next", 22), 23u);
    const std::optional<entry> newest = co_await m.get("x", {.consistency = consistency::leader});
    EXPECT_EQ(show(newest), "x@23=next");
    const std::vector<put_item> items = {{"p", "1"}, {"q", "2"}};
    const std::vector<put_outcome> stored = co_await m.put_many(items);
    for (const put_outcome& each : stored) EXPECT_TRUE(each.ok()) << each.code();
    EXPECT_EQ(co_await keys_of(a), "p q x");
    auto [purged, no_count] = co_await m.purge_deletes(nothrow);
    EXPECT_EQ(purged, errc::read_only);
  });
}

TEST_P(mirror_test, of_a_mirror_has_the_subjects_of_the_first) {
  with_bucket(bucket_config("A").history(10), [&](client& nats, bucket& a) -> asio::awaitable<void> {
    co_await nats.create_bucket(mirror_of("A"));
    bucket n = co_await nats.create_bucket(mirror_of("M", "N"));
    EXPECT_EQ(co_await n.put("x", "1"), 1u);
    EXPECT_EQ(co_await value_of(n, "x"), "1");
    EXPECT_EQ(co_await value_of(a, "x"), "1");
    co_await until([&] { return stream_field(raw, "N", "messages") == "1"; });
    EXPECT_EQ(co_await keys_of(n), "x");
  });
}

// What its origin was is seen in what it holds; nothing can be written.
TEST_P(mirror_test, is_read_without_its_origin) {
  with_bucket(bucket_config("A"), [&](client& nats, bucket& a) -> asio::awaitable<void> {
    co_await a.put("x", "1");
    co_await nats.create_bucket(mirror_of("A"));
    co_await nats.create_bucket(mirror_of("M", "N"));
    co_await until([&] { return stream_field(raw, "N", "messages") == "1"; });
    co_await nats.delete_bucket("A");
    co_await nats.delete_bucket("M");
    bucket n = co_await nats.open_bucket("N");
    EXPECT_EQ(co_await value_of(n, "x"), "1");
    if (at_least("2.10")) {  // 2.9 takes no filter then (10093)
      EXPECT_EQ(co_await keys_of(n), "x");
    }
    auto [put, none] = co_await n.put("x", "2", nothrow);
    EXPECT_EQ(put, errc::read_only);
    EXPECT_THAT(error_detail(), HasSubstr("KV_M"));
    const std::vector<put_item> items = {{"x", "2"}};
    const std::vector<put_outcome> stored = co_await n.put_many(items);
    EXPECT_EQ(stored[0].code(), errc::read_only);

    // Of many writes one asks for the origin, and another one for all that have come meanwhile.
    const std::string asked = raw.subscribe("$JS.API.STREAM.INFO.KV_M");
    raw.flush();
    std::vector<heard<revision>> all(100);
    for (const auto& each : all) n.put("x", "2", each);
    co_await until([&] { return std::ranges::all_of(all, [](auto& one) { return one.done(); }); });
    for (const auto& each : all) EXPECT_EQ(each.code(), errc::read_only);
    raw.request("$JS.API.STREAM.INFO.KV_M", "end");
    int questions = 0;
    while (raw.next(asked).payload != "end") ++questions;
    EXPECT_LE(questions, 4);
  });
}

TEST_P(mirror_test, in_a_circle_is_refused) {
  const bucket_config copying = bucket_config("B").sources({{.name = "A"}, {.name = "C"}});
  with_bucket(bucket_config("A"), [&](client& nats, bucket&) -> asio::awaitable<void> {
    co_await nats.create_bucket(mirror_of("B", "C"));  // of one that is not there yet
    auto [mirror, none] = co_await nats.create_bucket(mirror_of("C", "B"), nothrow);
    EXPECT_EQ(mirror, errc::invalid_argument) << mirror;
    EXPECT_THAT(error_detail(), HasSubstr("in a circle"));
    if (!at_least("2.10")) co_return;
    auto [source, no_bucket] = co_await nats.create_bucket(copying, nothrow);
    EXPECT_EQ(source, errc::invalid_argument) << source;
  });
}

}  // namespace
}  // namespace kvco::test
