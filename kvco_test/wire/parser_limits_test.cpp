// The parser's limits and memory: what is too large is refused before room for it is made.
#include <gtest/gtest.h>
#include <kvco/wire/parser.hpp>
#include <kvco_test/support/fake/session_script.hpp>
#include <kvco_test/support/judges/alloc_counter.hpp>

#include <string>

namespace kvco::test {
namespace {

constexpr std::size_t usual_capacity = 128 * 1024;

recording expected(const session_script& script) { return {script.events(), {}}; }

recording refused(client_error reason) { return {{}, reason}; }

// --- limits, at the last size that passes and the first that does not
// ------------------------------

constexpr wire::limits small{.control_line = 40, .info = 60, .max_payload = 500};

std::string line_of(std::string start, std::size_t size) {
  return start + std::string(size - start.size(), 'x');
}

// fault: 25
TEST(parser_limits, control_line) {
  for (const std::string start : {"PING ", "PONG ", "+OK ", "-ERR ", "MSG ", "HMSG a 1 "}) {
    const recording longest = record_whole(line_of(start, 40) + "\r\n", small);
    EXPECT_NE(longest.error, client_error::control_line_too_long) << start;
    for (const std::string end : {"\r\n", "\n", "", "\r", "y"})
      for (const std::size_t size : {1u, 7u, 1000u})
        EXPECT_EQ(record_in_pieces(line_of(start, 41) + end, small, [&] { return size; }),
                  refused(client_error::control_line_too_long));
  }
}

TEST(parser_limits, control_line_of_a_message) {
  const auto message = [](std::size_t size) { return "MSG " + std::string(size - 8, 's') + " 1 0\r\n\r\n"; };
  EXPECT_EQ(record_whole(message(40), small).events.size(), 1u);
  EXPECT_EQ(record_whole(message(41), small), refused(client_error::control_line_too_long));
  EXPECT_EQ(record_whole(message(wire::limits{}.control_line)).events.size(), 1u);
  EXPECT_EQ(record_whole(message(wire::limits{}.control_line + 1)),
            refused(client_error::control_line_too_long));
}

// Measured on nats-server 2.9.10: a publisher's line of nearly 4096 bytes came back as one of 4313.
TEST(parser_limits, longest_delivery_of_a_real_server_passes) {
  const std::string line = "MSG $KV.X." + std::string(4050, 'k') + " 2 $JS.ACK.KV_" + std::string(252, 'S') +
                           '.' + std::string(255, 'C') + ".1.18446744073709551615.1.1795236715035145979.0 0";
  EXPECT_EQ(record_whole(line + "\r\n\r\n").events.size(), 1u);
}

TEST(parser_limits, unfinished_line_of_exactly_the_limit_still_waits) {
  EXPECT_EQ(record_whole(line_of("PING ", 40), small), recording{});
  EXPECT_EQ(record_whole(line_of("PING ", 40) + "\r", small), recording{});
  EXPECT_EQ(record_whole(line_of("INFO ", 60) + "\r", small), recording{});
}

// fault: 25
TEST(parser_limits, info) {
  EXPECT_EQ(record_whole(line_of("INFO ", 60) + "\r\n", small).events.size(), 1u);
  EXPECT_EQ(record_whole(line_of("INFO ", 61) + "\r\n", small), refused(client_error::info_too_long));
  EXPECT_EQ(record_whole(line_of("INFO ", 61), small), refused(client_error::info_too_long));
  EXPECT_EQ(record_whole(line_of("info\t", 64 * 1024) + "\r\n").events.size(), 1u);
  EXPECT_EQ(record_whole(line_of("info\t", 64 * 1024 + 1) + "\r\n"), refused(client_error::info_too_long));
}

TEST(parser_limits, tiny_ones_do_not_hide_the_operation) {
  for (const std::string bytes : {"PING\r\n", "INFO {}\r\n", "PIXX\r\n", "MSG a 1 0\r\n\r\n"})
    for (std::size_t limit = 0; limit < 12; ++limit) {
      const wire::limits tiny{.control_line = limit, .info = limit, .max_payload = 1};
      EXPECT_EQ(record_in_pieces(bytes, tiny, [] { return 1; }), record_whole(bytes, tiny)) << bytes << limit;
    }
}

// fault: 25
TEST(parser_limits, endless_line_is_not_buffered) {
  for (const std::string start : {"MSG ", "INFO ", "PING "}) {
    const std::string more(4096, 'x');
    wire::parser parser;
    std::string_view rest = start;
    feed(parser, rest, rest.size());
    std::size_t fed = 0;
    for (; !parser.error() && fed < (64u << 20); fed += more.size()) {
      rest = more;
      feed(parser, rest, rest.size());
      EXPECT_EQ(parser.next(), nullptr);
    }
    EXPECT_LE(fed, 64 * 1024 + 4096) << start;
    EXPECT_EQ(parser.capacity(), usual_capacity);
  }
}

// fault: 23
TEST(parser_limits, payload) {
  session_script largest;
  largest.message(1, "a", "", "", std::string(1000, 'x'));
  EXPECT_EQ(record_whole(largest.bytes(), small), expected(largest));
  EXPECT_EQ(record_whole("MSG a 1 1001\r\n", small), refused(client_error::payload_too_large));
  EXPECT_EQ(record_whole("HMSG a 1 9 1001\r\n", small), refused(client_error::payload_too_large));
}

// fault: 27
TEST(parser_limits, max_payload_of_a_later_info) {
  wire::parser parser(small);
  std::string_view rest = "INFO {}\r\nMSG a 1 4000\r\n";
  feed(parser, rest, rest.size());
  ASSERT_EQ(parser.next()->kind, wire::event_kind::info);
  parser.set_max_payload(2000);  // before the message behind the INFO is looked at
  EXPECT_EQ(parser.next(), nullptr);
  EXPECT_FALSE(parser.error());
}

// fault: 23
TEST(parser_limits, max_payload_may_be_anything) {
  wire::parser parser;
  parser.set_max_payload(static_cast<std::size_t>(-1));
  std::string_view rest = "MSG a 1 18446744073709551615\r\n";
  feed(parser, rest, rest.size());
  EXPECT_EQ(parser.next(), nullptr);
  EXPECT_EQ(parser.error(), client_error::payload_too_large);
}

// --- memory
// ---------------------------------------------------------------------------------------

TEST(parser_memory, room_is_always_large) {
  wire::parser parser;
  EXPECT_EQ(parser.capacity(), 0u);
  for (std::size_t i = 1; i < 3000; ++i) {
    EXPECT_GE(parser.prepare().size(), 64u * 1024) << i;
    // Every second read leaves an unfinished line.
    std::string_view rest = i % 2 == 1 ? "MSG a 1 3\r\nabc\r\nMSG ab 1 3" : "\r\nabc\r\n";
    feed(parser, rest, rest.size());
    while (parser.next() != nullptr) {
    }
  }
  EXPECT_EQ(parser.capacity(), usual_capacity);
}

TEST(parser_memory, large_message_fits_into_the_next_read) {
  constexpr std::size_t size = 1 << 20;
  wire::parser parser;
  std::string_view rest = "MSG a 1 1048576\r\nstart";
  feed(parser, rest, rest.size());
  EXPECT_EQ(parser.next(), nullptr);
  EXPECT_GE(parser.prepare().size(), size + 2 - 5);
  EXPECT_LE(parser.capacity(), size + 2 * 64 * 1024);
}

TEST(parser_memory, shrinks_after_a_large_message) {
  session_script large;
  large.message(1, "a", "", "", std::string(2 << 20, 'x'));
  wire::parser parser;
  std::string_view rest = large.bytes();
  while (!rest.empty()) {
    feed(parser, rest, rest.size());
    while (parser.next() != nullptr) {
    }
  }
  EXPECT_GE(parser.capacity(), 2u << 20);
  for (int i = 0; i < 16; ++i) {
    rest = "PING\r\n";
    feed(parser, rest, rest.size());
    EXPECT_NE(parser.next(), nullptr);
    EXPECT_EQ(parser.next(), nullptr);
  }
  EXPECT_EQ(parser.capacity(), usual_capacity);
}

// fault: 23
TEST(parser_memory, announced_bytes_must_arrive) {
  wire::parser parser;
  parser.set_max_payload(std::size_t{1} << 40);  // a server may say so in INFO
  std::string_view rest = "MSG a 1 1099511627776\r\n";
  feed(parser, rest, rest.size());
  std::size_t arrived = 0;
  while (arrived < (24u << 20)) {
    EXPECT_EQ(parser.next(), nullptr);
    const std::size_t size = parser.prepare().size();
    EXPECT_LE(parser.capacity(), 2 * arrived + (5u << 20));
    parser.commit(size);
    arrived += size;
  }
  EXPECT_FALSE(parser.error());
}

// fault: 13
TEST(parser_memory, small_reads_of_a_large_message_do_not_grow_it_again_and_again) {
  for (const std::string line : {"MSG a 1 1000000\r\n", "MSG a 1 100000000\r\n"}) {
    wire::parser parser;
    parser.set_max_payload(100'000'000);
    std::string_view rest = line;
    feed(parser, rest, rest.size());
    EXPECT_EQ(parser.next(), nullptr);
    parser.prepare();
    const std::uint64_t before = allocations();
    for (int i = 0; i < 9000; ++i) {
      rest = "xxxxxxxxxx";
      feed(parser, rest, rest.size());
      EXPECT_EQ(parser.next(), nullptr);
    }
    EXPECT_EQ(allocations(), before) << line;
  }
}

// fault: 22
TEST(parser_memory, a_storm_of_ok_leaves_nothing) {
  std::string storm;
  for (int i = 0; i < 100'000; ++i) storm += i % 2 == 0 ? "+OK\r\n" : "+ok fine\r\n";
  for (const std::size_t piece : {1u, 7u, 4099u, 65'521u}) {
    wire::parser parser;
    parser.prepare();
    const std::uint64_t before = allocations();
    std::size_t events = 0;
    for (std::string_view rest = storm; !rest.empty();) {
      feed(parser, rest, piece);
      while (const wire::event* event = parser.next()) events += event->kind == wire::event_kind::ok;
    }
    EXPECT_EQ(events, 100'000u) << piece;
    EXPECT_EQ(allocations(), before) << piece;
    EXPECT_EQ(parser.capacity(), usual_capacity);
    EXPECT_EQ(parser.buffered(), 0u);
  }
}

TEST(parser_memory, no_allocation_per_event) {
  session_script script = mixed_session();
  // Fits the usual buffer; what larger ones do to it is tested above.
  script.message(1, "a", "", "", std::string(40000, 'x'));
  wire::parser parser;
  std::uint64_t events = 0;
  const auto run = [&](std::size_t piece) {
    for (std::string_view rest = script.bytes(); !rest.empty();) {
      feed(parser, rest, piece);
      while (parser.next() != nullptr) ++events;
    }
  };
  run(script.bytes().size());
  const std::uint64_t before = allocations();
  for (std::size_t piece = 1; piece < 100; ++piece) run(piece * 37);
  EXPECT_EQ(allocations(), before);
  EXPECT_EQ(events, 100 * script.events().size());
  EXPECT_FALSE(parser.error());
}

}  // namespace
}  // namespace kvco::test
