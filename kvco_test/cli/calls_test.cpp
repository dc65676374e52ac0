// Every call of kvco_test/cli/calls.txt prints what is written there and ends with its exit code, on each server.
#include <gtest/gtest.h>
#include <kvco_test/cli/calls.hpp>
#include <kvco_test/cli/fixture.hpp>
#include <kvco_test/support/judges/source_tree.hpp>
#include <kvco_test/support/server/kv_test.hpp>

#include <set>

namespace kvco::test {
namespace {

using calls_test = program_test;
KVCO_ON_ALL_GENERATIONS(calls_test);

// seed: S4.5
TEST_P(calls_test, print_what_is_written) {
  const std::vector<call> all = calls_in(text_of("kvco_test/cli/calls.txt"));
  EXPECT_GE(all.size(), 60u);
  std::set<int> codes;
  for (const call& each : all) {
    const finished end = shell(each.line);
    const std::string where = "calls.txt:" + std::to_string(each.number) + ": " + each.line;
    EXPECT_EQ(difference_to(each.expected, end.out), "") << where << "\n" << end.out;
    EXPECT_EQ(end.code, each.code) << where << "\n" << end.out;
    codes.insert(end.code);
  }
  for (const int code : {0, 1, 2, 3, 4, 75})
    EXPECT_TRUE(codes.contains(code)) << code;  // 5 and 130: program_test.cpp
}

TEST(calls, are_compared_line_by_line) {
  const std::vector<call> all =
      calls_in("# a\n$ one\nx <word> y\n\n[3]\n\n# b\n$ two\n\n$ three\n1\n\n2\n\n");
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].expected, "x <word> y\n");
  EXPECT_EQ(all[0].code, 3);
  EXPECT_EQ(all[1].expected, "");
  EXPECT_EQ(all[2].expected, "1\n\n2\n");
  EXPECT_EQ(difference_to("x <word> y\n", "x 1 y\n"), "");
  EXPECT_NE(difference_to("x <word> y\n", "x  y\n"), "");
  EXPECT_NE(difference_to("x\n", "x"), "");
  EXPECT_NE(difference_to("x\n", "x\n\n"), "");
  EXPECT_NE(difference_to("", "\n"), "");
}

}  // namespace
}  // namespace kvco::test
