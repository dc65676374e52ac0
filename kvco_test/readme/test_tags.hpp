// Comments `// word: 1, 2` beside tests, by which a table tells the tests of each of its rows.
//
// A tag is a line of its own, the last one before what it is about, or stands at the end of its line:
//
//   TEST(suite, name)         and TEST_F, TEST_P, TYPED_TEST: `executable: suite.name`, by the CMakeLists.txt that has the source
//   add_test(NAME name        in a CMakeLists.txt, behind `# word: 1`: `ctest: name`
//   LLVMFuzzerTestOneInput    in fuzz/name.cpp: `ctest: fuzz_name.corpus`
//   {"name", 2, ...           in chaos/faults.cpp: `chaos: name`
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

namespace kvco::test {

struct source_file {
  std::string path;  // from the root of the repository
  std::vector<std::string> lines;
};

/// What is compiled, and the CMake files, below kvco_test/.
std::vector<source_file> test_sources();

struct test_tag {
  std::string where;               // file:line
  std::vector<std::string> ids;    // of the rows
  std::vector<std::string> tests;  // more than one where several executables have the source
};

struct test_tags {
  std::vector<test_tag> found;
  std::vector<std::string> problems;  // tags that cannot be read, or that stand beside no test
};

/// The tests that the sources have, and the tags beside them.
class tagged_tests {
 public:
  explicit tagged_tests(std::vector<source_file> sources);

  /// All tests, as tables name them, e.g. "net_test: suite.name".
  const std::set<std::string>& all() const { return all_; }
  /// What is wrong with the CMake files.
  const std::vector<std::string>& problems() const { return problems_; }
  test_tags tagged(const std::string& word) const;

 private:
  void read_cmake(const source_file& file);
  std::vector<std::string> tests_at(const source_file& file, std::size_t line) const;

  std::vector<source_file> sources_;
  std::map<std::string, std::vector<std::string>> executables_;  // by source
  std::set<std::string> added_;                                  // with add_test()
  std::set<std::string> all_;
  std::vector<std::string> problems_;
};

}  // namespace kvco::test
