// A table in a Markdown file that is written by hand, except for its column "Tests": that is made from tags beside the tests.
#pragma once

#include <kvco_test/readme/test_tags.hpp>

#include <string>
#include <vector>

namespace kvco::test {

/// Its head begins with "#", the ids of the rows, and has the columns "Tests" and "Missing": what the tests leave out.
struct tagged_table {
  std::string word;              // of its tags
  std::string file;              // from the root of the repository
  std::vector<std::string> ids;  // of all rows in their order
};

/// As many ids as `count`, e.g. "H1", "H2" for "H".
std::vector<std::string> numbered(const std::string& letters, std::size_t count);

/// What the text of the file should be.
std::string renewed(const tagged_table& table, const std::string& text, const tagged_tests& tests);

/// Tags that are wrong: beside no test, or with ids that the table does not have, or not in its order.
std::vector<std::string> problems_of_tags(const tagged_table& table, const tagged_tests& tests);

/// Rows that are missing, twice or not in their order, or do not say what the fault is.
std::vector<std::string> problems_of_rows(const tagged_table& table, const std::string& text);

/// Rows that have no test and no reason for it, or speak of a test that is not there.
std::vector<std::string> problems_of_reasons(const tagged_table& table, const std::string& text,
                                             const tagged_tests& tests);

}  // namespace kvco::test
