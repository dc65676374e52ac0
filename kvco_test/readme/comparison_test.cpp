// The page that compares kvco with other clients: each feature is there, and its test exists.
#include <gtest/gtest.h>
#include <kvco_test/readme/test_tags.hpp>
#include <kvco_test/support/judges/source_tree.hpp>

#include <regex>
#include <string>

namespace kvco::test {
namespace {

TEST(comparison, has_each_feature_and_names_a_test_that_exists) {
  static const std::regex row(R"(\| ([^*|]+) \| (\w+) \|( \w+ \|){7} `(\w+: [\w.]+)` \|)");
  const tagged_tests tests(test_sources());
  std::size_t features = 0;
  for (const std::string& line : lines_of(text_of("kvco/doc/comparison.md"))) {
    if (!line.starts_with("| ") || line.starts_with("| **") || line.starts_with("| feature |")) continue;
    std::smatch cells;
    ASSERT_TRUE(std::regex_match(line, cells, row)) << line;
    EXPECT_EQ(cells[2], "yes") << line;
    EXPECT_TRUE(tests.all().contains(cells[4])) << "there is no test " << cells[4];
    ++features;
  }
  EXPECT_GE(features, 40u);
}

}  // namespace
}  // namespace kvco::test
