// kvco_test/faults.md has a row for each fault of the catalogue, and each test that it names is there.
#include <gtest/gtest.h>
#include <kvco_test/support/judges/source_tree.hpp>

#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace kvco::test {
namespace {

constexpr std::size_t fault_count = 85;
const std::string not_tested = "**not tested**";

struct fault_row {
  std::string number, fault, tests, missing;
  std::size_t line = 0;

  std::string where() const { return "faults.md:" + std::to_string(line) + ": row " + number; }
};

/// The cells of a line `| a | b |`, without the blanks around them.
std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  for (std::size_t begin = 1, end; (end = line.find('|', begin)) != std::string::npos; begin = end + 1) {
    const std::string cell = line.substr(begin, end - begin);
    const std::size_t first = cell.find_first_not_of(' ');
    cells.push_back(first == std::string::npos ? ""
                                               : cell.substr(first, cell.find_last_not_of(' ') + 1 - first));
  }
  return cells;
}

std::vector<fault_row> rows() {
  std::vector<fault_row> all;
  const std::vector<std::string> lines = lines_of(text_of("kvco_test/faults.md"));
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (!lines[i].starts_with('|') || lines[i].starts_with("| # |") || lines[i].starts_with("|---")) continue;
    const std::vector<std::string> cells = cells_of(lines[i]);
    if (cells.size() == 4) {
      all.push_back({cells[0], cells[1], cells[2], cells[3], i + 1});
    } else {
      ADD_FAILURE() << "faults.md:" << i + 1 << ": " << cells.size() << " cells instead of 4: " << lines[i];
    }
  }
  return all;
}

/// What stands in backquotes as `kind: name`.
std::vector<std::pair<std::string, std::string>> names_in(const std::string& text) {
  static const std::regex name("`(\\w+): ([^`]+)`");
  std::vector<std::pair<std::string, std::string>> found;
  for (std::sregex_iterator it(text.begin(), text.end(), name), end; it != end; ++it)
    found.emplace_back((*it)[1], (*it)[2]);
  return found;
}

/// The words of `text` between the places, which may be separated by any blanks.
std::vector<std::string> words_between(const std::string& text, std::size_t begin, std::size_t end) {
  std::istringstream in(text.substr(begin, end - begin));
  return {std::istream_iterator<std::string>(in), {}};
}

const std::string& cmake() {
  static const std::string text = text_of("kvco_test/CMakeLists.txt");
  return text;
}

/// By executable, the tests in its sources as "suite.test".
std::map<std::string, std::set<std::string>> googletests() {
  static const std::regex macro("\nTEST(?:_F|_P)?\\(\\s*(\\w+),\\s*(\\w+)\\)");
  static const std::string start = "\nkvco_add_test(";
  std::map<std::string, std::set<std::string>> all;
  for (std::size_t at = 0; (at = cmake().find(start, at)) != std::string::npos;) {
    at += start.size();
    const std::vector<std::string> words = words_between(cmake(), at, cmake().find(')', at));
    std::set<std::string>& tests = all[words.at(0)];
    for (const std::string& word : words) {
      if (!word.ends_with("_test.cpp")) continue;
      const std::string source = text_of("kvco_test/" + word);
      for (std::sregex_iterator it(source.begin(), source.end(), macro), end; it != end; ++it)
        tests.insert((*it)[1].str() + "." + (*it)[2].str());
    }
  }
  return all;
}

/// The tests that are added by name, and those that are added one for each item of a list.
std::set<std::string> ctests() {
  static const std::regex loop("\nforeach\\((\\w+) IN ITEMS ([^)]*)\\)");
  static const std::string add = "add_test(NAME ";
  std::set<std::string> all;
  for (std::size_t at = cmake().find(add); at != std::string::npos; at = cmake().find(add, at + 1)) {
    all.insert(words_between(cmake(), at + add.size(), cmake().size()).at(0));
  }
  for (std::sregex_iterator it(cmake().begin(), cmake().end(), loop), end; it != end; ++it) {
    const std::string variable = "${" + (*it)[1].str() + "}", items = (*it)[2];
    const auto begin = static_cast<std::size_t>(it->position());
    const std::size_t stop = cmake().find("\nendforeach", begin), at = cmake().find(add, begin);
    if (at > stop) continue;
    const std::string pattern = words_between(cmake(), at + add.size(), stop).at(0);
    for (const std::string& item : words_between(items, 0, items.size())) {
      std::string name = pattern;
      const std::size_t place = name.find(variable);
      if (place != std::string::npos) all.insert(name.replace(place, variable.size(), item));
    }
  }
  return all;
}

/// Why there is no such test; empty: there is.
std::string problem_with(const std::string& kind, const std::string& name) {
  static const auto tests = googletests();
  static const auto added = ctests();
  static const std::string chaos = text_of("kvco_test/chaos/faults.cpp");
  if (kind == "chaos") {
    return chaos.find("{\"" + name + "\", ") != std::string::npos ? "" : "the chaos runner has no such fault";
  }
  if (kind == "ctest") return added.contains(name) ? "" : "ctest has no such test";
  const auto executable = tests.find(kind);
  if (executable == tests.end()) return "there is no such executable";
  return executable->second.contains(name) ? "" : "no source of the executable has such a test";
}

TEST(faults_table, has_each_fault_once_and_in_order) {
  std::map<std::string, int> times;
  for (const fault_row& row : rows()) {
    ++times[row.number];
    EXPECT_FALSE(row.fault.empty()) << row.where() << " does not say what the fault is";
  }
  for (std::size_t number = 1; number <= fault_count; ++number)
    EXPECT_EQ(times[std::to_string(number)], 1) << "row " << number << " of faults.md";
  EXPECT_EQ(times.size(), fault_count) << "faults.md has rows with other numbers";
  const std::vector<fault_row> all = rows();
  for (std::size_t i = 0; i < all.size(); ++i)
    ASSERT_EQ(all[i].number, std::to_string(i + 1)) << all[i].where() << " is not in its place";
}

TEST(faults_table, tells_what_tests_each_fault_or_why_nothing_does) {
  static const std::regex names("`\\w+: [^`]+`(, `\\w+: [^`]+`)*");
  for (const fault_row& row : rows()) {
    if (row.tests == not_tested) {
      EXPECT_GT(row.missing.size(), 20u) << row.where() << " is not tested, and does not say why";
    } else {
      EXPECT_TRUE(std::regex_match(row.tests, names))
          << row.where() << " names neither tests nor \"" << not_tested << "\": " << row.tests;
    }
  }
}

TEST(faults_table, names_tests_that_are_there) {
  std::size_t checked = 0;
  for (const fault_row& row : rows()) {
    for (const auto& [kind, name] : names_in(row.tests + row.missing)) {
      EXPECT_EQ(problem_with(kind, name), "") << row.where() << " names " << kind << ": " << name;
      ++checked;
    }
  }
  EXPECT_GT(checked, 3 * fault_count);
}

}  // namespace
}  // namespace kvco::test
