// Durations as Go writes them: core/go_duration.cpp.
#include <gtest/gtest.h>
#include <kvco/core/go_duration.hpp>

#include <chrono>

namespace kvco::core {
namespace {

using namespace std::chrono_literals;

TEST(go_duration, is_read) {
  struct good_case {
    std::string_view text;
    duration value;
  };
  const good_case cases[] = {
      {"0", 0ns},
      {"0s", 0ns},
      {"5s", 5s},
      {"500ms", 500ms},
      {"1m30s", 90s},
      {"1.5h", 90min},
      {"2h45m", 165min},
      {".5s", 500ms},
      {"1.s", 1s},
      {"7us", 7us},
      {"7\xc2\xb5s", 7us},
      {"7\xce\xbcs", 7us},
      {"1ns", 1ns},
      {"1.9ns", 1ns},
      {"0.000000001s", 1ns},
      {"1s1s", 2s},
      {"1.25ms", 1250us},
      {"0.0000000019s", 1ns},
      {"2562047h", 2562047h},
      {"9223372036854775807ns", duration::max()},
  };
  for (const good_case& c : cases) EXPECT_EQ(parse_go_duration(c.text), c.value) << c.text;
}

TEST(go_duration, is_refused) {
  for (const std::string_view text : {"",
                                      " ",
                                      "5",
                                      "s",
                                      ".",
                                      ".s",
                                      "5 s",
                                      "-5s",
                                      "+5s",
                                      "5d",
                                      "5S",
                                      "1m30",
                                      "1h-5m",
                                      "5s ",
                                      "1e3s",
                                      "1..5s",
                                      "9223372036854775808ns",
                                      "2562048h",
                                      "9223372036854775807ns1ns",
                                      "99999999999999999999s",
                                      "0x1s"}) {
    EXPECT_FALSE(parse_go_duration(text)) << text;
  }
}

}  // namespace
}  // namespace kvco::core
