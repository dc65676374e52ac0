// The server's time stamps: jetstream/time.cpp.
#include <gtest/gtest.h>

#include <kvco/jetstream/replies.hpp>
#include <string>

namespace kvco::jetstream {
namespace {

struct time_case {
  std::string_view text;
  std::optional<std::int64_t> expected;
};

TEST(times, are_read_to_the_nanosecond) {
  const time_case cases[] = {
      {"1970-01-01T00:00:00Z", 0},
      {"1969-12-31T23:59:59.999999999Z", -1},
      {"2026-11-21T04:09:14.811871102Z", 1795234154811871102},
      {"2026-11-21T04:09:14.81096328Z", 1795234154810963280},
      {"2026-11-21T04:09:14.8Z", 1795234154800000000},
      {"2026-11-21T06:09:14+02:00", 1795234154000000000},
      {"2026-11-20T22:39:14-05:30", 1795234154000000000},
      {"2000-02-29T00:00:00Z", 951782400000000000},
      {"2262-04-11T23:47:15Z", 9223372035000000000},
      {"1677-09-21T00:12:45Z", -9223372035000000000},
      {"2262-04-12T00:00:00Z", {}},
      {"0001-01-01T00:00:00Z", {}},  // Go's zero time
      {"9999-12-31T23:59:59Z", {}},
      {"1900-02-29T00:00:00Z", {}},
      {"2026-02-29T00:00:00Z", {}},
      {"2026-13-01T00:00:00Z", {}},
      {"2026-00-01T00:00:00Z", {}},
      {"2026-04-31T00:00:00Z", {}},
      {"2026-04-00T00:00:00Z", {}},
      {"2026-01-01T24:00:00Z", {}},
      {"2026-01-01T00:60:00Z", {}},
      {"2026-01-01T00:00:60Z", {}},
      {"2026-01-01T00:00:00.Z", {}},
      {"2026-01-01T00:00:00.1234567890Z", {}},
      {"2026-01-01T00:00:00", {}},
      {"2026-01-01T00:00:00z", {}},
      {"2026-01-01 00:00:00Z", {}},
      {"2026-01-01T00:00:00ZZ", {}},
      {"2026-01-01T00:00:00+0200", {}},
      {" 2026-01-01T00:00:00Z", {}},
      {"2026-1-01T00:00:00Z", {}},
      {"-026-01-01T00:00:00Z", {}},
      {"", {}},
      {"yesterday", {}},
  };
  for (const time_case& c : cases) EXPECT_EQ(parse_time(c.text), c.expected) << c.text;
}

TEST(times, have_one_to_nine_digits_behind_the_point) {
  constexpr std::string_view digits = "987654321";
  std::int64_t expected = 0, scale = 100'000'000;
  for (std::size_t n = 1; n <= digits.size(); ++n, scale /= 10) {
    expected += (digits[n - 1] - '0') * scale;
    for (const char* zone : {"Z", "+00:00", "-00:00"}) {
      const std::string text = "1970-01-01T00:00:00." + std::string(digits.substr(0, n)) + zone;
      EXPECT_EQ(parse_time(text), expected) << text;
    }
  }
  for (std::size_t n = 0; n < digits.size(); ++n) {  // no digit is taken for another
    std::string text = "1970-01-01T00:00:00.000000000Z";
    text[20 + n] = '7';
    std::int64_t worth = 7;
    for (std::size_t i = n + 1; i < digits.size(); ++i) worth *= 10;
    EXPECT_EQ(parse_time(text), worth) << text;
  }
}

TEST(times, are_taken_off_a_text) {
  for (const std::string time : {"2026-11-21T04:09:14.811871102Z", "2026-11-21T04:09:14.8Z",
                                 "2026-11-21T04:09:14Z", "2026-11-21T06:09:14.25+02:00"}) {
    for (const std::string behind : {"", "\r\n\r\n", "0", "Z", "12345678"}) {
      const std::string text = time + behind;
      std::string_view rest = text;
      EXPECT_EQ(take_time(rest), parse_time(time)) << text;
      EXPECT_EQ(rest, behind) << text;
    }
  }
}

TEST(times, survive_every_cut_and_every_byte) {
  constexpr std::string_view whole = "2026-11-21T04:09:14.811871102Z";
  for (std::size_t n = 0; n < whole.size(); ++n) {
    EXPECT_FALSE(parse_time(whole.substr(0, n))) << n;
    for (int byte = 0; byte < 256; ++byte) {
      std::string damaged(whole);
      damaged[n] = static_cast<char>(byte);
      (void)parse_time(damaged);
    }
  }
}

}  // namespace
}  // namespace kvco::jetstream
