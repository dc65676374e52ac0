#include <kvco_test/readme/tagged_table.hpp>
#include <kvco_test/support/judges/source_tree.hpp>

#include <algorithm>
#include <map>
#include <regex>
#include <set>

namespace kvco::test {
namespace {

const std::string not_tested = "**not tested**";

using cells = std::vector<std::string>;

/// The cells of a line `| a | b |`, without the blanks around them.
cells cells_of(const std::string& line) {
  cells all;
  for (std::size_t begin = 1, end; (end = line.find('|', begin)) != std::string::npos; begin = end + 1) {
    const std::string cell = line.substr(begin, end - begin);
    const std::size_t first = cell.find_first_not_of(' ');
    all.push_back(first == std::string::npos ? ""
                                             : cell.substr(first, cell.find_last_not_of(' ') + 1 - first));
  }
  return all;
}

std::string line_of(const cells& row) {
  std::string line = "|";
  for (const std::string& cell : row) line += (cell.empty() ? " " : " " + cell + " ") + "|";
  return line;
}

struct table_row {
  std::size_t line = 0;  // of the text, from 0
  cells head, all;

  /// In the column of that name. Empty: the row has no such cell.
  const std::string& at(const std::string& name) const {
    static const std::string none;
    const auto place = static_cast<std::size_t>(std::ranges::find(head, name) - head.begin());
    return place < all.size() ? all[place] : none;
  }
  bool is_complete() const { return all.size() == head.size(); }
};

/// The rows of all tables in the text whose head is that of such a table.
std::vector<table_row> rows_of(const std::vector<std::string>& lines) {
  std::vector<table_row> rows;
  cells head;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (!lines[i].starts_with('|')) {
      head.clear();
    } else if (head.empty()) {
      head = cells_of(lines[i]);
    } else if (!lines[i].starts_with("|--") && head[0] == "#" && std::ranges::count(head, "Tests") == 1 &&
               std::ranges::count(head, "Missing") == 1) {
      rows.push_back({i, head, cells_of(lines[i])});
    }
  }
  return rows;
}

std::string place(const tagged_table& table, const table_row& row) {
  return table.file + ":" + std::to_string(row.line + 1) + ": row " + (row.all.empty() ? "" : row.all[0]);
}

/// By row, the tests that tags name.
std::map<std::string, std::set<std::string>> tests_by_row(const tagged_table& table,
                                                          const tagged_tests& tests) {
  std::map<std::string, std::set<std::string>> all;
  for (const test_tag& tag : tests.tagged(table.word).found) {
    for (const std::string& id : tag.ids) all[id].insert(tag.tests.begin(), tag.tests.end());
  }
  return all;
}

}  // namespace

std::vector<std::string> numbered(const std::string& letters, std::size_t count) {
  std::vector<std::string> ids;
  for (std::size_t i = 1; i <= count; ++i) ids.push_back(letters + std::to_string(i));
  return ids;
}

std::string renewed(const tagged_table& table, const std::string& text, const tagged_tests& tests) {
  const auto by_row = tests_by_row(table, tests);
  std::vector<std::string> lines = lines_of(text);
  for (table_row& row : rows_of(lines)) {
    if (!row.is_complete()) continue;
    std::string names;
    if (const auto found = by_row.find(row.all[0]); found != by_row.end()) {
      for (const std::string& test : found->second) names += (names.empty() ? "`" : ", `") + test + "`";
    }
    row.all[static_cast<std::size_t>(std::ranges::find(row.head, "Tests") - row.head.begin())] =
        names.empty() ? not_tested : names;
    lines[row.line] = line_of(row.all);
  }
  std::string out;
  for (const std::string& line : lines) out += line + "\n";
  return out;
}

std::vector<std::string> problems_of_tags(const tagged_table& table, const tagged_tests& tests) {
  const test_tags tags = tests.tagged(table.word);
  std::vector<std::string> problems = tags.problems;
  for (const test_tag& tag : tags.found) {
    auto last = table.ids.begin();
    for (const std::string& id : tag.ids) {
      const auto known = std::ranges::find(table.ids, id);
      if (known == table.ids.end()) {
        problems.push_back(tag.where + ": there is no " + table.word + " " + id);
      } else if (&id != &tag.ids.front() && known <= last) {
        problems.push_back(tag.where + ": " + id + " does not belong behind " + *last);
      } else {
        last = known;
      }
    }
  }
  return problems;
}

std::vector<std::string> problems_of_rows(const tagged_table& table, const std::string& text) {
  std::vector<std::string> problems, ids;
  bool in_order = true;
  for (const table_row& row : rows_of(lines_of(text))) {
    const std::size_t at = ids.size();
    ids.push_back(row.all.empty() ? "" : row.all[0]);
    if (!row.is_complete()) {
      problems.push_back(place(table, row) + " has " + std::to_string(row.all.size()) + " cells instead of " +
                         std::to_string(row.head.size()));
    } else if (row.all[1].empty()) {
      problems.push_back(place(table, row) + " does not say what it is about");
    }
    if (in_order && at < table.ids.size() && ids[at] != table.ids[at]) {
      problems.push_back(place(table, row) + " stands where " + table.ids[at] + " belongs");
      in_order = false;  // nor are those behind it
    }
  }
  for (const std::string& id : table.ids) {
    if (const auto times = std::ranges::count(ids, id); times != 1)
      problems.push_back(table.file + " has row " + id + " " + std::to_string(times) + " times");
  }
  if (ids.size() != table.ids.size()) {
    problems.push_back(table.file + " has " + std::to_string(ids.size()) + " rows instead of " +
                       std::to_string(table.ids.size()));
  }
  return problems;
}

std::vector<std::string> problems_of_reasons(const tagged_table& table, const std::string& text,
                                             const tagged_tests& tests) {
  static const std::regex name("`(\\w+: [^`]+)`");
  const auto by_row = tests_by_row(table, tests);
  std::vector<std::string> problems;
  for (const table_row& row : rows_of(lines_of(text))) {
    const std::string& missing = row.at("Missing");
    if (!row.all.empty() && !by_row.contains(row.all[0]) && missing.size() <= 20)
      problems.push_back(place(table, row) + " is not tested, and does not say why");
    for (std::sregex_iterator it(missing.begin(), missing.end(), name), end; it != end; ++it) {
      if (const std::string test = (*it)[1]; !tests.all().contains(test))
        problems.push_back(place(table, row) + " speaks of a test that is not there: " + test);
    }
  }
  return problems;
}

}  // namespace kvco::test
