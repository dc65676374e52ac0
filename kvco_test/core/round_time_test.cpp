// The time of announced servers in a round over all: core/round_time.hpp.
#include <gtest/gtest.h>

#include <chrono>
#include <kvco/core/round_time.hpp>

namespace kvco::core {
namespace {

using namespace std::chrono_literals;

TEST(round_time, is_shared_in_equal_parts) {
  round_time time(6s, 3, 0);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(time.share(), 2s);
    time.took(2s);
  }
}

TEST(round_time, what_one_leaves_is_for_those_behind_it) {
  round_time time(6s, 3, 0);
  EXPECT_EQ(time.share(), 2s);
  time.took(0s);
  EXPECT_EQ(time.share(), 3s);
  time.took(1s);
  EXPECT_EQ(time.share(), 5s);
  time.took(9s);  // the clock went on
  EXPECT_GT(time.share(), 0s) << "one more than there were";
}

TEST(round_time, of_one_is_an_attempt) {
  EXPECT_EQ(round_time(6s, 1, 0).share(), 6s);
  EXPECT_EQ(round_time(6s, 1, 9).share(), 6s);
}

// A server that is slow to reach is not cut off for ever because there are many.
TEST(round_time, doubles_with_each_round_in_vain_up_to_an_attempt_for_each) {
  const duration expected[] = {60ms, 120ms, 240ms, 480ms, 960ms, 1920ms, 3840ms, 6s, 6s};
  std::size_t rounds = 0;
  for (const duration share : expected) EXPECT_EQ(round_time(6s, 100, rounds++).share(), share);
  EXPECT_EQ(round_time(6s, 100, 1'000'000).share(), 6s);
}

}  // namespace
}  // namespace kvco::core
