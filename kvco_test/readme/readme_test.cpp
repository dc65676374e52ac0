// README.md holds what it shows: its code stands in files that are compiled, its tables and its map are complete.
//
// A block of code follows a line `<!-- FILE -->` and stands in that file word for word, perhaps indented otherwise.
#include <gtest/gtest.h>
#include <kvco_test/support/judges/source_tree.hpp>

#include <algorithm>
#include <filesystem>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace kvco::test {
namespace {

namespace fs = std::filesystem;
using lines = std::vector<std::string>;

const fs::path& root = source_root;

const std::string& readme() {
  static const std::string text = text_of("README.md");
  return text;
}

struct block {
  std::string language, source;
  lines code;
  std::size_t line = 0;
};

std::vector<block> blocks() {
  const lines all = lines_of(readme());
  std::vector<block> out;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!all[i].starts_with("```")) continue;
    block found{all[i].substr(3), {}, {}, i + 1};
    std::smatch named;
    if (i > 0 && std::regex_match(all[i - 1], named, std::regex("<!-- (\\S+) -->"))) found.source = named[1];
    while (++i < all.size() && !all[i].starts_with("```")) found.code.push_back(all[i]);
    out.push_back(std::move(found));
  }
  return out;
}

// Without the indentation that all lines share.
lines aligned(lines code) {
  std::size_t shared = std::string::npos;
  for (const std::string& line : code) shared = std::min(shared, line.find_first_not_of(' '));
  for (std::string& line : code) line.erase(0, std::min(shared, line.size()));
  return code;
}

bool has_excerpt(const lines& file, const lines& code) {
  const auto size = static_cast<std::ptrdiff_t>(code.size());
  for (auto at = file.begin(); file.end() - at >= size; ++at) {
    if (aligned(lines(at, at + size)) == aligned(code)) return true;
  }
  return false;
}

// The enumerators of `enum class errc` in kvco/error.hpp.
lines meanings() {
  const std::string header = text_of("kvco/error.hpp");
  const auto begin = header.find("enum class errc {");
  const std::string body = header.substr(begin, header.find("};", begin) - begin);
  const std::regex enumerator("\n  ([a-z_]+)[ ,]");
  lines out;
  for (std::sregex_iterator it(body.begin(), body.end(), enumerator), end; it != end; ++it)
    out.push_back((*it)[1]);
  return out;
}

TEST(readme, shows_code_that_is_compiled) {
  int checked = 0;
  for (const block& shown : blocks()) {
    if (shown.source.empty()) {
      EXPECT_NE(shown.language, "cpp") << "README.md:" << shown.line << " does not say where its code stands";
      continue;
    }
    EXPECT_TRUE(has_excerpt(lines_of(text_of(shown.source)), shown.code))
        << "README.md:" << shown.line << " is not in " << shown.source;
    ++checked;
  }
  EXPECT_GT(checked, 5);
}

TEST(readme, shows_the_whole_quickstart_and_its_output) {
  for (const fs::path file : {"samples/quickstart.cpp", "samples/expected/quickstart.txt"}) {
    EXPECT_NE(readme().find("\n" + text_of(file) + "```\n"), std::string::npos) << file;
  }
}

TEST(readme, explains_every_error) {
  EXPECT_GT(meanings().size(), 20u);
  for (const std::string& meaning : meanings()) {
    EXPECT_TRUE(std::regex_search(readme(), std::regex("\n\\|[^|\n]*`" + meaning + "`"))) << meaning;
  }
}

TEST(readme, maps_every_layer_and_names_every_sample) {
  for (const auto& entry : fs::directory_iterator(root / "kvco")) {
    const std::string name = entry.path().filename().string();
    if (entry.is_directory()) {
      EXPECT_NE(readme().find("\n  " + name + "/ "), std::string::npos) << name;
    }
  }
  for (const auto& entry : fs::directory_iterator(root / "samples")) {
    if (entry.path().extension() != ".cpp" || entry.path().stem() == "quickstart") continue;
    EXPECT_NE(readme().find("](samples/" + entry.path().filename().string() + ")"), std::string::npos)
        << entry.path();
  }
}

// Each group of tests that CMake knows stands in the table that says when it runs, and each part of --long is one that there is.
TEST(readme_of_the_tests, says_when_each_group_runs) {
  const std::string page = text_of("kvco_test/README.md"), ci = text_of(".ci/run");
  std::set<std::string> groups;
  const std::regex group("(?:GROUP|kvco_add_to_group\\()\\s*([a-z_]+)[ )]");
  for (const char* file :
       {"kvco_test/CMakeLists.txt", "kvco_test/interop/CMakeLists.txt", "kvco_test/consumer/CMakeLists.txt",
        "samples/CMakeLists.txt", "bench/CMakeLists.txt"}) {
    const std::string text = text_of(file);
    for (std::sregex_iterator it(text.begin(), text.end(), group), end; it != end; ++it)
      groups.insert((*it)[1]);
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

TEST(readme, links_to_what_is_there) {
  const std::regex link("\\]\\(([^):#]+)\\)");
  for (std::sregex_iterator it(readme().begin(), readme().end(), link), end; it != end; ++it) {
    EXPECT_TRUE(fs::exists(root / (*it)[1].str())) << (*it)[1];
  }
}

}  // namespace
}  // namespace kvco::test
