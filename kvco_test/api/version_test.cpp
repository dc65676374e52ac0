// The version in version.hpp is that of the project.
#include <gtest/gtest.h>

#include <kvco/version.hpp>
#include <kvco_test/support/judges/source_tree.hpp>
#include <regex>
#include <string>

namespace kvco {
namespace {

// contract: 9
TEST(version, is_that_of_the_project) {
  const std::string project = test::text_of("CMakeLists.txt");
  std::smatch found;
  ASSERT_TRUE(std::regex_search(project, found, std::regex("\nproject\\(kvco VERSION ([0-9.]+) ")));
  EXPECT_EQ(std::string(version_string), found.str(1));
  EXPECT_EQ(std::to_string(version_major) + "." + std::to_string(version_minor) + "." +
                std::to_string(version_patch),
            version_string);
}

}  // namespace
}  // namespace kvco
