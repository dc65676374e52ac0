// Both forms of the reply subject of a delivery, and what is neither: jetstream/ack_subject.cpp.
#include <gtest/gtest.h>

#include <kvco/jetstream/ack_subject.hpp>
#include <string>

namespace kvco::jetstream {
namespace {

constexpr std::string_view v1 = "$JS.ACK.KV_A.c0ns.1.42.7.1758600000123456789.3";
constexpr std::string_view v2 = "$JS.ACK.hub.AB12cd34.KV_A.c0ns.1.42.7.1758600000123456789.3";

void expect_position(std::string_view subject) {
  const auto got = parse_ack_subject(subject);
  ASSERT_TRUE(got) << subject;
  EXPECT_EQ(got->stream_sequence, 42u);
  EXPECT_EQ(got->consumer_sequence, 7u);
  EXPECT_EQ(got->timestamp_ns, 1758600000123456789);
  EXPECT_EQ(got->pending, 3u);
  EXPECT_EQ(got->consumer, "c0ns");
}

// fault: 32
TEST(ack_subject, of_9_tokens) { expect_position(v1); }
// fault: 32
TEST(ack_subject, of_11_tokens) { expect_position(v2); }
TEST(ack_subject, of_11_tokens_without_a_domain) {
  expect_position("$JS.ACK._.AB12cd34.KV_A.c0ns.1.42.7.1758600000123456789.3");
}
// fault: 32
TEST(ack_subject, of_12_and_more_tokens) {
  expect_position(std::string(v2) + ".rAnD0m");
  expect_position(std::string(v2) + ".x.y.z.1.2.3");
}
// fault: 32
TEST(ack_subject, with_odd_names) {
  expect_position("$JS.ACK.%KV A/\xc3\xa4.c0ns.1.42.7.1758600000123456789.3");
}

TEST(ack_subject, numbers_have_64_bits) {
  const auto got = parse_ack_subject(
      "$JS.ACK.S.c.18446744073709551615.18446744073709551615.9007199254740993."
      "9223372036854775807.9223372036854775808");
  ASSERT_TRUE(got);
  EXPECT_EQ(got->stream_sequence, 18446744073709551615u);
  EXPECT_EQ(got->consumer_sequence, 9007199254740993u);
  EXPECT_EQ(got->timestamp_ns, 9223372036854775807);
  EXPECT_EQ(got->pending, 9223372036854775808u);
}

// fault: 32
TEST(ack_subject, everything_else_is_nothing) {
  const std::string_view cases[] = {
      "",
      "$JS.ACK",
      "$JS.ACK.",
      "$JS.ACK.KV_A.c.1.42.7.1758600000123456789",        // 8 tokens
      "$JS.ACK.hub.KV_A.c.1.42.7.1758600000123456789.3",  // 10
      "$js.ack.KV_A.c.1.42.7.1758600000123456789.3",
      "$JS.FC.KV_A.c.1.42.7.1758600000123456789.3",
      " $JS.ACK.KV_A.c.1.42.7.1758600000123456789.3",
      "$JS.ACK.KV_A.c.1.0.7.1758600000123456789.3",  // sequences start at 1
      "$JS.ACK.KV_A.c.1.42.0.1758600000123456789.3",
      "$JS.ACK.KV_A.c.1.42.7.9223372036854775808.3",  // timestamp over int64
      "$JS.ACK.KV_A.c.1.18446744073709551616.7.1.3",
      "$JS.ACK.KV_A.c.1.-42.7.1.3",
      "$JS.ACK.KV_A.c.1.+42.7.1.3",
      "$JS.ACK.KV_A.c.1.4 2.7.1.3",
      "$JS.ACK.KV_A.c.1.0x2a.7.1.3",
      "$JS.ACK.KV_A.c.1.42.7.1.",
      "$JS.ACK.KV_A..1.42.7.1.3",
      "$JS.ACK..c.1.42.7.1.3",
      "$JS.ACK.KV_A.c.x.42.7.1.3",
      "$JS.ACK.hub.acc.KV_A.c.1.42.7.1.3.",
      "_INBOX.abc.def",
  };
  for (std::string_view subject : cases) EXPECT_FALSE(parse_ack_subject(subject)) << subject;
}

// Cut before its last token it is neither form; damaged it may be one still, with good numbers.
TEST(ack_subject, survives_every_cut_and_every_byte) {
  for (std::string_view form : {v1, v2}) {
    for (std::size_t n = 0; n < form.size(); ++n) {
      if (n <= form.rfind('.') + 1) {
        EXPECT_FALSE(parse_ack_subject(form.substr(0, n))) << n;
      }
      for (int byte = 0; byte < 256; ++byte) {
        std::string damaged(form);
        damaged[n] = static_cast<char>(byte);
        const auto got = parse_ack_subject(damaged);
        if (got) {
          EXPECT_GT(got->stream_sequence, 0u);
        }
      }
    }
  }
}

}  // namespace
}  // namespace kvco::jetstream
