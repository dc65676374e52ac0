// Operations -> bytes, to the byte; and what is written can be parsed.
#include <gtest/gtest.h>
#include <kvco/wire/headers.hpp>
#include <kvco/wire/writer.hpp>
#include <kvco_test/support/judges/alloc_counter.hpp>
#include <kvco_test/support/judges/recorded_events.hpp>

#include <string>

namespace kvco::test {
namespace {

using namespace std::string_literals;

template <class Write>
std::string written(Write write) {
  std::string out = "before|";
  write(out);
  EXPECT_EQ(out.substr(0, 7), "before|") << "appends only";
  return out.substr(7);
}

TEST(writer, operations) {
  EXPECT_EQ(written([](auto& out) { wire::append_connect(out, "{}"); }), "CONNECT {}\r\n");
  EXPECT_EQ(written([](auto& out) { wire::append_ping(out); }), "PING\r\n");
  EXPECT_EQ(written([](auto& out) { wire::append_pong(out); }), "PONG\r\n");
  EXPECT_EQ(written([](auto& out) { wire::append_sub(out, "_INBOX.x.*", {}, 12); }), "SUB _INBOX.x.* 12\r\n");
  EXPECT_EQ(written([](auto& out) { wire::append_sub(out, "a", "q", 12); }), "SUB a q 12\r\n");
  EXPECT_EQ(written([](auto& out) { wire::append_unsub(out, 12, 3); }), "UNSUB 12 3\r\n");
  EXPECT_EQ(written([](auto& out) { wire::append_unsub(out, 18446744073709551615u); }),
            "UNSUB 18446744073709551615\r\n");
}

TEST(writer, pub) {
  EXPECT_EQ(written([](auto& out) { wire::append_pub(out, "a", "", ""); }), "PUB a 0\r\n\r\n");
  EXPECT_EQ(written([](auto& out) { wire::append_pub(out, "a", "r", "\r\n\0x"s); }),
            "PUB a r 4\r\n\r\n\0x\r\n"s);
}

TEST(writer, hpub) {
  const std::string header = "NATS/1.0\r\nA: 1\r\n\r\n";
  EXPECT_EQ(written([&](auto& out) { wire::append_hpub(out, "a", "", header, ""); }),
            "HPUB a 18 18\r\n" + header + "\r\n");
  EXPECT_EQ(written([&](auto& out) { wire::append_hpub(out, "a", "r", header, "value"); }),
            "HPUB a r 18 23\r\n" + header + "value\r\n");
  EXPECT_EQ(written([](auto& out) { wire::append_hpub(out, "a", "r", "", "value"); }),
            "PUB a r 5\r\nvalue\r\n");
}

TEST(writer, header_block) {
  EXPECT_EQ(written([](auto& out) {
              wire::append_header_start(out);
              wire::append_header_field(out, "A", "x");
              wire::append_header_field(out, "B", 0);
              wire::append_header_end(out);
            }),
            "NATS/1.0\r\nA: x\r\nB: 0\r\n\r\n");
}

TEST(writer, numbers) {
  for (const std::uint64_t number :
       {std::uint64_t{0}, std::uint64_t{9}, std::uint64_t{10}, std::uint64_t{1} << 63, ~std::uint64_t{0}}) {
    const std::string text = written([&](auto& out) { wire::append_number(out, number); });
    EXPECT_EQ(text, std::to_string(number));
    EXPECT_EQ(wire::parse_number(text), number);
  }
}

/// What a server makes of a PUB or HPUB for a subscriber: another verb, and the sid behind the
/// subject.
std::string delivered(std::string published, std::string_view subject, std::uint64_t sid) {
  const std::size_t verb = published.find(' ');
  const std::string name = published.substr(0, verb) == "PUB" ? "MSG " : "HMSG ";
  return name + std::string(subject) + ' ' + std::to_string(sid) +
         published.substr(verb + 1 + subject.size());
}

TEST(writer, what_is_written_can_be_parsed) {
  std::string header;
  wire::append_header_start(header);
  wire::append_header_field(header, "KV-Operation", "DEL");
  wire::append_header_end(header);
  for (const std::string& reply : {""s, "_INBOX.1"s})
    for (const std::string& block : {""s, header})
      for (const std::string& payload : {""s, "value"s, "\r\nMSG \0\r\n"s, std::string(200000, '\r')}) {
        std::string out;
        wire::append_hpub(out, "$KV.B.k", reply, block, payload);
        const recorded_event sent{wire::event_kind::msg, 5, "$KV.B.k", reply, block, payload, ""};
        EXPECT_EQ(record_whole(delivered(out, "$KV.B.k", 5)), (recording{{sent}, {}}));
      }
}

TEST(writer, keeps_to_the_memory_it_is_given) {
  std::string out;
  out.reserve(1000);
  const std::uint64_t before = allocations();
  wire::append_sub(out, "subject", {}, 1);
  wire::append_hpub(out, "subject", "reply", "NATS/1.0\r\n\r\n", "payload");
  wire::append_header_field(out, "Name", 18446744073709551615u);
  EXPECT_EQ(allocations(), before);
}

}  // namespace
}  // namespace kvco::test
