// Bodies and series of multi_last, as 2.15.1 took and sent them: jetstream/multi_get.cpp.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <kvco/jetstream/multi_get.hpp>
#include <kvco_test/support/judges/alloc_counter.hpp>
#include <string>

namespace kvco::jetstream {
namespace {

constexpr std::string_view prefix = "$KV.A.";

TEST(multi_get_body, of_some_keys) {
  multi_get_body body(prefix, {.keys = 10, .request_bytes = 1000, .reply_bytes = 4194304});
  body.add("k");
  EXPECT_EQ(body.keys(), 1u);
  body.add("a/b=c.d");
  EXPECT_EQ(body.take(), R"({"multi_last":["$KV.A.k","$KV.A.a/b=c.d"],"max_bytes":4194304})");
}

// Others store keys by rules of their own.
TEST(multi_get_body, of_keys_that_json_escapes) {
  const std::string keys[] = {"a\"b", "a\\b", std::string("\0\x1f", 2), "k\xc3\xa4se", "\x7f/<>"};
  const std::string body_of_one = R"({"multi_last":["$KV.A."],"max_bytes":1})";
  for (const std::string& key : keys) {
    for (std::size_t bytes = body_of_one.size(); bytes < body_of_one.size() + 20; ++bytes) {
      multi_get_body body(prefix, {.keys = 5, .request_bytes = bytes, .reply_bytes = 1});
      const bool room = body.has_room(key);
      body.add(key);
      const std::string text = body.take();
      EXPECT_EQ(text.size() <= bytes, room) << text;
      EXPECT_EQ(boost::json::parse(text).at("multi_last").at(0).as_string(), "$KV.A." + key);
    }
  }
}

TEST(multi_get_body, keeps_its_limits_exactly) {
  for (std::size_t bytes = 0; bytes < 200; ++bytes) {
    multi_get_body body(prefix, {.keys = 5, .request_bytes = bytes, .reply_bytes = 1});
    while (body.has_room("key")) body.add("key");
    const std::size_t keys = body.keys();
    EXPECT_LE(keys, 5u);
    const std::string text = body.take();
    if (keys == 0) {
      EXPECT_LT(bytes, std::string_view(R"({"multi_last":["$KV.A.key"],"max_bytes":1})").size());
      continue;
    }
    EXPECT_LE(text.size(), bytes);
    EXPECT_EQ(boost::json::parse(text).at("multi_last").as_array().size(), keys);
    const std::size_t one_more = std::string_view(R"(,"$KV.A.key")").size();
    if (keys < 5) {
      EXPECT_GT(text.size() + one_more, bytes) << "there was room for one more";
    }
  }
}

std::string message(std::string_view numbers) {
  return "NATS/1.0\r\nNats-Stream: KV_A\r\nNats-Subject: $KV.A.k\r\nNats-Sequence: 7\r\n"
         "Nats-Time-Stamp: 2026-11-21T04:09:14.811871102Z\r\n" +
         std::string(numbers) + "\r\n";
}

multi_get_reply parse(const std::string& header, std::string_view payload = {}) {
  return parse_multi_get(header, payload, prefix);
}

TEST(multi_get_reply, a_message_of_the_series) {
  const std::string header = message("Nats-Num-Pending: 5\r\nNats-Last-Sequence: 3\r\n");
  const auto reply = parse(header, "v");
  EXPECT_EQ(reply.kind, multi_get_kind::message);
  EXPECT_EQ(reply.fields.key, "k");
  EXPECT_EQ(reply.fields.value, "v");
  EXPECT_EQ(reply.fields.rev, 7u);
  EXPECT_EQ(reply.pending, 5u);
  EXPECT_EQ(reply.previous, 3u);
}

// Servers before 2.12 give back a status line that a publisher has stored.
// field: X5
TEST(multi_get_reply, a_message_with_a_status_line) {
  for (const char* status : {" 204 EOB", " 404 No Results", " 408 x", " 413", " 500", " 503"}) {
    std::string header = message("Nats-Num-Pending: 5\r\nNats-Last-Sequence: 3\r\n");
    header.insert(header.find("\r\n"), status);
    const auto reply = parse(header, "v");
    EXPECT_EQ(reply.kind, multi_get_kind::message) << status;
    EXPECT_EQ(reply.fields.value, "v");
    EXPECT_EQ(reply.pending, 5u);
    EXPECT_EQ(reply.previous, 3u);
  }
}

// What a publisher has stored under these names stands before what the server says.
TEST(multi_get_reply, the_server_has_the_last_word) {
  const std::string header = message(
      "Nats-Num-Pending: 99\r\nNats-Last-Sequence: 98\r\nNats-Num-Pending: 5\r\nNats-Last-Sequence: 3\r\n");
  const auto reply = parse(header);
  EXPECT_EQ(reply.pending, 5u);
  EXPECT_EQ(reply.previous, 3u);
}

TEST(multi_get_reply, the_end_of_the_series) {
  const auto reply = parse(
      "NATS/1.0 204 EOB\r\nNats-Num-Pending: 2\r\nNats-Last-Sequence: 6\r\nNats-UpTo-Sequence: 9\r\n\r\n");
  EXPECT_EQ(reply.kind, multi_get_kind::end);
  EXPECT_EQ(reply.pending, 2u);
  EXPECT_EQ(reply.previous, 6u);
}

TEST(multi_get_reply, statuses) {
  EXPECT_EQ(parse("NATS/1.0 404 No Results\r\n\r\n").kind, multi_get_kind::none);
  EXPECT_EQ(parse("NATS/1.0 404 Message Not Found\r\n\r\n").kind, multi_get_kind::broken_off);
  EXPECT_EQ(parse("NATS/1.0 500 x\r\n\r\n").kind, multi_get_kind::broken_off);
  EXPECT_EQ(parse("NATS/1.0 408 Empty Request\r\n\r\n").kind, multi_get_kind::unknown);
  EXPECT_EQ(parse("NATS/1.0 413 Too Many Results\r\n\r\n").kind, multi_get_kind::too_many);
  EXPECT_EQ(parse("NATS/1.0 503\r\n\r\n").kind, multi_get_kind::no_responders);
}

TEST(multi_get_reply, that_is_none) {
  const std::string numbers[] = {"", "Nats-Num-Pending: 5\r\n", "Nats-Last-Sequence: 5\r\n",
                                 "Nats-Num-Pending: -1\r\nNats-Last-Sequence: 5\r\n",
                                 "Nats-Num-Pending: 1\r\nNats-Last-Sequence: x\r\n"};
  for (const std::string& each : numbers) {
    for (const std::string& header : {message(each), "NATS/1.0 204 EOB\r\n" + each + "\r\n"}) {
      const auto reply = parse(header);
      EXPECT_EQ(reply.kind, multi_get_kind::failed) << header;
      EXPECT_EQ(reply.code, client_error::malformed_reply);
    }
  }
  EXPECT_EQ(parse("NATS/1.0 412 Required Api Level\r\n\r\n").code, client_error::unsupported_by_server);
  EXPECT_EQ(parse("NATS/1.0 429 Too Many Requests\r\n\r\n").code, errc::unavailable);
  EXPECT_EQ(parse("").code, client_error::malformed_reply);
}

TEST(multi_get_reply, allocates_nothing) {
  const std::string header = message("Nats-Num-Pending: 5\r\nNats-Last-Sequence: 3\r\n");
  const std::uint64_t before = test::allocations();
  const auto reply = parse_multi_get(header, "v", prefix);
  EXPECT_EQ(test::allocations(), before);
  EXPECT_EQ(reply.kind, multi_get_kind::message);
}

}  // namespace
}  // namespace kvco::jetstream
