// Acks of publishes as servers 2.9.10, 2.10.27 and 2.15.1 sent them: jetstream/pub_ack.cpp.
#include <gtest/gtest.h>

#include <kvco/jetstream/pub_ack.hpp>
#include <kvco_test/support/judges/alloc_counter.hpp>
#include <string>
#include <vector>

namespace kvco::jetstream {
namespace {

struct ack_case {
  std::string_view json;
  std::uint64_t sequence;
  bool duplicate;
};

constexpr ack_case common[] = {
    {R"({"stream":"KV_A", "seq":1})", 1, false},                   // 2.9.10, 2.10.27
    {R"({"stream":"KV_A","seq":1})", 1, false},                    // 2.15.1
    {R"({"stream":"KV_A", "seq":2,"duplicate": true})", 2, true},  // 2.9.10, 2.10.27
    {R"({"stream":"KV_A","seq":2,"duplicate": true})", 2, true},   // 2.15.1
    {R"({"stream":"KV_A", "domain":"hub", "seq":1})", 1, false},   // 2.9.10, 2.10.27
    {R"({"stream":"KV_A","domain":"hub","seq":1})", 1, false},     // 2.15.1
    {R"({"stream":"KV_A", "domain":"hub", "seq":1,"duplicate": true})", 1, true},
    {R"({"stream":"KV_A","domain":"hub","seq":1,"duplicate": true})", 1, true},
    {R"({"stream":"KV_A","seq":2,"duplicate":true})", 2, true},
    {R"({"stream":"KV_A","seq":9007199254740993})", 9007199254740993u, false},          // 2^53+1
    {R"({"stream":"KV_A","seq":9223372036854775808})", 9223372036854775808u, false},    // 2^63
    {R"({"stream":"KV_A","seq":18446744073709551615})", 18446744073709551615u, false},  // 2^64-1
};

constexpr ack_case unusual[] = {
    {R"({"stream":"S","seq":5,"domain":"hub"})", 5, false},
    {R"({"stream":"S","seq":5,"duplicate":false})", 5, false},
    {R"({"stream":"S","seq":3,"batch":"b1","count":3})", 3, false},
    {R"({"stream":"S","seq":3,"val":"7"})", 3, false},
    {R"({ "stream" : "S" , "seq" : 3 })", 3, false},
    {R"({"seq":3,"stream":"S"})", 3, false},
    {R"({"stream":"S\u00e4","seq":3})", 3, false},
    {"{\"stream\":\"S\xc3\xa4\",\"seq\":3}", 3, false},
    {R"({"stream":"S","seq":3,"error":null})", 3, false},
    {"\r\n\t{\"stream\":\"S\",\"seq\":3}\n", 3, false},
};

// fault: 31
TEST(pub_ack, as_servers_send_it_takes_the_fast_path) {
  for (const ack_case& c : common) {
    const std::uint64_t before = test::allocations();
    const auto got = parse_pub_ack(c.json);
    EXPECT_EQ(test::allocations(), before) << c.json;
    ASSERT_TRUE(got.ok()) << c.json;
    EXPECT_EQ(got.value.sequence, c.sequence) << c.json;
    EXPECT_EQ(got.value.duplicate, c.duplicate) << c.json;
    EXPECT_TRUE(read_common_pub_ack(c.json)) << c.json;
  }
}

TEST(pub_ack, in_any_other_form_is_read_as_json) {
  for (const ack_case& c : unusual) {
    EXPECT_FALSE(read_common_pub_ack(c.json)) << c.json;
    const auto got = parse_pub_ack(c.json);
    ASSERT_TRUE(got.ok()) << c.json << got.detail;
    EXPECT_EQ(got.value.sequence, c.sequence) << c.json;
    EXPECT_EQ(got.value.duplicate, c.duplicate) << c.json;
  }
}

// The fast path may refuse what JSON accepts, never the other way round, and never reads anything else.
void expect_agreement(std::string_view text) {
  const auto common_ack = read_common_pub_ack(text);
  for (const std::string_view stream : {"KV_A", "KV_", "KV_AA", "A", "seq"}) {
    const auto expected_ack = read_common_pub_ack(text, stream);
    ASSERT_EQ(expected_ack.has_value(), common_ack.has_value()) << stream << " " << text;
    if (!common_ack) continue;
    EXPECT_EQ(expected_ack->sequence, common_ack->sequence) << text;
    EXPECT_EQ(expected_ack->duplicate, common_ack->duplicate) << text;
  }
  if (!common_ack) return;
  const auto any_ack = read_any_pub_ack(text);
  ASSERT_TRUE(any_ack.ok()) << text;
  EXPECT_EQ(common_ack->sequence, any_ack.value.sequence) << text;
  EXPECT_EQ(common_ack->duplicate, any_ack.value.duplicate) << text;
}

TEST(pub_ack, both_paths_agree_on_every_cut_and_every_byte) {
  for (const ack_case& c : common) {
    expect_agreement(c.json);
    for (std::size_t n = 0; n < c.json.size(); ++n) {
      EXPECT_FALSE(parse_pub_ack(c.json.substr(0, n)).ok()) << c.json.substr(0, n);
      expect_agreement(c.json.substr(0, n));
      for (int byte = 0; byte < 256; ++byte) {
        std::string damaged(c.json);
        damaged[n] = static_cast<char>(byte);
        expect_agreement(damaged);
        damaged.insert(n, 1, c.json[n]);
        expect_agreement(damaged);
      }
    }
  }
}

TEST(pub_ack, of_a_server_that_is_no_leader_any_more_is_as_none) {
  const auto got =
      parse_pub_ack(R"({"error":{"code":503,"description":"raft: not leader"},"stream":"KV_A","seq":0})");
  EXPECT_EQ(got.code, client_error::no_responders);
  EXPECT_EQ(got.code, errc::unavailable);
  EXPECT_EQ(got.detail, "raft: not leader");
}

struct error_case {
  std::string_view json;
  int err_code;
  errc meaning;
  std::string_view detail;
};

// fault: 31
TEST(pub_ack, an_error_is_looked_at_before_the_sequence) {
  const error_case cases[] = {
      {R"({"error":{"code":400,"err_code":10071,"description":"wrong last sequence: 2"},"stream":"KV_A","seq":0})",
       10071, errc::wrong_last_revision, "wrong last sequence: 2"},
      {R"({"error":{"code":400,"err_code":10164,"description":"wrong last sequence"},"stream":"KV_A","seq":0})",
       10164, errc::wrong_last_revision, "wrong last sequence"},
      {R"({"error":{"code":400,"err_code":10054,"description":"message size exceeds maximum allowed"},"stream":"KV_b","seq":0})",
       10054, errc::value_too_large, "message size exceeds maximum allowed"},
      {R"({"error":{"code":503,"err_code":10077,"description":"maximum bytes exceeded"},"stream":"KV_b","seq":0})",
       10077, errc::bucket_full, "maximum bytes exceeded"},
      {R"({"stream":"KV_A","seq":7,"error":{"code":500,"err_code":1,"description":""}})", 1,
       errc::server_error, ""},
      {R"({"error":{"code":503,"description":"no err_code"}})", 503, errc::server_error, "no err_code"},
      {R"({"error":{"err_code":10008}})", 10008, errc::unavailable, ""},
  };
  for (const error_case& c : cases) {
    const auto got = parse_pub_ack(c.json);
    EXPECT_EQ(got.code, error_code(c.err_code, jetstream_category())) << c.json;
    EXPECT_EQ(got.code, c.meaning) << c.json;
    EXPECT_EQ(got.detail, c.detail);
    EXPECT_EQ(got.value.sequence, 0u);
  }
}

// One code of the server's for all that a store refuses.
// field: X4
TEST(pub_ack, full_is_a_bucket_by_its_bytes_or_messages_alone) {
  struct row {
    std::string_view words;
    errc meaning;
  };
  const row rows[] = {{"maximum bytes exceeded", errc::bucket_full},
                      {"maximum messages exceeded", errc::bucket_full},
                      {"maximum messages per subject exceeded", errc::server_error},
                      {"no space left on device", errc::server_error},
                      {"", errc::server_error}};
  for (const row& r : rows) {
    const auto got = parse_pub_ack(R"({"error":{"code":503,"err_code":10077,"description":")" +
                                   std::string(r.words) + R"("},"stream":"KV_b","seq":0})");
    EXPECT_EQ(got.code, r.meaning) << r.words;
    EXPECT_EQ(got.code == error_code(client_error::store_refused), r.meaning == errc::server_error);
    EXPECT_EQ(got.detail, r.words);
  }
}

