// The parts of samples/gateway without input and output.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <gateway/access.hpp>
#include <gateway/conditions.hpp>
#include <gateway/event_id.hpp>
#include <gateway/events.hpp>
#include <gateway/options.hpp>
#include <gateway/problem.hpp>
#include <gateway/recent_events.hpp>
#include <gateway/text.hpp>
#include <gateway/viewer_queue.hpp>

#include <memory>
#include <string>
#include <vector>

namespace gateway {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(gateway_target, segments_are_decoded_one_by_one) {
  EXPECT_THAT(parse_target("/")->path, IsEmpty());
  EXPECT_THAT(parse_target("/v1/kv/B/a%2Fb%3dc")->path, ElementsAre("v1", "kv", "B", "a/b=c"));
  EXPECT_THAT(parse_target("/a//..")->path, ElementsAre("a", "", ".."));
  EXPECT_THAT(parse_target("/k?filter=a.%3E&values&x=1+2=3")->query,
              ElementsAre(Pair("filter", "a.>"), Pair("values", ""), Pair("x", "1 2=3")));
  EXPECT_EQ(parse_target("/k?a=1")->parameter("b"), nullptr);
}

TEST(gateway_target, malformed_ones_are_refused) {
  for (const char* text : {"", "*", "http://a/", "/%", "/%1", "/%g0", "/%0g", "/a%00", "/?a=%", "/?%zz=1"})
    EXPECT_FALSE(parse_target(text)) << text;
}

TEST(gateway_conditions, tags_are_revisions) {
  EXPECT_THAT(parse_tags(R"("1", W/"2" ,"x","007")")->strong, ElementsAre(1));
  EXPECT_THAT(parse_tags(R"("1", W/"2" ,"x","007")")->weak, ElementsAre(2));
  EXPECT_EQ(parse_tags(R"("1", W/"2" ,"x","007")")->foreign, 2u);
  EXPECT_TRUE(parse_tags(" * ")->any);
  for (const char* odd : {"", "7", "\"7", "\"7\",", "*,\"7\"", "\"7\" \"8\"", "w/\"7\""})
    EXPECT_FALSE(parse_tags(odd)) << odd;
  EXPECT_EQ(parse_tags("\"18446744073709551615\"")->strong[0], UINT64_MAX);
  EXPECT_EQ(parse_tags("\"18446744073709551616\"")->foreign, 1u);
}

TEST(gateway_conditions, of_a_write) {
  using kind = enum write_condition::kind;
  constexpr auto absent = std::nullopt;
  EXPECT_EQ(condition_of({}).kind, kind::none);
  EXPECT_EQ(condition_of({absent, "*"}).kind, kind::absent);
  EXPECT_EQ(condition_of({"\"7\""}).kind, kind::revision);
  EXPECT_EQ(condition_of({"\"7\""}).revision, 7u);
  EXPECT_EQ(condition_of({"W/\"7\""}).kind, kind::impossible);
  for (const char* odd : {"", "*", "\"7\",\"8\"", "7"})
    EXPECT_EQ(condition_of({odd}).kind, kind::unsupported) << odd;
  for (const char* odd : {"", "\"7\""}) EXPECT_EQ(condition_of({absent, odd}).kind, kind::unsupported) << odd;
  EXPECT_EQ(condition_of({"\"7\"", "*"}).kind, kind::unsupported);
}

TEST(gateway_conditions, a_date_is_refused_unless_a_revision_decides) {
  using kind = enum write_condition::kind;
  const std::string date = "Sun, 06 Nov 1994 08:49:37 GMT";
  EXPECT_EQ(condition_of({std::nullopt, std::nullopt, date}).kind, kind::unsupported);
  EXPECT_EQ(condition_of({std::nullopt, "*", date}).kind, kind::unsupported);
  EXPECT_EQ(condition_of({"\"7\"", std::nullopt, date}).kind, kind::revision);
}

TEST(gateway_conditions, reads_compare_strongly_with_if_match) {
  const tag_list tags = *parse_tags(R"("1", W/"2")");
  EXPECT_TRUE(tags.has(1) && tags.has(2) && !tags.has(3));
  EXPECT_TRUE(tags.has_strong(1) && !tags.has_strong(2));
  EXPECT_TRUE(parse_tags("*")->has_strong(3));
}

TEST(gateway_text, utf_8) {
  for (const char* good : {"", "a", "\xC3\xBC", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "\xEF\xBF\xBF"})
    EXPECT_TRUE(is_utf8(good));
  for (const char* bad :
       {"\x80", "\xC0\x80", "\xC3", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xFF", "a\xE2\x82"})
    EXPECT_FALSE(is_utf8(bad));
}

TEST(gateway_text, base64_and_dates) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64(std::string("\0\xFF\x07", 3)), "AP8H");
  const auto when = std::chrono::system_clock::time_point(std::chrono::milliseconds(784111777250));
  EXPECT_EQ(http_date(when), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(iso_date(when), "1994-11-06T08:49:37.250Z");
}

TEST(gateway_text, secrets) {
  EXPECT_TRUE(same_secret("abc", "abc"));
  for (const char* other : {"", "ab", "abcd", "abd", "abcabc"})
    EXPECT_FALSE(same_secret("abc", other)) << other;
  EXPECT_FALSE(same_secret("", "abc"));
}

event_ptr event(const std::string& key, kvco::revision revision, std::uint64_t traceless = 0) {
  auto out = std::make_shared<live_event>();
  out->key = key;
  out->place = {revision, traceless};
  out->text = key + std::to_string(revision) + " ";
  return out;
}

std::string all_of(viewer_queue& from) {
  std::string out;
  from.take(out, 1000);
  return out;
}

TEST(gateway_viewer_queue, keeps_each_event_up_to_its_limit) {
  viewer_queue queue(3);
  for (kvco::revision i = 1; i <= 3; ++i) queue.push(event("a", i));
  EXPECT_EQ(all_of(queue), "a1 a2 a3 ");
  EXPECT_EQ(queue.conflated(), 0u);
}

TEST(gateway_viewer_queue, keeps_the_newest_of_each_key_over_its_limit) {
  viewer_queue queue(3);
  for (const auto& each : {event("a", 1), event("b", 2), event("a", 3), event("c", 4)}) queue.push(each);
  EXPECT_EQ(all_of(queue), "b2 a3 c4 ");
  EXPECT_EQ(queue.conflated(), 1u);
  EXPECT_FALSE(queue.overflowed());
}

TEST(gateway_viewer_queue, drops_all_when_there_are_too_many_keys) {
  viewer_queue queue(2);
  for (const auto& each : {event("a", 1), event("b", 2), event("c", 3), event("d", 4)}) queue.push(each);
  EXPECT_TRUE(queue.overflowed());
  EXPECT_TRUE(queue.empty());
  queue.clear();
  queue.push(event("a", 5));
  EXPECT_EQ(all_of(queue), "a5 ");
}

TEST(gateway_viewer_queue, is_taken_in_parts) {
  viewer_queue queue(10);
  for (kvco::revision i = 1; i <= 4; ++i) queue.push(event("a", i));
  std::string part;
  EXPECT_EQ(queue.take(part, 4), 2u);
  EXPECT_EQ(part, "a1 a2 ");
  EXPECT_EQ(queue.size(), 2u);
}

TEST(gateway_event_id, has_one_text) {
  const event_id id{{1764423000123456789, 4711}, {41, 0}}, removal{{1, 2}, {3, 4}};
  EXPECT_EQ(to_string(id), "1764423000123456789-4711-41");
  EXPECT_EQ(to_string(removal), "1-2-3.4");
  for (const event_id& each : {id, removal, event_id{}}) EXPECT_EQ(parse_event_id(to_string(each)), each);
  for (const char* odd : {"", "41", "1-2", "1-2-", "-1-2-3", "1--3", "1-2-3.", "1-2-3.0", "1-2-03", "1-2-3-4",
                          "1-2-3.4.5", "1-2-3 ", "a-2-3", "1-2-18446744073709551616"})
    EXPECT_FALSE(parse_event_id(odd)) << odd;
}

TEST(gateway_recent_events, covers_what_it_has) {
  recent_events recent(2, 1000);
  recent.restart({5});
  EXPECT_TRUE(recent.covers({5}));
  EXPECT_FALSE(recent.covers({4}));
  EXPECT_FALSE(recent.covers({6}));
  for (kvco::revision i : {7, 8, 9}) recent.push(event("a", i));
  EXPECT_FALSE(recent.covers({6}));  // 7 has left it
  EXPECT_TRUE(recent.covers({7}));
  ASSERT_EQ(recent.after({7}).size(), 2u);
  EXPECT_EQ(recent.after({7})[0]->place.revision, 8u);
  EXPECT_THAT(recent.after({9}), IsEmpty());
}

TEST(gateway_recent_events, removals_without_a_revision_have_places_between_revisions) {
  recent_events recent(10, 1000);
  recent.restart({5});
  EXPECT_FALSE(recent.covers({5, 1}));
  for (const auto& each : {event("a", 5, 1), event("b", 5, 2), event("c", 6)}) recent.push(each);
  EXPECT_TRUE(recent.covers({5}) && recent.covers({5, 1}) && recent.covers({5, 2}) && recent.covers({6}));
  EXPECT_FALSE(recent.covers({6, 1}));
  ASSERT_EQ(recent.after({5, 1}).size(), 2u);
  EXPECT_EQ(recent.after({5, 1})[0]->key, "b");
  EXPECT_EQ(recent.after({5}).size(), 3u);
}

TEST(gateway_recent_events, has_a_limit_of_bytes) {
  recent_events recent(100, 7);
  for (kvco::revision i : {1, 2, 3}) recent.push(event("a", i));
  EXPECT_EQ(recent.floor(), event_place{1});
}

TEST(gateway_problem, each_error_has_a_status) {
  EXPECT_EQ(problem_of(kvco::make_error_code(kvco::client_error::key_exists)).status, 412u);
  EXPECT_EQ(problem_of(kvco::make_error_code(kvco::client_error::outcome_unknown)).name, "outcome-unknown");
  EXPECT_EQ(problem_of(kvco::error_code(10077, kvco::jetstream_category())).status, 507u);
  EXPECT_EQ(problem_of(asio::error::operation_aborted).status, 503u);
  EXPECT_EQ(problem_of(kvco::error_code(99999, kvco::jetstream_category()), "odd").detail, "odd");
  const response offline = to_response({503, "offline", "a \"quote\""});
  EXPECT_THAT(offline.fields, ElementsAre(Pair("Retry-After", "1")));
  EXPECT_NE(offline.body.find(R"("detail":"a \"quote\"")"), std::string::npos);
}

request asked(const std::string& path, const std::string& host) {
  request out;
  out.where = *parse_target(path);
  out.host = host;
  return out;
}

TEST(gateway_access, without_a_token_only_this_machine) {
  const access open("");
  for (const char* host : {"localhost", "localhost:80", "127.0.0.1:8080", "[::1]:8080"})
    EXPECT_FALSE(open.refusal(asked("/v1/kv/B", host))) << host;
  for (const char* host : {"", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "[::1"})
    EXPECT_EQ(open.refusal(asked("/v1/kv/B", host))->status, 421u) << host;
  request foreign = asked("/v1/kv/B", "localhost:80");
  foreign.origin = "http://localhost:81";
  EXPECT_EQ(open.refusal(foreign)->status, 403u);
}

TEST(gateway_access, with_a_token_the_page_and_the_probes_are_open) {
  const access guarded("secret");
  for (const char* path : {"/", "/page/app.js", "/healthz", "/readyz"})
    EXPECT_FALSE(guarded.refusal(asked(path, "any"))) << path;
  for (const char* path : {"/v1/buckets", "/metrics", "/other", "//page"})
    EXPECT_EQ(guarded.refusal(asked(path, "any"))->status, 401u) << path;
  request with = asked("/metrics", "any");
  with.authorization = "Bearer secret";
  EXPECT_FALSE(guarded.refusal(with));
  with.authorization.clear();
  with.cookie = "other=1; " + guarded.session_cookie().substr(0, guarded.session_cookie().find(';'));
  EXPECT_FALSE(guarded.refusal(with));
}

TEST(gateway_options, are_read_and_checked) {
  const std::vector<const char*> good = {"--listen", "[::1]:0", "--max-body", "7", "--demo"};
  const options read = parse_options(good);
  EXPECT_EQ(read.address, "::1");
  EXPECT_EQ(read.port, 0);
  EXPECT_EQ(read.limits.body, 7u);
  EXPECT_TRUE(read.demo);
  for (const std::vector<const char*>& bad : {std::vector<const char*>{"--listen", "8080"},
                                              {"--listen", "a:65536"},
                                              {"--max-body", "x"},
                                              {"--odd", "1"},
                                              {"--listen"},
                                              {"--token-file", "/does/not/exist"}})
    EXPECT_THROW(parse_options(bad), std::runtime_error) << bad[0];
}

}  // namespace
}  // namespace gateway
