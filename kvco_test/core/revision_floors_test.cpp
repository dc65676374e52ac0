// What a handle remembers of its keys, and what it forgets: core/revision_floors.cpp.
#include <gtest/gtest.h>

#include <kvco/core/revision_floors.hpp>
#include <string>

namespace kvco::core {
namespace {

class floors_test : public testing::Test {
 protected:
  void note(const std::string& key, revision seen) { floors.note(revision_floors::id_of(key), seen); }
  revision_floors::known of(const std::string& key) const { return floors.of(revision_floors::id_of(key)); }
  revision newest(const std::string& key) const { return of(key).newest; }
  void correct(const std::string& key, const revision_floors::known& before, revision now) {
    floors.correct(revision_floors::id_of(key), before, now);
  }
  void note_others(std::size_t count, const std::string& prefix) {
    for (std::size_t i = 0; i < count; ++i) note(prefix + std::to_string(i), i + 1);
  }
  revision_floors floors;
};

TEST_F(floors_test, knows_the_newest_revision_of_each_key) {
  EXPECT_EQ(newest("a"), 0u);
  EXPECT_TRUE(of("a").allows(0));
  note("a", 7);
  note("b", 3);
  note("a", 5);
  EXPECT_EQ(newest("a"), 7u);
  EXPECT_EQ(newest("b"), 3u);
  EXPECT_EQ(newest("A"), 0u);
  for (const revision less : {0, 5, 6}) EXPECT_FALSE(of("a").allows(less)) << less;
  for (const revision more : {7, 8}) EXPECT_TRUE(of("a").allows(more)) << more;
  note("a", UINT64_MAX);
  EXPECT_EQ(newest("a"), UINT64_MAX);
}

TEST_F(floors_test, an_absent_key_is_nothing_to_remember) {
  note("a", 0);
  correct("a", {}, 0);
  EXPECT_EQ(floors.size(), 0u);
}

// But only just that: a replica that shows something else lags behind all the same.
TEST_F(floors_test, what_the_leader_says_is_allowed_also_if_it_is_less) {
  note("a", 7);
  correct("a", of("a"), 4);
  EXPECT_EQ(newest("a"), 7u);
  for (const revision less : {0, 3, 5, 6}) EXPECT_FALSE(of("a").allows(less)) << less;
  for (const revision fine : {4, 7, 8}) EXPECT_TRUE(of("a").allows(fine)) << fine;
  correct("a", of("a"), 0);
  EXPECT_TRUE(of("a").allows(0));
  EXPECT_FALSE(of("a").allows(4));
  note("a", 6);
  EXPECT_TRUE(of("a").allows(0));
  note("a", 8);
  EXPECT_FALSE(of("a").allows(0)) << "it has a revision again";
  correct("a", of("a"), 9);
  EXPECT_EQ(newest("a"), 9u);
}

TEST_F(floors_test, what_was_noted_while_the_leader_was_asked_stays) {
  note("a", 7);
  const auto before = of("a");
  note("a", 8);
  correct("a", before, 4);
  EXPECT_FALSE(of("a").allows(4));
  correct("a", before, 0);
  EXPECT_FALSE(of("a").allows(0));
  correct("a", before, 9);
  EXPECT_EQ(newest("a"), 9u);
}

TEST_F(floors_test, is_bounded_and_forgets_what_was_not_used_for_long) {
  note("first", 1);
  note("kept", 2);
  note_others(revision_floors::generation - 1, "x");
  EXPECT_EQ(newest("first"), 1u);
  note("kept", 1);  // used: it is young again
  note_others(revision_floors::generation, "y");
  EXPECT_EQ(newest("first"), 0u);
  EXPECT_EQ(newest("kept"), 2u);
  EXPECT_EQ(newest("y" + std::to_string(revision_floors::generation - 1)), revision_floors::generation);
  note_others(100 * 1000, "z");
  EXPECT_LE(floors.size(), 2 * revision_floors::generation);
}

TEST_F(floors_test, a_correction_reaches_the_old_generation) {
  note("a", 7);
  note_others(revision_floors::generation, "x");
  EXPECT_EQ(newest("a"), 7u);
  correct("a", of("a"), 4);
  EXPECT_TRUE(of("a").allows(4));
  note_others(revision_floors::generation - 1, "y");
  EXPECT_TRUE(of("a").allows(4));
}

}  // namespace
}  // namespace kvco::core
