// The NATS/1.0 header block: status, fields, and everything that is none.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <kvco/wire/headers.hpp>
#include <kvco/wire/writer.hpp>
#include <kvco_test/support/judges/alloc_counter.hpp>

#include <string>
#include <utility>
#include <vector>

namespace kvco::test {
namespace {

using namespace std::string_literals;
using testing::ElementsAre;
using testing::Pair;
using wire::headers;

std::vector<std::pair<std::string, std::string>> fields_of(const headers& block) {
  std::vector<std::pair<std::string, std::string>> found;
  std::string_view rest = block.fields();
  for (wire::header_field field; headers::take_field(rest, field);)
    found.emplace_back(field.name, field.value);
  return found;
}

TEST(headers, no_block) {
  for (const headers& none : {headers(), headers("")}) {
    EXPECT_TRUE(none.valid());
    EXPECT_EQ(none.status(), 0);
    EXPECT_EQ(none.description(), "");
    EXPECT_EQ(none.find("a"), std::nullopt);
    EXPECT_TRUE(fields_of(none).empty());
  }
}

TEST(headers, fields) {
  const headers block("NATS/1.0\r\nA: 1\r\nB:2\r\nC: \t x y \t\r\nD:\r\nE:  \r\nF: a:b\r\n\r\n");
  EXPECT_TRUE(block.valid());
  EXPECT_EQ(block.status(), 0);
  EXPECT_THAT(fields_of(block), ElementsAre(Pair("A", "1"), Pair("B", "2"), Pair("C", "x y"), Pair("D", ""),
                                            Pair("E", ""), Pair("F", "a:b")));
  EXPECT_EQ(block.find("D"), "");
  EXPECT_EQ(block.find("G"), std::nullopt);
  EXPECT_EQ(block.find("a"), std::nullopt) << "names are case-sensitive";
  EXPECT_EQ(block.find(""), std::nullopt);
}

// fault: 30
TEST(headers, of_one_name_the_first_and_the_last) {
  const headers block("NATS/1.0\r\nA: 1\r\nKV-Operation: DEL\r\nA: 2\r\nKV-Operation: PURGE\r\nA: 3\r\n\r\n");
  EXPECT_EQ(block.find("A"), "1");
  EXPECT_EQ(block.find_last("A"), "3");
  EXPECT_EQ(block.find("KV-Operation"), "DEL");
  EXPECT_EQ(block.find_last("KV-Operation"), "PURGE");
  EXPECT_EQ(block.find_last("B"), std::nullopt);
}

// fault: 30
TEST(headers, binary_values) {
  const std::string value = "\0\xff\xfe\x80 \x01\r"s + std::string(64 * 1024, '\xc3') + "x";
  const std::string bytes = "NATS/1.0\r\nV: " + value + "\r\n\xff\0: 1\r\n\r\n"s;
  const headers block(bytes);
  EXPECT_TRUE(block.valid());
  EXPECT_EQ(block.find("V"), value);
  EXPECT_EQ(block.find("\xff\0"s), "1");
}

struct status_case {
  std::string line;
  int status;
  std::string description;
};

class headers_status : public testing::TestWithParam<status_case> {};

// fault: 30
TEST_P(headers_status, is_read) {
  const auto& [line, status, description] = GetParam();
  for (const std::string rest : {"\r\n\r\n", "\r\nA: 1\r\n\r\n"}) {
    const std::string bytes = "NATS/1.0" + line + rest;
    const headers block(bytes);
    EXPECT_TRUE(block.valid()) << line;
    EXPECT_EQ(block.status(), status) << line;
    EXPECT_EQ(block.description(), description) << line;
    EXPECT_EQ(block.find("A").has_value(), rest.size() > 4);
  }
}

INSTANTIATE_TEST_SUITE_P(
    lines, headers_status,
    testing::Values(status_case{"", 0, ""}, status_case{" ", 0, ""}, status_case{" 503", 503, ""},
                    status_case{" 503 ", 503, ""}, status_case{" 503 No Responders", 503, "No Responders"},
                    status_case{"  404\t Message  Not Found\t", 404, "Message  Not Found"},
                    status_case{"\t100 Idle Heartbeat", 100, "Idle Heartbeat"},
                    status_case{" 999 x", 999, "x"}, status_case{" 099 x", 0, ""}, status_case{" 000", 0, ""},
                    status_case{" 50", 0, ""}, status_case{" 5030", 0, ""}, status_case{" 503x", 0, ""},
                    status_case{" -50 x", 0, ""}, status_case{" +50", 0, ""}, status_case{" 5 0", 0, ""},
                    status_case{" 1e2", 0, ""}, status_case{" No Responders", 0, ""}));

class headers_malformed : public testing::TestWithParam<std::string> {};

// fault: 30
TEST_P(headers_malformed, has_nothing) {
  const headers block(GetParam());
  EXPECT_FALSE(block.valid());
  EXPECT_EQ(block.status(), 0);
  EXPECT_EQ(block.description(), "");
  EXPECT_TRUE(fields_of(block).empty());
  EXPECT_EQ(block.find("A"), std::nullopt);
  EXPECT_EQ(block.find_last("A"), std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(
    blocks, headers_malformed,
    testing::Values("\r\n\r\n", "x", "A: 1\r\n\r\n", "nats/1.0\r\n\r\n", "NATS/1.1\r\n\r\n", "NATS/1.0",
                    "NATS/1.0\r", "NATS/1.0\r\n", "NATS/1.0\r\n\r", "NATS/1.0\n\n", "NATS/1.0\n\r\n",
                    "NATS/1.0\r\n\n", "NATS/1.0503\r\n\r\n", "NATS/1.01\r\n\r\n", "NATS/1.0 503\r\nA: 1\r\n",
                    "NATS/1.0 503\r\nA: 1", "NATS/1.0 503\r\nA 1\r\n\r\n",
                    "NATS/1.0 503\r\nA: 1\r\nB\r\n\r\n", "NATS/1.0 503\r\n: 1\r\n\r\n",
                    "NATS/1.0 503\r\nA: 1\r\n folded: x\r\n\r\n", "NATS/1.0 503\r\nA: 1\r\n\tfolded\r\n\r\n",
                    "NATS/1.0 503\r\n A: 1\r\n\r\n", "NATS/1.0 503\r\nA: 1\nB: 2\r\n\r\n",
                    "NATS/1.0 503\r\nA: 1\n\r\n\r\n", "NATS/1.0 503\r\n\r\n\r\n",
                    "NATS/1.0 503\r\n\r\nA: 1\r\n\r\n", "NATS/1.0 503\r\nA: 1\r\n\r\nx",
                    " NATS/1.0\r\n\r\n"));

TEST(headers, cut_short_anywhere_is_malformed) {
  const std::string bytes = "NATS/1.0 100 Idle Heartbeat\r\nA: 1\r\nNats-Last-Stream: 22\r\n\r\n";
  ASSERT_TRUE(headers(bytes).valid());
  for (std::size_t size = 1; size < bytes.size(); ++size)
    EXPECT_FALSE(headers(std::string_view(bytes).substr(0, size)).valid()) << size;
}

TEST(headers, take_field_leaves_what_is_no_field) {
  std::string_view rest = "A: 1\r\nbad\r\nB: 2\r\n";
  wire::header_field field;
  EXPECT_TRUE(headers::take_field(rest, field));
  EXPECT_FALSE(headers::take_field(rest, field));
  EXPECT_EQ(rest, "bad\r\nB: 2\r\n");
  EXPECT_EQ(field.name, "A") << "what was not read changes nothing";
}

TEST(headers, written_ones_are_read) {
  std::string bytes;
  wire::append_header_start(bytes);
  wire::append_header_field(bytes, "KV-Operation", "PURGE");
  wire::append_header_field(bytes, "Nats-Expected-Last-Subject-Sequence", 18446744073709551615u);
  wire::append_header_field(bytes, "Empty", "");
  wire::append_header_end(bytes);
  const headers block(bytes);
  EXPECT_TRUE(block.valid());
  EXPECT_THAT(
      fields_of(block),
      ElementsAre(Pair("KV-Operation", "PURGE"),
                  Pair("Nats-Expected-Last-Subject-Sequence", "18446744073709551615"), Pair("Empty", "")));
}

TEST(headers, allocate_nothing) {
  const std::string bytes = "NATS/1.0 200 OK\r\nA: 1\r\nB: 2\r\n\r\n";
  const std::uint64_t before = allocations();
  const headers block(bytes);
  const bool good = block.find("B") == "2" && block.find_last("A") == "1" && block.status() == 200;
  EXPECT_EQ(allocations(), before);
  EXPECT_TRUE(good);
}

TEST(parse_number, takes_all_of_uint64) {
  EXPECT_EQ(wire::parse_number("0"), 0u);
  EXPECT_EQ(wire::parse_number("007"), 7u);
  EXPECT_EQ(wire::parse_number("9223372036854775808"), 9223372036854775808u);
  EXPECT_EQ(wire::parse_number("18446744073709551615"), 18446744073709551615u);
  EXPECT_EQ(wire::parse_number("000000000000000000000000000001"), 1u);
  EXPECT_EQ(wire::parse_number("9999999999999999999"), 9999999999999999999u);
  EXPECT_EQ(wire::parse_number("09999999999999999999"), 9999999999999999999u);
}

// fault: 65
TEST(parse_number, takes_nothing_else) {
  for (const std::string text :
       {"", " ", "-1", "+1", " 1", "1 ", "1.0", "1e3", "0x1", "a", "1a", "18446744073709551616",
        "18446744073709551620", "28446744073709551615", "184467440737095516150", "/", ":", "\xb1", "\xff"})
    EXPECT_EQ(wire::parse_number(text), std::nullopt) << text;
  EXPECT_EQ(wire::parse_number("1\0"s), std::nullopt);
}

}  // namespace
}  // namespace kvco::test
