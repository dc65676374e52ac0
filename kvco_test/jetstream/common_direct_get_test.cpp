// Direct gets as servers answer nearly all of them: read as the general readers do, or not at all: jetstream/common_direct_get.cpp.
#include <gtest/gtest.h>

#include <kvco/jetstream/common_direct_get.hpp>
#include <kvco/jetstream/replies.hpp>
#include <kvco_test/support/judges/alloc_counter.hpp>
#include <string>

namespace kvco::jetstream {
namespace {

constexpr std::string_view prefix = "$KV.A.";
const common_direct_get of_a("A");

// As 2.9.10, 2.10.27 and 2.15.1 sent it.
std::string header(std::string_view key = "k", std::string_view sequence = "7",
                   std::string_view behind = {}) {
  return "NATS/1.0\r\nNats-Stream: KV_A\r\nNats-Subject: $KV.A." + std::string(key) +
         "\r\nNats-Sequence: " + std::string(sequence) +
         "\r\nNats-Time-Stamp: 2026-11-21T04:09:14.811871102Z" + std::string(behind) + "\r\n\r\n";
}
constexpr std::string_view series_numbers = "\r\nNats-Num-Pending: 5\r\nNats-Last-Sequence: 3";

void expect_same(const detail::entry_fields& got, const detail::entry_fields& expected,
                 const std::string& block) {
  EXPECT_EQ(got.bucket, expected.bucket) << block;
  EXPECT_EQ(got.key, expected.key) << block;
  EXPECT_EQ(got.value, expected.value) << block;
  EXPECT_EQ(got.value_size, expected.value_size) << block;
  EXPECT_EQ(got.rev, expected.rev) << block;
  EXPECT_EQ(got.created_ns, expected.created_ns) << block;
  EXPECT_EQ(got.op, expected.op) << block;
  EXPECT_EQ(got.pending, expected.pending) << block;
}

// Is it read? If so, as parse_direct_get() reads it.
bool reads(const std::string& block, std::string_view key = "k") {
  detail::entry_fields fields;
  if (!of_a.read(block, "value", key, fields)) return false;
  const auto expected = parse_direct_get(block, "value", prefix);
  EXPECT_TRUE(expected.ok() && expected.value) << block << expected.detail;
  if (expected.value) expect_same(fields, expected.value->fields, block);
  return true;
}

bool reads_series(const std::string& block) {
  multi_get_reply reply;
  if (!of_a.read(block, "value", reply)) return false;
  const auto expected = parse_multi_get(block, "value", prefix);
  EXPECT_EQ(reply.kind, multi_get_kind::message) << block;
  EXPECT_EQ(expected.kind, multi_get_kind::message) << block << expected.detail;
  EXPECT_EQ(reply.pending, expected.pending) << block;
  EXPECT_EQ(reply.previous, expected.previous) << block;
  expect_same(reply.fields, expected.fields, block);
  return true;
}

TEST(common_direct_get, reads_a_value) {
  for (const char* key : {"k", "a.b.c", "a/b=c", "KV_A"}) EXPECT_TRUE(reads(header(key), key)) << key;
  for (const char* number : {"1", "9007199254740993", "9223372036854775808"}) {
    EXPECT_TRUE(reads(header("k", number))) << number;
  }
}

TEST(common_direct_get, reads_a_message_of_a_series) {
  for (const char* key : {"k", "a.b.c"}) EXPECT_TRUE(reads_series(header(key, "7", series_numbers))) << key;
  EXPECT_TRUE(
      reads_series(header("k", "7", "\r\nNats-Num-Pending: 0\r\nNats-Last-Sequence: 9223372036854775808")));
}

TEST(common_direct_get, leaves_the_rest_to_others) {
  const std::string blocks[] = {
      "",
      "NATS/1.0 404 Message Not Found\r\n\r\n",
      "NATS/1.0 204 EOB\r\nNats-Num-Pending: 2\r\nNats-Last-Sequence: 6\r\n\r\n",
      header("kk"),
      header(""),
      header("k "),
      header("k\n"),
      header("k", "0"),
      header("k", ""),
      header("k", "-1"),
      header("k", "7 "),
      header("k", "18446744073709551615"),
      header("k", "7", "Z"),
      header("k", "7", "\r\nKV-Operation: DEL"),
      header("k", "7", "\r\nNats-Num-Pending: 5"),
      header("k", "7", "\r\nNats-Num-Pending: 5\r\nNats-Last-Sequence: "),
      header("k", "7", "\r\nNats-Num-Pending: x\r\nNats-Last-Sequence: 3"),
      header("k", "7", "\r\nNats-Num-Pending: 5\r\nNats-Last-Sequence: 3\r\nA: b"),
      "NATS/1.0\r\nKV-Operation: PURGE" + header().substr(8),
  };
  for (const std::string& block : blocks) {
    EXPECT_FALSE(reads(block)) << block;
    EXPECT_FALSE(block != header("kk") && reads_series(block)) << block;
  }
  EXPECT_FALSE(reads(header("k", "7", series_numbers))) << "a series is none of the single ones";
  EXPECT_FALSE(reads_series(header()));
  for (const char* key : {"\n", "k\n", " ", "k\t"})
    EXPECT_FALSE(reads_series(header(key, "7", series_numbers)));
  detail::entry_fields fields;
  EXPECT_FALSE(common_direct_get("B").read(header(), "value", "k", fields));
}

// Every cut, and every byte in every place.
TEST(common_direct_get, never_says_what_others_do_not) {
  for (const std::string& whole : {header(), header("k", "7", series_numbers)}) {
    for (std::size_t n = 0; n < whole.size(); ++n) {
      EXPECT_FALSE(reads(whole.substr(0, n))) << n;
      EXPECT_FALSE(reads_series(whole.substr(0, n))) << n;
      for (int byte = 0; byte < 256; ++byte) {
        std::string damaged = whole;
        damaged[n] = static_cast<char>(byte);
        reads(damaged);
        reads_series(damaged);
      }
    }
  }
}

TEST(common_direct_get, allocates_nothing) {
  const std::string single = header(), message = header("k", "7", series_numbers);
  detail::entry_fields fields;
  multi_get_reply reply;
  const std::uint64_t before = test::allocations();
  EXPECT_TRUE(of_a.read(single, "v", "k", fields));
  EXPECT_TRUE(of_a.read(message, "v", reply));
  EXPECT_EQ(test::allocations(), before);
}

}  // namespace
}  // namespace kvco::jetstream
