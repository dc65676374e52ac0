// Socket bytes -> events: the same ones for every chunking, nothing invented, nothing beyond the
// limits.
#include <gtest/gtest.h>
#include <kvco/wire/parser.hpp>
#include <kvco_test/support/fake/session_script.hpp>

#include <random>
#include <string>

namespace kvco::test {
namespace {

using namespace std::string_literals;

constexpr std::size_t usual_capacity = 128 * 1024;

recording expected(const session_script& script) { return {script.events(), {}}; }

recording refused(client_error reason) { return {{}, reason}; }

// --- chunking
// -------------------------------------------------------------------------------------

// fault: 22
TEST(parser_chunking, whole) {
  const session_script script = mixed_session();
  EXPECT_EQ(record_whole(script.bytes()), expected(script));
}

// fault: 24, 26
TEST(parser_chunking, every_split_point) {
  const session_script script = mixed_session();
  for (std::size_t first = 1; first < script.bytes().size(); ++first) {
    std::size_t reads = 0;
    const auto next_size = [&] { return reads++ == 0 ? first : script.bytes().size(); };
    ASSERT_EQ(record_in_pieces(script.bytes(), {}, next_size), expected(script)) << "split at " << first;
  }
}

// fault: 13
TEST(parser_chunking, every_fixed_size) {
  const session_script script = mixed_session();
  for (std::size_t size = 1; size <= 64; ++size)
    ASSERT_EQ(record_in_pieces(script.bytes(), {}, [&] { return size; }), expected(script)) << size;
}

TEST(parser_chunking, random_sizes) {
  const session_script script = mixed_session();
  for (unsigned seed = 0; seed < 500; ++seed) {
    std::mt19937 random(seed);
    const std::size_t most = 1 + random() % 200;
    ASSERT_EQ(record_in_pieces(script.bytes(), {}, [&] { return 1 + random() % most; }), expected(script))
        << seed;
  }
}

TEST(parser_chunking, large_messages_among_small_ones) {
  session_script script;
  std::mt19937 random(7);
  for (std::uint64_t i = 0; i < 60; ++i) {
    const std::size_t size = i % 3 == 0 ? 1 + random() % (2 << 20) : random() % 300;
    std::string payload(size, '\0');
    for (char& c : payload) c = static_cast<char>(random());
    script.message(i, "s", i % 2 == 0 ? "reply" : "", "", payload);
  }
  const bool whole = record_whole(script.bytes()) == expected(script);
  EXPECT_TRUE(whole);
  for (const std::size_t size : {1000u, 65536u, 100000u}) {
    const bool same = record_in_pieces(script.bytes(), {}, [&] { return size; }) == expected(script);
    EXPECT_TRUE(same) << size;
  }
}

TEST(parser_chunking, moved_parser_goes_on) {
  const session_script script = mixed_session();
  std::string_view rest = script.bytes();
  wire::parser first;
  recording made;
  while (!rest.empty()) {
    feed(first, rest, 3);
    wire::parser second = std::move(first);
    while (const wire::event* e = second.next()) made.events.push_back(record(*e));
    first = std::move(second);
  }
  EXPECT_EQ(made, expected(script));
}

TEST(parser_truncation, no_event_is_invented) {
  const session_script script = mixed_session();
  for (std::size_t size = 0; size < script.bytes().size(); ++size) {
    const recording made = record_whole(std::string_view(script.bytes()).substr(0, size));
    ASSERT_FALSE(made.error) << "cut at " << size;
    ASSERT_EQ(made.events.size(), script.complete(size)) << "cut at " << size;
    ASSERT_TRUE(std::equal(made.events.begin(), made.events.end(), script.events().begin()));
  }
}

// --- what is refused
// ------------------------------------------------------------------------------

struct bad_input {
  std::string bytes;
  client_error reason;
};

std::ostream& operator<<(std::ostream& out, const bad_input& bad) {
  return out << testing::PrintToString(bad.bytes);
}

class parser_refuses : public testing::TestWithParam<bad_input> {};

// fault: 21, 22, 23, 24
TEST_P(parser_refuses, for_the_same_reason_however_it_is_cut) {
  const auto& [bytes, reason] = GetParam();
  for (std::size_t size = 1; size <= bytes.size(); ++size)
    ASSERT_EQ(record_in_pieces(bytes, {}, [&] { return size; }), refused(reason)) << "pieces of " << size;
}

// fault: 23
TEST_P(parser_refuses, for_ever_and_without_memory) {
  const auto& [bytes, reason] = GetParam();
  const std::string input = bytes + "PING\r\nMSG a 1 0\r\n\r\n";
  wire::parser parser;
  for (int i = 0; i < 50; ++i) {
    std::string_view rest = input;
    feed(parser, rest, rest.size());
    ASSERT_EQ(parser.next(), nullptr);
    ASSERT_EQ(parser.next(), nullptr);
    ASSERT_EQ(parser.error(), reason);
    ASSERT_EQ(parser.capacity(), usual_capacity);
  }
}

INSTANTIATE_TEST_SUITE_P(operations, parser_refuses,
                         testing::ValuesIn(std::vector<bad_input>{
                             {"XYZ\r\n", client_error::unknown_operation},
                             {"\r\n", client_error::unknown_operation},
                             {"\n", client_error::unknown_operation},
                             {"\0"s, client_error::unknown_operation},
                             {" PING\r\n", client_error::unknown_operation},
                             {"\tPING\r\n", client_error::unknown_operation},
                             {"PIN\r\n", client_error::unknown_operation},
                             {"PIN\n", client_error::unknown_operation},
                             {"PIN G\r\n", client_error::unknown_operation},
                             {"PINGPONG\r\n", client_error::unknown_operation},
                             {"PING\rX\r\n", client_error::unknown_operation},
                             {"PING\r\r\n", client_error::unknown_operation},
                             {"MSGa 1 0\r\n\r\n", client_error::unknown_operation},
                             {"+OKAY\r\n", client_error::unknown_operation},
                             {"\x0bOK\r\n", client_error::unknown_operation},
                             {"\rERR 'x'\r\n", client_error::unknown_operation},
                             {"-ERR'x'\r\n", client_error::unknown_operation},
                             {"INFO{}\r\n", client_error::unknown_operation},
                             {"PUB a 0\r\n\r\n", client_error::unknown_operation},
                             {"CONNECT {}\r\n", client_error::unknown_operation},
                             {"HTTP/1.1 400 Bad Request\r\n", client_error::unknown_operation},
                             {"SSH-2.0-OpenSSH_9.2\r\n", client_error::unknown_operation},
                             {"\x16\x03\x01\x02\x00"s, client_error::unknown_operation},
                             {std::string(9000, 'P') + "\r\n", client_error::unknown_operation}}));

INSTANTIATE_TEST_SUITE_P(line_ends, parser_refuses,
                         testing::ValuesIn(std::vector<bad_input>{
                             {"PING\n", client_error::malformed_operation},
                             {"PING x\n", client_error::malformed_operation},
                             {"MSG a 1 0\n\n", client_error::malformed_operation},
                             {"INFO {}\n", client_error::malformed_operation},
                             {"INFO \n", client_error::malformed_operation}}));

INSTANTIATE_TEST_SUITE_P(arguments, parser_refuses,
                         testing::ValuesIn(std::vector<bad_input>{
                             {"INFO\r\n", client_error::malformed_operation},
                             {"INFO \t\r\n", client_error::malformed_operation},
                             {"MSG\r\n", client_error::malformed_operation},
                             {"MSG \r\n", client_error::malformed_operation},
                             {"MSG a 1\r\n", client_error::malformed_operation},
                             {"MSG a 1 r 0 0\r\n", client_error::malformed_operation},
                             {"MSG a 1 r 0 0 0 0 0 0\r\n", client_error::malformed_operation},
                             {"MSG a r 1 0\r\n", client_error::malformed_operation},
                             {"MSG a 1 r\r\n", client_error::malformed_operation},
                             {"HMSG a 1 0\r\n", client_error::malformed_operation},
                             {"HMSG a 1 r 0 0 0\r\n", client_error::malformed_operation},
                             {"MSG a -1 0\r\n", client_error::malformed_operation},
                             {"MSG a +1 0\r\n", client_error::malformed_operation},
                             {"MSG a 1 -1\r\n", client_error::malformed_operation},
                             {"MSG a 1 1e3\r\n", client_error::malformed_operation},
                             {"MSG a 1 0x1\r\n", client_error::malformed_operation},
                             {"MSG a 1 1.0\r\n", client_error::malformed_operation},
                             {"MSG a 1 1\0\r\n"s, client_error::malformed_operation},
                             {"MSG a 1 \xb2\r\n", client_error::malformed_operation},
                             {"HMSG a 1 -1 5\r\n", client_error::malformed_operation},
                             {"HMSG a 1 x 5\r\n", client_error::malformed_operation}}));

INSTANTIATE_TEST_SUITE_P(sizes, parser_refuses,
                         testing::ValuesIn(std::vector<bad_input>{
                             {"MSG a 18446744073709551616 0\r\n", client_error::number_overflow},
                             {"MSG a 1 18446744073709551616\r\n", client_error::number_overflow},
                             {"MSG a 1 99999999999999999999999999\r\n", client_error::number_overflow},
                             {"HMSG a 1 18446744073709551616 1\r\n", client_error::number_overflow},
                             {"MSG a 1 18446744073709551615\r\n", client_error::payload_too_large},
                             {"MSG a 1 9223372036854775808\r\n", client_error::payload_too_large},
                             {"MSG a 1 2147483648\r\n", client_error::payload_too_large},
                             {"HMSG a 1 12 2147483648\r\n", client_error::payload_too_large},
                             {"HMSG a 1 2147483648 2147483647\r\n", client_error::header_longer_than_message},
                             {"HMSG a 1 1 0\r\n", client_error::header_longer_than_message},
                             {"MSG a 1 1\r\nabc", client_error::payload_not_terminated},
                             {"MSG a 1 1\r\na\n\r", client_error::payload_not_terminated},
                             {"MSG a 1 1\r\na\nP", client_error::payload_not_terminated},
                             {"MSG a 1 1\r\na\rP", client_error::payload_not_terminated},
                             {"MSG a 1 0\r\nPING\r\n", client_error::payload_not_terminated}}));

TEST(parser_refuses_early, what_is_no_nats_server) {
  // A TLS or SSH peer may wait for us before it sends a line end: the first impossible byte has to
  // do.
  for (const std::string bytes : {"\x16", "HT", "S", "MSX", "MSGX", "PO2", "-EX", "+N", "INFOX", "PING\rx"}) {
    EXPECT_EQ(record_whole(bytes), refused(client_error::unknown_operation)) << bytes;
    const auto before = std::string_view(bytes).substr(0, bytes.size() - 1);
    EXPECT_EQ(record_whole(before), recording{}) << before;
  }
}

TEST(parser_refuses_early, what_stands_behind_good_operations_ends_only_itself) {
  recording both = record_whole("PING\r\nMSG a 1 1\r\nb\r\nMSG a 1 x\r\nPING\r\n");
  EXPECT_EQ(both.events.size(), 2u);
  EXPECT_EQ(both.error, client_error::malformed_operation);
}

}  // namespace
}  // namespace kvco::test
