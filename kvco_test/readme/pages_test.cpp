// Each page holds what it shows: its code is in files that are compiled, its links lead somewhere. And what would be noticed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <kvco_test/readme/pages.hpp>
#include <kvco_test/support/judges/source_tree.hpp>

#include <string>
#include <vector>

namespace kvco::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;

TEST(pages, are_found) {
  const std::vector<page> pages = all_pages();
  for (const char* file : {"README.md", "kvco/README.md", "kvco_test/README.md", "kvco_test/faults.md"})
    EXPECT_THAT(pages, Contains(Field(&page::file, file)));
  EXPECT_THAT(pages, Not(Contains(Field(&page::file, testing::StartsWith("build/")))));
}

TEST(pages, show_code_that_is_compiled) {
  std::size_t shown = 0;
  for (const page& each : all_pages()) {
    EXPECT_THAT(problems_of_code(each), IsEmpty());
    shown += blocks_of(each).size();
  }
  EXPECT_GT(shown, 20u);
}

TEST(pages, link_to_what_exists) {
  std::size_t links = 0;
  for (const page& each : all_pages()) {
    EXPECT_THAT(problems_of_links(each), IsEmpty());
    links += links_of(each).size();
  }
  EXPECT_GT(links, 30u);
}

TEST(pages, are_all_linked_from_the_first) { EXPECT_THAT(unreachable(all_pages()), IsEmpty()); }

// --- what would be noticed ------------------------------------------------------------------------

page written(const std::string& text) { return {"kvco/doc/planted.md", lines_of(text)}; }

TEST(planted_page, has_code_of_nowhere) {
  const std::string quickstart = "<!-- samples/quickstart.cpp -->\n```cpp\n";
  EXPECT_THAT(problems_of_code(written(quickstart + "  using std::cout;\n```\n")), IsEmpty());
  EXPECT_THAT(problems_of_code(written(quickstart + "using std::cerr;\n```\n")),
              ElementsAre("kvco/doc/planted.md:2: is not in samples/quickstart.cpp"));
  EXPECT_THAT(problems_of_code(written("<!-- samples/gone.cpp -->\n```cpp\n```\n")),
              ElementsAre("kvco/doc/planted.md:2: samples/gone.cpp does not exist"));
}

TEST(planted_page, has_code_without_a_source) {
  EXPECT_THAT(problems_of_code(written("a\n\n```cpp\nint a;\n```\n")),
              ElementsAre("kvco/doc/planted.md:3: C++ without the file that it is from"));
  for (const char* fence : {"```", "```c++", "  ~~~"}) {
    EXPECT_EQ(problems_of_code(written(std::string(fence) + "\nint a;\n```\n")).size(), 1u) << fence;
  }
  EXPECT_THAT(problems_of_code(written("```sh\nls\n```\n")), IsEmpty());
}

TEST(planted_page, has_links_that_lead_nowhere) {
  const std::string text =
      "# A page: of `code`\n## Twice\n## Twice\n"
      "[1](../../README.md) [2](#a-page-of-code) [3](#twice-1) [4](https://nats.io/x) "
      "![5](../../bench/plots/keys.svg)\n"
      "```sh\n# Not a heading, [not](a/link)\n```\n";
  EXPECT_THAT(problems_of_links(written(text)), IsEmpty());
  EXPECT_THAT(links_of(written(text)).size(), 4u);
  EXPECT_THAT(problems_of_links(
                  written(text + "[a](gone.md)\n[b](../README.md#gone)\n[c](#twice-2)\n[d](#not-a-heading)")),
              ElementsAre("kvco/doc/planted.md:8: kvco/doc/gone.md does not exist",
                          "kvco/doc/planted.md:9: kvco/README.md has no heading #gone",
                          "kvco/doc/planted.md:10: kvco/doc/planted.md has no heading #twice-2",
                          "kvco/doc/planted.md:11: kvco/doc/planted.md has no heading #not-a-heading"));
}

TEST(planted_page, is_linked_by_no_other) {
  page first{"README.md", lines_of("[a](kvco/doc/a.md)")};
  const page a{"kvco/doc/a.md", lines_of("[b](b.md)")}, b{"kvco/doc/b.md", {}},
      c{"kvco/doc/c.md", lines_of("[a](a.md)")};
  EXPECT_THAT(unreachable({first, a, b, c}), ElementsAre("kvco/doc/c.md"));
}

TEST(planted_page, keeps_its_places_as_prose) {
  EXPECT_EQ(prose_of(written("a `b` [c](d)\n```\ne\n```\n<!-- f -->g\n")),
            "a ``` [c    \n   \n \n   \n          g\n");
}

}  // namespace
}  // namespace kvco::test
