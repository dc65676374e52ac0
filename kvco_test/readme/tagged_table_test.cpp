// The tables whose tests are named by tags: what they say is what the sources say. And what would be noticed.
//
// With KVCO_RENEW=1 in its environment the test writes their columns of tests instead of judging them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <kvco_test/readme/tagged_table.hpp>
#include <kvco_test/support/judges/source_tree.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace kvco::test {

void PrintTo(const tagged_table& table, std::ostream* out) { *out << table.file; }

namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

const std::string how_to_renew = "KVCO_RENEW=1 kvco_test/run --filter tagged_table";

const tagged_tests& here() {
  static const tagged_tests tests(test_sources());
  return tests;
}

/// The first line in which they differ, as one has it.
std::string difference(const std::string& text, const std::string& other) {
  const std::vector<std::string> lines = lines_of(text), others = lines_of(other);
  for (std::size_t i = 0; i < lines.size() && i < others.size(); ++i) {
    if (lines[i] != others[i]) return ":" + std::to_string(i + 1) + ": " + others[i];
  }
  return "its end";
}

/// Nobody reads half of it meanwhile.
void replace(const std::filesystem::path& file, const std::string& text) {
  std::filesystem::path fresh = source_root / file;
  fresh += ".new";
  std::ofstream out(fresh);
  out << text;
  out.close();
  ASSERT_TRUE(out) << "cannot write " << fresh;
  std::filesystem::rename(fresh, source_root / file);
}

const std::vector<std::string> field_ids = {"H1",  "M8", "L4", "L5", "L8",  "L3",  "X1",  "M5", "X2",
                                            "M7",  "X3", "M6", "X4", "X5",  "X6",  "X7",  "X8", "M10",
                                            "M9",  "M1", "M3", "X9", "X10", "X11", "M4",  "M2", "X12",
                                            "X13", "L7", "L2", "L1", "L6",  "X14", "X15", "X16"};

std::vector<std::string> seed_ids() {
  std::vector<std::string> ids;
  for (const auto& [document, count] :
       {std::pair("S0.", 13), {"S1.", 5}, {"S2.", 39}, {"S3.", 14}, {"S4.", 12}}) {
    for (std::string& id : numbered(document, static_cast<std::size_t>(count))) ids.push_back(std::move(id));
  }
  return ids;
}

/// Of nats.go and of nats.net.
std::vector<std::string> peer_ids() {
  std::vector<std::string> ids = numbered("G", 47);
  for (std::string& id : numbered("N", 57)) ids.push_back(std::move(id));
  return ids;
}

class tagged_tables : public testing::TestWithParam<tagged_table> {
 protected:
  const tagged_table& table = GetParam();
  const std::string text = text_of(table.file);
};

INSTANTIATE_TEST_SUITE_P(in, tagged_tables,
                         testing::Values(tagged_table{"fault", "kvco_test/faults.md", numbered("", 85)},
                                         tagged_table{"field", "kvco_test/README.md", field_ids},
                                         tagged_table{"seed", "kvco_test/seeds/README.md", seed_ids()},
                                         tagged_table{"peer", "kvco_test/peers/README.md", peer_ids()}),
                         [](const auto& one) { return one.param.word; });

TEST_P(tagged_tables, say_what_the_tags_say) {
  const std::string wanted = renewed(table, text, here());
  if (std::getenv("KVCO_RENEW") != nullptr) {
    replace(table.file, wanted);
  } else {
    EXPECT_TRUE(text == wanted) << table.file << " is not what the tags say. To renew it: " << how_to_renew
                                << "\n"
                                << table.file << difference(text, wanted);
  }
  EXPECT_THAT(text, HasSubstr(how_to_renew));
}

TEST_P(tagged_tables, have_only_tags_beside_tests) {
  EXPECT_THAT(here().problems(), IsEmpty());
  EXPECT_THAT(problems_of_tags(table, here()), IsEmpty());
}

TEST_P(tagged_tables, have_each_row_once_and_in_order) {
  EXPECT_THAT(problems_of_rows(table, text), IsEmpty());
}

TEST_P(tagged_tables, tell_what_tests_each_row_or_why_nothing_does) {
  EXPECT_THAT(problems_of_reasons(table, text, here()), IsEmpty());
}

// --- what would be noticed ------------------------------------------------------------------------

