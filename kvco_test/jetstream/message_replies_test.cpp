// Stored messages by direct get and MSG.GET, as servers sent them: jetstream/message_replies.cpp.
#include <gtest/gtest.h>

#include <absl/strings/escaping.h>
#include <kvco/jetstream/replies.hpp>
#include <kvco_test/support/judges/alloc_counter.hpp>
#include <string>

namespace kvco::jetstream {
namespace {

constexpr std::string_view prefix = "$KV.A.";

std::string block(std::string_view lines) { return "NATS/1.0" + std::string(lines) + "\r\n\r\n"; }

outcome<std::optional<stored_message>> direct(const std::string& header, std::string_view payload = {}) {
  return parse_direct_get(header, payload, prefix);
}

// As 2.9.10, 2.10.27 and 2.15.1 sent it, behind what the publisher had set.
std::string direct_header(std::string_view stored, std::string_view sequence = "2") {
  return block(std::string(stored) + "\r\nNats-Stream: KV_A\r\nNats-Subject: $KV.A.k\r\nNats-Sequence: " +
               std::string(sequence) + "\r\nNats-Time-Stamp: 2026-11-21T04:09:14.811871102Z");
}

TEST(direct_get, of_a_value) {
  const std::string header = direct_header("\r\nNats-Msg-Id: x");
  const auto got = direct(header, "v2");
  ASSERT_TRUE(got.ok() && got.value) << got.detail;
  const auto& fields = got.value->fields;
  EXPECT_EQ(fields.bucket, "A");
  EXPECT_EQ(fields.key, "k");
  EXPECT_EQ(fields.value, "v2");
  EXPECT_EQ(fields.value_size, 2u);
  EXPECT_EQ(fields.rev, 2u);
  EXPECT_EQ(fields.created_ns, 1795234154811871102);
  EXPECT_EQ(fields.op, operation::put);
  EXPECT_EQ(fields.pending, 0u);
}

TEST(direct_get, allocates_nothing) {
  const std::string header = direct_header("\r\nNats-Msg-Id: x");
  const std::uint64_t before = test::allocations();
  const auto got = parse_direct_get(header, "v2", prefix);
  EXPECT_EQ(test::allocations(), before);
  EXPECT_TRUE(got.value);
}

TEST(direct_get, of_an_empty_value_is_a_value) {
  const std::string header = direct_header("");
  const auto got = direct(header);
  ASSERT_TRUE(got.value);
  EXPECT_EQ(got.value->fields.op, operation::put);
}

TEST(direct_get, of_a_tombstone_has_no_value) {
  const std::string header = direct_header("\r\nKV-Operation: DEL");
  const auto got = direct(header, "somebody's body");
  ASSERT_TRUE(got.value);
  EXPECT_EQ(got.value->fields.op, operation::erase);
  EXPECT_EQ(got.value->fields.value, "");
  EXPECT_EQ(got.value->fields.value_size, 0u);
}

// A publisher may have stored these names; the server appends its own without removing them.
TEST(direct_get, takes_the_servers_own_headers) {
  const std::string header =
      direct_header("\r\nNats-Sequence: 777\r\nNats-Subject: $KV.B.x\r\nNats-Time-Stamp: yesterday");
  const auto got = direct(header, "v");
  ASSERT_TRUE(got.value) << got.detail;
  EXPECT_EQ(got.value->fields.rev, 2u);
  EXPECT_EQ(got.value->fields.key, "k");
}

// fault: 65
TEST(direct_get, revisions_keep_all_64_bits) {
  for (std::uint64_t n : {9007199254740993u, 9223372036854775808u, 18446744073709551615u}) {
    const std::string header = direct_header("", std::to_string(n));
    const auto got = direct(header);
    ASSERT_TRUE(got.value) << n;
    EXPECT_EQ(got.value->fields.rev, n);
  }
}

// Servers before 2.12 give back a status line that a publisher has stored; their own answers have no Nats-Stream.
// field: X5
TEST(direct_get, of_a_value_with_a_status_line_is_a_value) {
  for (const char* line : {" 404 x", " 404", " 503", " 408 Empty Request", " 413 x", " 429", " 412 Level",
                           "   500", " 204 EOB"}) {
    const std::string header = direct_header(std::string(line) + "\r\nA: b");
    const auto got = direct(header, "v2");
    ASSERT_TRUE(got.ok() && got.value) << line << got.detail;
    EXPECT_EQ(got.value->fields.value, "v2");
    EXPECT_EQ(got.value->fields.rev, 2u);
    EXPECT_FALSE(is_no_responders(header)) << line;
  }
  const auto marker = direct(direct_header(" 404 x\r\nKV-Operation: DEL"), "v2");
  ASSERT_TRUE(marker.value);
  EXPECT_EQ(marker.value->fields.op, operation::erase);
}

// What 2.9.10, 2.10.27 and 2.15.1 sent for header blocks that are none: their own fields stand behind it without its last two bytes.
TEST(direct_get, of_a_value_with_any_header_block_is_a_value) {
  for (const char* stored :
       {"NATS/1.0\r\nno field\r\n", "garba", "Nats-Stream: x\r\n", "NATS/1.0 503\r\nNats-Stream: ", ""}) {
    std::string header = direct_header("");
    header.replace(0, header.find("Nats-Stream"), stored);
    const auto got = direct(header, "v2");
    ASSERT_TRUE(got.ok() && got.value) << stored << got.detail;
    EXPECT_EQ(got.value->fields.rev, 2u);
    EXPECT_EQ(got.value->fields.op, operation::put);
  }
}

TEST(no_responders, is_a_status_of_the_server) {
  EXPECT_TRUE(is_no_responders(block(" 503")));
  EXPECT_TRUE(is_no_responders(block(" 503 No Responders\r\nNats-Subject: $KV.A.k")));
  for (const std::string& other :
       {std::string(), block(""), block(" 404"), block(" 5030"), std::string("503")}) {
    EXPECT_FALSE(is_no_responders(other)) << other;
  }
}

TEST(direct_get, of_nothing_is_absent) {
  for (const char* status : {" 404 Message Not Found", " 404 No Results", " 404"}) {
    const auto got = direct(block(status));
    EXPECT_TRUE(got.ok()) << got.detail;
    EXPECT_FALSE(got.value);
  }
}

struct failure_case {
  std::string header;
  error_code code;
  std::string detail;
};

// fault: 30
TEST(direct_get, failures) {
  using enum client_error;
  const error_code too_many(10167, jetstream_category());
  const failure_case cases[] = {
      {block(" 503"), no_responders, "status 503 \"\""},
      {block(" 503\r\nNats-Subject: $JS.API.DIRECT.GET.KV_NIX.$KV.NIX.k"), no_responders, "status 503 \"\""},
      {block(" 412 Required Api Level"), unsupported_by_server, "status 412 \"Required Api Level\""},
      {block(" 408 Empty Request"), malformed_reply, "status 408 \"Empty Request\""},
      {block(" 413 Too Many Results"), malformed_reply, "status 413 \"Too Many Results\""},
      {block(" 500 Oops"), malformed_reply, "status 500 \"Oops\""},
      {block(" 429 Too Many Requests"), too_many, "status 429 \"Too Many Requests\""},
      {block(""), malformed_reply, "Nats-Sequence is \"\""},  // no_hdr
      {"", malformed_reply, "Nats-Sequence is \"\""},
      {direct_header("", ""), malformed_reply, "Nats-Sequence is \"\""},
      {direct_header("", "0"), malformed_reply, "Nats-Sequence is \"0\""},
      {direct_header("", "-1"), malformed_reply, "Nats-Sequence is \"-1\""},
      {direct_header("", "1.5"), malformed_reply, "Nats-Sequence is \"1.5\""},
      {direct_header("", "18446744073709551616"), malformed_reply,
       "Nats-Sequence is \"18446744073709551616\""},
      {block("\r\nNats-Sequence: 1\r\nNats-Subject: $KV.A.k"), malformed_reply, "Nats-Time-Stamp is \"\""},
      {block("\r\nNats-Sequence: 1\r\nNats-Subject: $KV.B.k\r\nNats-Time-Stamp: 2026-11-21T04:09:14Z"),
       malformed_reply, "Nats-Subject is \"$KV.B.k\""},
      {block("\r\nNats-Sequence: 1\r\nNats-Subject: $KV.A.\r\nNats-Time-Stamp: 2026-11-21T04:09:14Z"),
       malformed_reply, "Nats-Subject is \"$KV.A.\""},
      {"NATS/1.0\r\nno colon\r\n\r\n", malformed_reply, "its header block"},
      {"HTTP/1.1 200 OK\r\n\r\n", malformed_reply, "its header block"},
  };
  for (const failure_case& c : cases) {
    const auto got = direct(c.header);
    EXPECT_EQ(got.code, c.code) << c.header;
    EXPECT_EQ(got.detail, c.detail) << c.header;
    EXPECT_FALSE(got.value) << c.header;
  }
}

void expect_survival_of_every_cut_and_every_byte(const std::string& whole) {
  for (std::size_t n = 0; n < whole.size(); ++n) {
    EXPECT_FALSE(direct(whole.substr(0, n)).value) << n;
    for (int byte = 0; byte < 256; ++byte) {
      std::string damaged = whole;
      damaged[n] = static_cast<char>(byte);
      if (const auto got = direct(damaged); got.value) {
        EXPECT_GT(got.value->fields.rev, 0u);
      }
    }
  }
}

// fault: 21
TEST(direct_get, survives_every_cut_and_every_byte) {
  expect_survival_of_every_cut_and_every_byte(direct_header(""));
  expect_survival_of_every_cut_and_every_byte(direct_header("\r\nKV-Operation: PURGE"));
}

struct operation_case {
  std::string_view lines;
  operation expected;
};

// fault: 30, 67
TEST(operation_of_headers, follows_adr_8_and_43) {
  const operation_case cases[] = {
      {"", operation::put},
      {"\r\nKV-Operation: DEL", operation::erase},
      {"\r\nKV-Operation: PURGE\r\nNats-Rollup: sub", operation::purge},
      {"\r\nKV-Operation: PUT", operation::put},
      {"\r\nKV-Operation: del", operation::put},
      {"\r\nKV-Operation:", operation::put},
      {"\r\nkv-operation: DEL", operation::put},  // ADR-4: names are case-sensitive
      {"\r\nKV-Operation: DEL\r\nKV-Operation: PURGE", operation::erase},
      {"\r\nKV-Operation: PURGE\r\nKV-Operation: DEL", operation::purge},
      {"\r\nNats-Marker-Reason: MaxAge\r\nNats-TTL: 1m0s\r\nNats-Rollup: sub", operation::purge},
      {"\r\nNats-Marker-Reason: Purge", operation::purge},
      {"\r\nNats-Marker-Reason: Remove", operation::erase},
      {"\r\nNats-Marker-Reason: Whatever", operation::put},
      {"\r\nNats-Marker-Reason: MaxAge\r\nKV-Operation: DEL", operation::erase},
      {"\r\nNats-Marker-Reason: Remove\r\nKV-Operation: PUT", operation::put},
      {"\r\nX-KV-Operation: DEL", operation::put},
  };
  for (const operation_case& c : cases) {
    const std::string header = block(c.lines);
    EXPECT_EQ(operation_of(wire::headers(header)), c.expected) << c.lines;
  }
  EXPECT_EQ(operation_of(wire::headers()), operation::put);
  EXPECT_EQ(operation_of(wire::headers("garbage KV-Operation: DEL")), operation::put);
}

// As 2.10.27 and 2.15.1 sent it.
constexpr std::string_view stored_value =
    R"({"type":"io.nats.jetstream.api.v1.stream_msg_get_response","message":{"subject":"$KV.A.k","seq":2,)"
    R"("hdrs":"TkFUUy8xLjANCk5hdHMtTXNnLUlkOiB4DQoNCg==","data":"djI=","time":"2026-11-21T04:09:16.926062924Z"}})";
constexpr std::string_view stored_tombstone =
    R"({"type":"io.nats.jetstream.api.v1.stream_msg_get_response","message":{"subject":"$KV.A.d","seq":3,)"
    R"("hdrs":"TkFUUy8xLjANCktWLU9wZXJhdGlvbjogREVMDQoNCg==","time":"2026-11-21T04:09:16.926599813Z"}})";
constexpr std::string_view stored_empty_value =
    R"({"type":"io.nats.jetstream.api.v1.stream_msg_get_response","message":{"subject":"$KV.A.e","seq":4,)"
    R"("time":"2026-11-21T04:09:16.926718061Z"}})";
constexpr std::string_view not_found =
    R"({"type":"io.nats.jetstream.api.v1.stream_msg_get_response","error":{"code":404,"err_code":10037,)"
    R"("description":"no message found"}})";

TEST(message_get, of_a_value) {
  auto got = parse_message_get(stored_value, prefix);
  ASSERT_TRUE(got.ok() && got.value) << got.detail;
  const stored_message moved = std::move(*got.value);  // its views go with it
  got = {};
  EXPECT_EQ(moved.fields.bucket, "A");
  EXPECT_EQ(moved.fields.key, "k");
  EXPECT_EQ(moved.fields.value, "v2");
  EXPECT_EQ(moved.fields.value_size, 2u);
  EXPECT_EQ(moved.fields.rev, 2u);
  EXPECT_EQ(moved.fields.created_ns, 1795234156926062924);
  EXPECT_EQ(moved.fields.op, operation::put);
}

TEST(message_get, of_a_tombstone_and_of_an_empty_value) {
  const auto tombstone = parse_message_get(stored_tombstone, prefix);
  ASSERT_TRUE(tombstone.value);
  EXPECT_EQ(tombstone.value->fields.op, operation::erase);
  EXPECT_EQ(tombstone.value->fields.key, "d");
  const auto empty = parse_message_get(stored_empty_value, prefix);
  ASSERT_TRUE(empty.value);
  EXPECT_EQ(empty.value->fields.op, operation::put);
  EXPECT_EQ(empty.value->fields.value, "");
}

TEST(message_get, of_nothing_is_absent) {
  const auto got = parse_message_get(not_found, prefix);
  EXPECT_TRUE(got.ok());
  EXPECT_FALSE(got.value);
}

std::string message(std::string_view data, std::string_view seq = "1", std::string_view hdrs = "",
                    std::string_view subject = "$KV.A.k", std::string_view time = "2026-11-21T04:09:16Z") {
  return R"({"message":{"subject":")" + std::string(subject) + R"(","seq":)" + std::string(seq) +
         R"(,"hdrs":")" + std::string(hdrs) + R"(","data":")" + std::string(data) + R"(","time":")" +
         std::string(time) + "\"}}";
}

// A publisher may store what is no header block: watches show it as a value, and so it is one.
TEST(message_get, of_a_value_whose_header_block_is_none) {
  const auto got = parse_message_get(message("djI=", "1", "djI="), prefix);
  ASSERT_TRUE(got.value) << got.detail;
  EXPECT_EQ(got.value->fields.value, "v2");
  EXPECT_EQ(got.value->fields.op, operation::put);
}

TEST(message_get, tells_who_wrote_it) {
  const std::string hdrs = absl::Base64Escape("NATS/1.0\r\nKV-Operation: DEL\r\nNats-Msg-Id: abc.7\r\n\r\n");
  const auto got = parse_written_message(message("", "18446744073709551615", hdrs));
  ASSERT_TRUE(got.ok() && got.value) << got.detail;
  EXPECT_EQ(got.value->sequence, 18446744073709551615u);
  EXPECT_EQ(got.value->subject, "$KV.A.k");
  EXPECT_EQ(got.value->id, "abc.7");
  const auto nobody = parse_written_message(stored_empty_value);
  ASSERT_TRUE(nobody.ok() && nobody.value) << nobody.detail;
  EXPECT_EQ(nobody.value->id, "");
  const auto absent = parse_written_message(not_found);
  EXPECT_TRUE(absent.ok() && !absent.value);
  EXPECT_EQ(parse_written_message(message("", "0")).code, client_error::malformed_reply);
  EXPECT_EQ(parse_written_message(message("", "1", "!")).code, client_error::malformed_reply);
}

TEST(message_get, brings_every_byte_at_every_size) {
  for (std::size_t size : {0u, 1u, 2u, 3u, 14u, 15u, 16u, 17u, 255u, 256u, 100'000u}) {
    std::string value;
    for (std::size_t i = 0; i < size; ++i) value += static_cast<char>(i * 7 + i / 256);
    const std::string encoded = absl::Base64Escape(absl::string_view(value.data(), value.size()));
    const auto got = parse_message_get(message(encoded, "18446744073709551615"), prefix);
    ASSERT_TRUE(got.value) << size << got.detail;
    EXPECT_EQ(got.value->fields.value, value) << size;
    EXPECT_EQ(got.value->fields.key, "k");
    EXPECT_EQ(got.value->fields.rev, 18446744073709551615u);
  }
}

// fault: 31
TEST(message_get, failures) {
  using enum client_error;
  const std::string cases[] = {
      "",
      "{}",
      "[1]",
      R"({"message":7})",
      R"({"message":{}})",
      message("!!!"),
      message("djI=", "0"),
      message("djI=", "1.5"),
      message("djI=", "\"1\""),
      message("djI=", "-1"),
      message("djI=", "1", "?"),
      message("djI=", "1", "", "$KV.B.k"),
      message("djI=", "1", "", "$KV.A."),
      message("djI=", "1", "", ""),
      message("djI=", "1", "", "$KV.A.k", "now"),
      R"({"error":{}})",
  };
  for (const std::string& json : cases) {
    const auto got = parse_message_get(json, prefix);
    EXPECT_EQ(got.code, malformed_reply) << json;
    EXPECT_FALSE(got.value) << json;
  }
  const auto gone = parse_message_get(
      R"({"error":{"code":404,"err_code":10059,"description":"stream not found"}})", prefix);
  EXPECT_EQ(gone.code, errc::bucket_not_found);
  EXPECT_EQ(gone.detail, "stream not found");
}

// fault: 21
TEST(message_get, survives_every_cut_and_every_byte) {
  for (std::size_t n = 0; n < stored_value.size(); ++n) {
    EXPECT_EQ(parse_message_get(stored_value.substr(0, n), prefix).code, client_error::malformed_reply);
    for (int byte = 0; byte < 256; byte += 3) {
      std::string damaged(stored_value);
      damaged[n] = static_cast<char>(byte);
      if (const auto got = parse_message_get(damaged, prefix); got.value) {
        EXPECT_GT(got.value->fields.rev, 0u);
      }
    }
  }
}

}  // namespace
}  // namespace kvco::jetstream