// fault: 31
TEST(pub_ack, what_cannot_be_read_is_malformed) {
  const std::string deep = std::string(1000, '[') + std::string(1000, ']');
  const std::string_view cases[] = {
      "",
      " ",
      "null",
      "[]",
      "7",
      "+OK",
      "{}",
      R"({"stream":"S"})",
      R"({"seq":1})",
      R"({"stream":"","seq":1})",
      R"({"stream":7,"seq":1})",
      R"({"stream":"S","seq":0})",  // no revision is 0
      R"({"stream":"S","seq":1.5})",
      R"({"stream":"S","seq":1.0})",
      R"({"stream":"S","seq":1e3})",
      R"({"stream":"S","seq":"1"})",
      R"({"stream":"S","seq":-1})",
      R"({"stream":"S","seq":-0})",
      R"({"stream":"S","seq":01})",
      R"({"stream":"S","seq":+1})",
      R"({"stream":"S","seq":null})",
      R"({"stream":"S","seq":true})",
      R"({"stream":"S","seq":18446744073709551616})",  // 2^64
      R"({"stream":"S","seq":99999999999999999999999999})",
      R"({"stream":"S","seq":1,"duplicate":1})",
      R"({"stream":"S","seq":1,"duplicate":"true"})",
      R"({"stream":"S","seq":1}x)",
      R"({"stream":"S","seq":1}{"stream":"S","seq":1})",
      R"({"stream":"S","seq":1,})",
      "{\"stream\":\"S\xff\",\"seq\":1}",
      R"({"error":7})",
      R"({"error":"text","stream":"S","seq":1})",
      R"({"error":{}})",
      R"({"error":{"err_code":"10071"}})",
      R"({"error":{"err_code":-1}})",
      R"({"error":{"err_code":10071.5}})",
      R"({"error":{"err_code":99999999999}})",
      R"({"error":{"code":400,"err_code":10071,"description":7}})",
      deep,
  };
  for (std::string_view json : cases) {
    const auto got = parse_pub_ack(json);
    EXPECT_EQ(got.code, client_error::malformed_reply) << json;
    EXPECT_EQ(got.code, errc::protocol_error) << json;
    EXPECT_FALSE(got.detail.empty()) << json;
  }
}

TEST(pub_ack, a_malformed_one_is_named) {
  EXPECT_EQ(parse_pub_ack("garbage\n").detail, R"(no JSON object: "garbage\n")");
  EXPECT_EQ(parse_pub_ack(R"({"stream":"S","seq":1.5})").detail,
            R"x(field seq of "{\"stream\":\"S\",\"seq\":1.5}")x");
}

}  // namespace
}  // namespace kvco::jetstream