// Three kinds of tests in three kinds of files, and the words of another table between them.
class planted_tags : public testing::Test {
 protected:
  std::string cmake =
      "# kvco_add_test(NAME SOURCES gone_test.cpp)\n"
      "kvco_add_test(net_test LABEL unit SOURCES\n  net/cut_test.cpp  # (both)\n  net/cut.cpp)\n"
      "# plant: 3\n"
      "add_test(NAME chaos.quick COMMAND chaos)\n"
      "foreach(name IN ITEMS info keys)\n  add_test(NAME fuzz_${name}.corpus COMMAND x)\nendforeach()\n";
  std::string net_cmake;
  std::string cut =
      "// Cut.\n"
      "// plant: 1, 2\n"
      "TEST(cut, anywhere) {\n}\n"
      "\n"
      "// plant: 2\n"
      "// other: H7\n"
      "TEST_P(cut,\n       later) {}\n";
  std::string info = "// plant: 3\nextern \"C\" int LLVMFuzzerTestOneInput(const char*);\n";
  std::string faults =
      "  {\"kill -9\", 2, 3s},     // plant: 1, 3\n  {\"a // pause\", 0.5, 3s},  // plant: 3\n";
  std::string text =
      "Rows.\n\n| # | Plant | Tests | Missing |\n|---|---|---|---|\n"
      "| 1 | a rose | | |\n| 2 | ivy | `old: test.gone` | |\n\n"
      "| # | Not | of this table |\n|---|---|---|\n| 1 | x | y |\n\n"
      "| # | Plant | Tests | Missing |\n|---|---|---|---|\n"
      "| 3 | a fern | | |\n| 4 | moss | `old: test.gone` | it grows by itself everywhere |\n";

  tagged_table table{"plant", "plants.md", numbered("", 4)};

  tagged_tests tests() const {
    std::vector<source_file> files;
    for (const auto& [path, content] :
         {std::pair("CMakeLists.txt", cmake), std::pair("net/CMakeLists.txt", net_cmake),
          std::pair("net/cut_test.cpp", cut), std::pair("fuzz/info.cpp", info),
          std::pair("chaos/faults.cpp", faults)})
      files.push_back({std::string("kvco_test/") + path, lines_of(content)});
    return tagged_tests(std::move(files));
  }
  std::vector<std::string> wrong_tags() const { return problems_of_tags(table, tests()); }
  std::vector<std::string> wrong_rows() const { return problems_of_rows(table, text); }
  std::vector<std::string> wrong_reasons() const { return problems_of_reasons(table, text, tests()); }
};

void exchange(std::string& text, const std::string& old, const std::string& with) {
  const std::size_t at = text.find(old);
  ASSERT_NE(at, std::string::npos) << old;
  text.replace(at, old.size(), with);
}

TEST_F(planted_tags, become_the_column_of_tests) {
  EXPECT_THAT(tests().problems(), IsEmpty());
  EXPECT_THAT(wrong_tags(), IsEmpty());
  EXPECT_THAT(wrong_rows(), IsEmpty());
  EXPECT_THAT(wrong_reasons(), IsEmpty());
  const std::string made = renewed(table, text, tests());
  EXPECT_EQ(made,
            "Rows.\n\n| # | Plant | Tests | Missing |\n|---|---|---|---|\n"
            "| 1 | a rose | `chaos: kill -9`, `net_test: cut.anywhere` | |\n"
            "| 2 | ivy | `net_test: cut.anywhere`, `net_test: cut.later` | |\n\n"
            "| # | Not | of this table |\n|---|---|---|\n| 1 | x | y |\n\n"
            "| # | Plant | Tests | Missing |\n|---|---|---|---|\n"
            "| 3 | a fern | `chaos: a // pause`, `chaos: kill -9`, `ctest: chaos.quick`, `ctest: "
            "fuzz_info.corpus` | |\n"
            "| 4 | moss | **not tested** | it grows by itself everywhere |\n");
  EXPECT_EQ(renewed(table, made, tests()), made);
}

TEST_F(planted_tags, with_ids_that_there_are_not) {
  exchange(cut, "1, 2", "1, 12");
  EXPECT_THAT(wrong_tags(), ElementsAre("kvco_test/net/cut_test.cpp:2: there is no plant 12"));
}

TEST_F(planted_tags, that_are_not_sorted) {
  exchange(faults, "1, 3", "3, 1");
  EXPECT_THAT(wrong_tags(), ElementsAre("kvco_test/chaos/faults.cpp:1: 1 does not belong behind 3"));
  exchange(faults, "3, 1", "1, 1");
  EXPECT_THAT(wrong_tags(), ElementsAre("kvco_test/chaos/faults.cpp:1: 1 does not belong behind 1"));
}

TEST_F(planted_tags, beside_no_test) {
  for (const std::string other :
       {"void helper() {", "", "// TEST(cut, anywhere) {", "  TEST(cut, anywhere) {",
        "TEST(cut, DISABLED_anywhere) {", "// A comment.\nTEST(cut, anywhere) {",
        "// plant: 1\nTEST(cut, anywhere) {"}) {
    const std::string before = cut;
    exchange(cut, "TEST(cut, anywhere) {", other);
    EXPECT_THAT(wrong_tags(), ElementsAre("kvco_test/net/cut_test.cpp:2: the tag stands beside no test"))
        << other;
    cut = before;
  }
  cut += "// plant: 1";
  EXPECT_THAT(wrong_tags(), ElementsAre(HasSubstr(":10: the tag stands beside no test")));
}

