// The pages are written in plain technical English. And the sentences that would be noticed, beside those that are right.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <kvco_test/readme/pages.hpp>
#include <kvco_test/readme/wording.hpp>

#include <string>
#include <vector>

namespace kvco::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(pages, are_written_in_plain_technical_english) {
  for (const page& each : all_pages()) {
    for (const odd_wording& odd : odd_wordings(prose_of(each))) {
      ADD_FAILURE() << each.file << ":" << odd.line << ": \"" << odd.found << "\" - rather: " << odd.instead;
    }
  }
}

std::vector<std::string> found_in(const std::string& text) {
  std::vector<std::string> out;
  for (const odd_wording& odd : odd_wordings(text)) out.push_back(odd.found);
  return out;
}

TEST(odd_wordings, are_found) {
  EXPECT_THAT(found_in("It tells where it ends, and told us."), ElementsAre("tells", "told"));
  EXPECT_THAT(found_in("INFO says so. It hears of it."), ElementsAre("says", "hears"));
  EXPECT_THAT(found_in("The watch stands. The name that stands in the URL."),
              ElementsAre("stands", "stands"));
  EXPECT_THAT(found_in("Nobody waits; somebody does, whoever it is."),
              ElementsAre("Nobody", "somebody", "whoever"));
  EXPECT_THAT(found_in("There is none, and\nnone are none."), ElementsAre("is none", "are none"));
  EXPECT_THAT(found_in("So\n  many at a time, so often, for so long."),
              ElementsAre("So many", "so often", "so long"));
  EXPECT_THAT(found_in("Asked anew for ever, forever."), ElementsAre("anew", "for ever", "forever"));
  EXPECT_THAT(found_in("It is on its way; a proxy on the way."), ElementsAre("on its way", "on the way"));
  EXPECT_THAT(found_in("A function of yours, also when it is late, without a word."),
              ElementsAre("of yours", "also when", "without a word"));
  EXPECT_THAT(found_in("It goes on behind its last entry, and then\nbehind\nit."),
              ElementsAre("behind its last", "behind it"));
}

TEST(odd_wordings, are_what_takes_the_place_of_a_noun) {
  EXPECT_THAT(found_in("What is missing is installed."), ElementsAre("What is missing is"));
  EXPECT_EQ(found_in("It gives what it has.").size(), 1u);
  EXPECT_EQ(found_in("- What it does not promise\n").size(), 1u);
  EXPECT_EQ(found_in("More than `get()`, what it reads is new.").size(), 1u);
  EXPECT_EQ(found_in("| what | why |\n").size(), 1u);
}

TEST(odd_wordings, are_not_these) {
  for (const char* right :
       {"What happens when a server restarts?", "The table shows what each of them does.",
        "It does not matter what\nother clients do.", "A standard, an outstanding PING, standing by.",
        "`0` stands for a new key, a stand-alone header.", "It asks the leader as long as it is there.",
        "Replicas lag behind the leader.", "So often that it hurts, so long as it lasts.",
        "It has none. None of them. We understand each other."}) {
    EXPECT_THAT(found_in(right), IsEmpty()) << right;
  }
}

TEST(odd_wordings, have_their_line) {
  const std::vector<odd_wording> odd = odd_wordings("a\nb so\nmany\n\nwhat\n");
  ASSERT_EQ(odd.size(), 2u);
  EXPECT_EQ(odd[0].line, 2u);
  EXPECT_EQ(odd[1].line, 5u);
}

}  // namespace
}  // namespace kvco::test
