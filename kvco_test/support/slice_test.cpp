// A slice visits each case once in as many runs as it leaves cases out: support/slice.hpp.
#include <gtest/gtest.h>
#include <kvco_test/support/slice.hpp>

#include <vector>

namespace kvco::test {
namespace {

std::vector<std::size_t> numbers(std::size_t first, std::size_t last, std::size_t every) {
  std::vector<std::size_t> all;
  for (const std::size_t n : slice(first, last, every)) all.push_back(n);
  return all;
}

TEST(slice, visits_every_nth_case_within_its_bounds) {
  for (std::size_t every = 1; every <= 9; ++every) {
    for (std::size_t last = 3; last <= 40; ++last) {
      const std::vector<std::size_t> seen = numbers(3, last, every);
      ASSERT_FALSE(seen.empty());
      const std::size_t count = last - 3 + 1, step = all_cases() ? 1 : std::min(every, count);
      EXPECT_GE(seen.size(), count / step);
      EXPECT_LE(seen.size(), (count + step - 1) / step);
      EXPECT_EQ(seen.front(), 3 + slice_offset() % step);
      EXPECT_LE(seen.back(), last);
      EXPECT_GT(seen.back() + step, last) << "the last of the slice is left out";
      for (std::size_t i = 1; i < seen.size(); ++i) EXPECT_EQ(seen[i], seen[i - 1] + step);
    }
  }
  EXPECT_TRUE(numbers(3, 2, 5).empty());
}

TEST(slice, of_unknown_length_is_the_same) {
  for (const std::size_t n : slice(0, 99, 7)) EXPECT_TRUE(in_slice(n, 7));
  std::size_t count = 0;
  for (std::size_t n = 0; n <= 99; ++n) count += in_slice(n, 7) ? 1 : 0;
  EXPECT_EQ(count, numbers(0, 99, 7).size());
}

TEST(slice, takes_a_part_of_the_seeds) {
  EXPECT_EQ(runs_of(1000, 8), all_cases() ? 1000u : 125u);
  EXPECT_EQ(runs_of(3, 8), all_cases() ? 3u : 1u);
  EXPECT_EQ(seed_of(1), seed_of(0) + 1);
}

}  // namespace
}  // namespace kvco::test
