// The two ways to read the line of a message, as servers write it and as it may be written: wire/control_line.hpp.
#include <gtest/gtest.h>

#include <kvco/wire/control_line.hpp>
#include <string>

namespace kvco::wire {
namespace {

control_line examined(std::string_view text) {
  control_line line;
  examine(text, line_end::crlf, limits(), line);
  return line;
}

std::string text_of(const message_line& message, std::string_view line) {
  return std::string(message.subject.in(line)) + "|" + std::to_string(message.sid) + "|" +
         std::string(message.reply.in(line)) + "|" + std::to_string(message.header_size) + "|" +
         std::to_string(message.total_size);
}

std::string read_plain(std::string_view text) {
  message_line message;
  return read_plain_message_line(examined(text), message) ? text_of(message, text) : "not plain";
}

std::string read_any(std::string_view text) {
  message_line message;
  if (const auto wrong = read_any_message_line(examined(text), message)) return error_code(*wrong).message();
  return text_of(message, text);
}

constexpr std::string_view plain[] = {
    "MSG a 1 0",
    "MSG $KV.B.k 12 _INBOX.x.1 340",
    "MSG _INBOX.Vq3xY7KkL2.00010000 1 31",
    "MSG a 9 $JS.ACK.KV_B.c.1.2.3.1795234154811871102.0 128",
    "HMSG a 1 10 20",
    "HMSG a 1 _INBOX.x.1 10 20",
    "HMSG $KV.B.k 1844674407370955161 r 1234567890123456789 1234567890123456789",
    "msg a 1 5",
    "hMsG a 1 5 6",
};

TEST(plain_message_line, is_what_servers_write) {
  for (const std::string_view text : plain) {
    EXPECT_NE(read_plain(text), "not plain") << text;
    EXPECT_EQ(read_plain(text), read_any(text)) << text;
  }
}

TEST(plain_message_line, is_no_other) {
  for (const std::string_view text : {
           "MSG  a 1 5",
           "MSG a  1 5",
           "MSG a 1  5",
           "MSG a 1 5 ",
           "MSG\ta 1 5",
           "MSG a\t1 5",
           "MSG a\tb 1 5",
           "MSG a 1 r\t 5",
           "MSG a 1 7up 5",  // a reply that begins with a digit
           "MSG a 1 12345678901234567890",
           "MSG a 1 00000000000000000005",
           "MSG a 1",
           "MSG a",
           "MSG ",
           "MSG a x 5",
           "MSG a 1 -5",
           "MSG a 1 5x",
           "MSG a 1 r 5 6",
           "HMSG a 1 5",
           "HMSG a 1 r 5",
           "HMSG a 1 r 5 6 7",
       }) {
    EXPECT_EQ(read_plain(text), "not plain") << text;
  }
}

// Where the fast way reads something, the other one reads the same.
TEST(plain_message_line, agrees_with_the_other_way_at_every_cut_and_every_byte) {
  const auto expect_agreement = [](const std::string& text) {
    const control_line line = examined(text);
    if (line.op != verb::msg && line.op != verb::hmsg) return;
    const std::string fast = read_plain(text);
    if (fast != "not plain") {
      ASSERT_EQ(fast, read_any(text)) << text;
    }
  };
  for (const std::string_view text : plain) {
    for (std::size_t n = 0; n < text.size(); ++n) {
      expect_agreement(std::string(text.substr(0, n)));
      for (int byte = 0; byte < 256; ++byte) {
        std::string damaged(text);
        damaged[n] = static_cast<char>(byte);
        expect_agreement(damaged);
        damaged.insert(n, 1, text[n]);
        expect_agreement(damaged);
      }
    }
  }
}

}  // namespace
}  // namespace kvco::wire
