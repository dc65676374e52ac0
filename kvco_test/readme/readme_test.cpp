// Pages that must be complete: whole programs, the table of errors, the map, the lists of samples, groups and settings.
#include <gtest/gtest.h>
#include <kvco_test/readme/pages.hpp>
#include <kvco_test/support/judges/source_tree.hpp>

#include <filesystem>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace kvco::test {
namespace {

namespace fs = std::filesystem;

/// The text between two marks of a header.
std::string part_of(const std::string& file, const std::string& begin, const std::string& end) {
  const std::string text = text_of(file);
  const std::size_t at = text.find(begin);
  if (at == std::string::npos) throw std::runtime_error(file + " has no " + begin);
  return text.substr(at, text.find(end, at) - at);
}

std::set<std::string> matches_of(const std::string& text, const std::string& pattern) {
  const std::regex each(pattern);
  std::set<std::string> out;
  for (std::sregex_iterator it(text.begin(), text.end(), each), end; it != end; ++it) out.insert((*it)[1]);
  return out;
}

/// It is in the first cell of a row, as code.
bool has_row_of(const std::string& page, const std::string& name) {
  return std::regex_search(page, std::regex("\n\\|[^|\n]*`\\.?" + name + "`"));
}

void expect_whole(const std::string& page, const std::string& file) {
  EXPECT_NE(text_of(page).find("\n" + text_of(file) + "```\n"), std::string::npos) << page << ": " << file;
}

TEST(readme, shows_whole_programs_and_their_output) {
  expect_whole("README.md", "samples/hello.cpp");
  expect_whole("samples/README.md", "samples/quickstart.cpp");
  expect_whole("samples/README.md", "samples/expected/quickstart.txt");
}

TEST(readme, is_read_in_some_minutes) { EXPECT_LE(lines_of(text_of("README.md")).size(), 150u); }

TEST(errors_page, explains_every_error) {
  const std::set<std::string> meanings =
      matches_of(part_of("kvco/error.hpp", "enum class errc {", "};"), "\n  ([a-z_]+)[ ,]");
  EXPECT_GT(meanings.size(), 20u);
  const std::string page = text_of("kvco/doc/errors.md");
  for (const std::string& meaning : meanings) EXPECT_TRUE(has_row_of(page, meaning)) << meaning;
}

/// The settings of a class have rows under this heading: the setters are those that return *this.
void expect_rows_of_settings(const std::string& file, const std::string& name, const std::string& heading) {
  const std::string body = part_of(file, "class " + name + " {", " private:\n");
  const std::set<std::string> settings =
      matches_of(body, "\n +" + name + "& ([a-z_]+)\\((?!std::invocable)[^)]");
  EXPECT_GE(settings.size(), 2u) << name;
  const std::string rows = part_of("kvco/doc/options.md", "# " + heading + "\n", "\n#");
  for (const std::string& setting : settings)
    EXPECT_TRUE(has_row_of(rows, setting)) << heading << ": " << setting;
}

// contract: 9
TEST(options_page, has_every_setting) {
  const std::string config = text_of("kvco/config.hpp");
  const std::size_t of_client = config.find("  explicit config(");
  ASSERT_NE(of_client, std::string::npos);
  expect_rows_of_settings("kvco/bucket_config.hpp", "bucket_config", "Settings of a bucket");
  const std::string page = text_of("kvco/doc/options.md");
  const std::set<std::string> own =
      matches_of(config.substr(of_client), "\n  config& ([a-z_]+)\\((?!std::invocable)");
  EXPECT_GT(own.size(), 15u);
  const std::string rows = part_of("kvco/doc/options.md", "# Settings of a client\n", "\n#");
  for (const std::string& name : own) EXPECT_TRUE(has_row_of(rows, name)) << name;
  const std::set<std::string> groups = matches_of(config, "\n  ([a-z]+)_settings& [a-z]+\\(\\) noexcept \\{");
  EXPECT_EQ(groups, (std::set<std::string>{"observe", "reconnect", "tls", "websocket"}));
  for (const std::string& group : groups)
    expect_rows_of_settings("kvco/config.hpp", group + "_settings", "`" + group + "()`");
}

TEST(options_page, has_every_option) {
  const std::string page = text_of("kvco/doc/options.md");
  const std::set<std::string> structs = matches_of(text_of("kvco/options.hpp"), "\nstruct (\\w+) \\{");
  EXPECT_GT(structs.size(), 8u);
  for (const std::string& name : structs) {
    EXPECT_NE(page.find("`" + name + "`"), std::string::npos) << name;
    const std::string body = part_of("kvco/options.hpp", "\nstruct " + name + " {", "\n};");
    const std::set<std::string> options = matches_of(body, "\n  [\\w:]+ (\\w+)(?:\\{\\}| = [^;]+);");
    EXPECT_FALSE(options.empty()) << name;
    for (const std::string& option : options) EXPECT_TRUE(has_row_of(page, option)) << name << "::" << option;
  }
}

TEST(operations_page, has_every_operation) {
  const std::string page = text_of("kvco/doc/operations.md");
  for (const char* file : {"kvco/client.hpp", "kvco/bucket.hpp"}) {
    const std::set<std::string> names = matches_of(text_of(file), "\n  (?:auto|watcher) (\\w+)\\(");
    EXPECT_GE(names.size(), 8u) << file;
    for (const std::string& name : names) {
      EXPECT_TRUE(std::regex_search(page, std::regex("\n\\|[^|\n]*`" + name + "\\("))) << name;
    }
  }
}

TEST(map, has_every_folder) {
  const std::string page = text_of("kvco/README.md");
  for (const auto& entry : fs::directory_iterator(source_root / "kvco")) {
    const std::string name = entry.path().filename().string();
    if (entry.is_directory()) {
      EXPECT_NE(page.find("\n  " + name + "/ "), std::string::npos) << name;
    }
  }
}

TEST(samples_page, has_every_sample) {
  const std::string page = text_of("samples/README.md");
  for (const auto& entry : fs::directory_iterator(source_root / "samples")) {
    if (entry.path().extension() != ".cpp") continue;
    EXPECT_NE(page.find("](" + entry.path().filename().string() + ")"), std::string::npos) << entry.path();
  }
}

// Each group of tests that CMake knows has a row that shows when it runs, and each part of --long exists.
TEST(readme_of_the_tests, shows_when_each_group_runs) {
  const std::string page = text_of("kvco_test/README.md"), ci = text_of(".ci/run");
  std::set<std::string> groups;
  for (const char* file :
       {"kvco_test/CMakeLists.txt", "kvco_test/interop/CMakeLists.txt", "kvco_test/consumer/CMakeLists.txt",
        "samples/CMakeLists.txt", "samples/gateway/CMakeLists.txt", "bench/CMakeLists.txt"}) {
    groups.merge(matches_of(text_of(file), "(?:GROUP|kvco_add_to_group\\()\\s*([a-z_]+)[ )]"));
  }
  groups.erase("group");  // of the function that adds one
  EXPECT_GT(groups.size(), 10u);
  for (const std::string& name : groups) {
    EXPECT_NE(page.find("\n| `" + name + "` |"), std::string::npos)
        << name << " is not in kvco_test/README.md";
    EXPECT_TRUE(std::regex_search(ci, std::regex("\\b" + name + "\\b")))
        << name << " is in no tier of .ci/run";
  }
}

}  // namespace
}  // namespace kvco::test