TEST_F(planted_tags, beside_tests_that_are_not_built) {
  exchange(cmake, "net/cut_test.cpp", "");
  EXPECT_THAT(wrong_tags(),
              ElementsAre(StartsWith("kvco_test/net/cut_test.cpp:2: the tag stands beside no"),
                          StartsWith("kvco_test/net/cut_test.cpp:6: the tag stands beside no")));
  exchange(cmake, "info keys", "keys");
  EXPECT_THAT(wrong_tags(), testing::Contains("kvco_test/fuzz/info.cpp:1: the tag stands beside no test"));
  exchange(cmake, "add_test(NAME chaos.quick", "# add_test(NAME chaos.quick");
  EXPECT_THAT(wrong_tags(), testing::Contains("kvco_test/CMakeLists.txt:5: the tag stands beside no test"));
  exchange(cmake, "# add_test(NAME chaos.quick", "add_test(NAME chaos.${which}");
  EXPECT_THAT(wrong_tags(), testing::Contains("kvco_test/CMakeLists.txt:5: the tag stands beside no test"));
}

TEST_F(planted_tags, that_are_not_written_as_tags_are) {
  for (const std::string spelled :
       {"// plants: 1, 2", "// Plant: 1, 2", "//plant: 1, 2", "// plant 1, 2", "// plant: 1,2",
        "// plant: 1, 2.", "// plant:", "/// plant: 1, 2", "// Plants 1 and 2: they grow."}) {
    const std::string before = cut;
    exchange(cut, "// plant: 1, 2", spelled);
    EXPECT_THAT(wrong_tags(),
                ElementsAre(AllOf(HasSubstr("net/cut_test.cpp:2: a tag is written `plant: 1, 2`, not"),
                                  HasSubstr(spelled.substr(3)))));
    cut = before;
  }
}

TEST_F(planted_tags, in_sources_that_there_are_not) {
  exchange(cmake, "net/cut.cpp", "net/lost_test.cpp");
  EXPECT_THAT(tests().problems(),
              ElementsAre("kvco_test/CMakeLists.txt: there is no kvco_test/net/lost_test.cpp"));
}

TEST_F(planted_tags, of_a_test_that_two_executables_have) {
  net_cmake = "kvco_add_test(other_test SOURCES ../net/cut.cpp cut_test.cpp)\n";
  EXPECT_THAT(
      renewed(table, text, tests()),
      HasSubstr("| 2 | ivy | `net_test: cut.anywhere`, `net_test: cut.later`, `other_test: cut.anywhere`, "));
}

TEST_F(planted_tags, rows_that_are_missing_twice_or_elsewhere) {
  const std::string good = text;
  exchange(text, "| 2 |", "| 1 |");
  EXPECT_THAT(wrong_rows(), ElementsAre("plants.md:6: row 1 stands where 2 belongs",
                                        "plants.md has row 1 2 times", "plants.md has row 2 0 times"));
  text = good;
  exchange(text, "| 2 | ivy | `old: test.gone` | |\n", "");
  EXPECT_THAT(wrong_rows(), ElementsAre("plants.md:13: row 3 stands where 2 belongs",
                                        "plants.md has row 2 0 times", "plants.md has 3 rows instead of 4"));
  text = good + "| 5 | grass | | |\n";
  EXPECT_THAT(wrong_rows(), ElementsAre("plants.md has 5 rows instead of 4"));
  text = good;
  exchange(text, "| Tests | Missing |", "| Test | Missing |");
  EXPECT_THAT(wrong_rows(), testing::Contains("plants.md has 2 rows instead of 4"));
}

TEST_F(planted_tags, rows_that_are_not_whole) {
  exchange(text, "a rose", "");
  EXPECT_THAT(wrong_rows(), ElementsAre("plants.md:5: row 1 does not say what it is about"));
  exchange(text, "| 1 |", "| 1 | a | rose");
  EXPECT_THAT(wrong_rows(), ElementsAre("plants.md:5: row 1 has 5 cells instead of 4"));
}

TEST_F(planted_tags, rows_without_a_test_or_a_reason) {
  exchange(text, "it grows by itself everywhere", "not yet");
  EXPECT_THAT(wrong_reasons(), ElementsAre("plants.md:15: row 4 is not tested, and does not say why"));
  exchange(cut, "// plant: 1, 2", "// plant: 2");
  exchange(faults, "1, 3", "3");
  EXPECT_THAT(wrong_reasons(), testing::Contains("plants.md:5: row 1 is not tested, and does not say why"));
}

TEST_F(planted_tags, rows_that_speak_of_tests_that_are_gone) {
  exchange(text, "it grows by itself everywhere", "all that `net_test: cut.anywhere` does");
  EXPECT_THAT(wrong_reasons(), IsEmpty());
  exchange(cut, "anywhere", "everywhere");
  EXPECT_THAT(wrong_reasons(),
              ElementsAre("plants.md:15: row 4 speaks of a test that is not there: net_test: cut.anywhere"));
}

}  // namespace
}  // namespace kvco::test
