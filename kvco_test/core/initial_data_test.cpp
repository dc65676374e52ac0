// Is the initial data of a watch complete? By script: what a server counts, delivers and leaves out: core/initial_data.cpp.
#include <gtest/gtest.h>

#include <kvco/core/initial_data.hpp>
#include <optional>

namespace kvco::core {
namespace {

using step = initial_data::step;
using delivery = initial_data::delivery;

/// A consumer of a stream whose last revision is `boundary`.
initial_data following(std::uint64_t boundary, delivery how = delivery::in_order) {
  initial_data data;
  data.begin();
  data.set_boundary(boundary);
  data.request(how);
  return data;
}

/// An entry, and what follows from it.
step entry(initial_data& data, std::uint64_t sequence, std::uint64_t pending) {
  data.on_entry(sequence, pending);
  return data.check();
}

/// The leader is asked, and names this revision.
step located(initial_data& data, std::optional<std::uint64_t> last) {
  data.asked(1);
  data.on_located(last);
  return data.check();
}

TEST(initial_data, is_complete_when_all_that_was_counted_has_come) {
  initial_data data = following(10);
  EXPECT_EQ(data.check(), step::wait);
  EXPECT_FALSE(data.is_counted());
  data.on_created(2, 0);
  EXPECT_EQ(data.pending(), 2u);
  EXPECT_EQ(entry(data, 4, 1), step::wait);
  EXPECT_EQ(data.pending(), 1u);
  EXPECT_FALSE(data.complete());
  EXPECT_EQ(entry(data, 10, 0), step::wait);
  EXPECT_TRUE(data.complete());
}

TEST(initial_data, of_nothing_is_complete_at_once) {
  initial_data data = following(0);
  data.on_created(0, 0);
  EXPECT_EQ(data.check(), step::wait);
  EXPECT_TRUE(data.complete());
}

TEST(initial_data, that_overtakes_the_reply_counts) {
  initial_data data = following(5);
  EXPECT_EQ(entry(data, 3, 1), step::wait);
  EXPECT_EQ(entry(data, 5, 0), step::wait);
  EXPECT_FALSE(data.complete()) << "it is not known how much there is";
  data.on_created(2, 0);
  EXPECT_EQ(data.pending(), 0u);
  data.check();
  EXPECT_TRUE(data.complete());
}

TEST(initial_data, stays_complete_with_the_next_consumer) {
  initial_data data = following(1);
  data.on_created(0, 0);
  data.check();
  data.begin();
  EXPECT_TRUE(data.complete());
  EXPECT_FALSE(data.is_counted());
  EXPECT_FALSE(data.has_received());
}

// --- what others write meanwhile -----------------------------------------------------------------------------------------

TEST(initial_data, with_an_entry_from_after_the_boundary_is_asked_for_its_end) {
  initial_data data = following(10);
  data.on_created(2, 0);
  EXPECT_EQ(entry(data, 4, 1), step::wait);
  EXPECT_EQ(entry(data, 11, 0), step::locate);
  EXPECT_FALSE(data.complete());
  EXPECT_EQ(located(data, 11), step::wait);
  EXPECT_TRUE(data.complete()) << "revision 11 was shown before the leader was asked";
}

TEST(initial_data, waits_for_what_the_leader_names) {
  initial_data data = following(10);
  data.on_created(1, 0);
  EXPECT_EQ(entry(data, 11, 0), step::locate);
  EXPECT_EQ(located(data, 12), step::wait);
  EXPECT_FALSE(data.complete());
  EXPECT_EQ(entry(data, 12, 0), step::locate) << "it may have slipped on meanwhile";
  EXPECT_EQ(located(data, 12), step::wait);
  EXPECT_TRUE(data.complete());
}

TEST(initial_data, ends_after_a_number_of_rounds) {
  initial_data data = following(10);
  data.on_created(1, 0);
  std::uint64_t last = 11;
  int rounds = 0;
  for (step next = entry(data, last, 0); next == step::locate; next = entry(data, last, 0)) {
    ++rounds;
    EXPECT_EQ(located(data, ++last), step::wait);
    ASSERT_FALSE(data.complete());
    ASSERT_LT(rounds, 100);
  }
  EXPECT_GT(rounds, 3);
  EXPECT_TRUE(data.complete());
}

TEST(initial_data, begins_again_where_the_leader_names_nothing) {
  initial_data data = following(10);
  data.on_created(1, 0);
  step next = entry(data, 11, 0);
  for (int round = 0; next == step::locate; ++round) {
    ASSERT_LT(round, 100);
    EXPECT_EQ(located(data, std::nullopt), step::wait);
    next = data.on_idle(12 + static_cast<std::uint64_t>(round));
  }
  EXPECT_EQ(next, step::begin_again);
  EXPECT_FALSE(data.complete());
}

TEST(initial_data, waits_for_all_answers) {
  initial_data data = following(10);
  data.on_created(1, 0);
  EXPECT_EQ(entry(data, 11, 0), step::locate);
  data.asked(2);
  data.on_located(3);
  EXPECT_TRUE(data.is_asking());
  EXPECT_EQ(data.check(), step::wait);
  EXPECT_EQ(data.on_idle(11), step::wait);
  EXPECT_FALSE(data.complete());
  data.on_located(11);
  EXPECT_FALSE(data.is_asking());
  EXPECT_TRUE(data.complete());
}

// What was removed is not delivered: a heartbeat shows that nothing more comes.
TEST(initial_data, that_is_short_of_the_count_is_asked_for_its_end_when_idle) {
  initial_data data = following(10);
  data.on_created(3, 0);
  EXPECT_EQ(entry(data, 4, 2), step::wait);
  EXPECT_EQ(data.on_idle(9), step::locate);
  EXPECT_EQ(located(data, 9), step::wait);
  EXPECT_TRUE(data.complete());
}

TEST(initial_data, counts_what_comes_twice_once) {
  initial_data data = following(10);
  data.on_created(2, 0);
  EXPECT_EQ(entry(data, 4, 1), step::wait);
  EXPECT_EQ(entry(data, 4, 1), step::wait);
  EXPECT_FALSE(data.complete());
}

// --- replicas that are behind ----------------------------------------------------------------------------------------------

TEST(initial_data, of_a_replica_has_to_show_the_boundary) {
  initial_data data = following(10);
  data.prove_boundary();
  data.on_created(1, 0);
  EXPECT_EQ(entry(data, 4, 0), step::wait);
  EXPECT_FALSE(data.complete());
  EXPECT_EQ(entry(data, 10, 0), step::wait);
  EXPECT_TRUE(data.complete());
}

TEST(initial_data, of_a_replica_has_to_show_what_the_leader_has_of_each_filter) {
  initial_data data = following(10);
  data.asked(2);
  data.on_located(3);
  data.on_located(7);
  data.on_created(1, 0);
  EXPECT_EQ(entry(data, 4, 0), step::wait);
  EXPECT_FALSE(data.complete());
  EXPECT_EQ(entry(data, 7, 0), step::wait);
  EXPECT_TRUE(data.complete());
}

TEST(initial_data, of_a_replica_has_to_show_nothing_from_after_the_boundary) {
  for (const delivery how : {delivery::in_order, delivery::walk}) {
    initial_data data = following(10, how);
    data.asked(1);
    data.on_located(99);  // written after the boundary was read
    data.on_created(1, 0);
    EXPECT_EQ(entry(data, 10, 0), step::wait);
    EXPECT_TRUE(data.complete());
  }
}

TEST(initial_data, of_a_replica_that_has_shown_the_boundary_waits_for_no_answer) {
  initial_data data = following(10);
  data.asked(1);
  data.on_created(1, 0);
  EXPECT_EQ(entry(data, 10, 0), step::wait);
  EXPECT_TRUE(data.is_asking());
  EXPECT_TRUE(data.complete());
}

TEST(initial_data, of_a_replica_has_to_show_the_boundary_where_the_leader_does_not_answer) {
  initial_data data = following(10);
  data.asked(1);
  data.on_located(std::nullopt);
  data.on_created(1, 0);
  EXPECT_EQ(entry(data, 9, 0), step::wait);
  EXPECT_FALSE(data.complete());
}

TEST(initial_data, of_a_replica_that_stays_behind_begins_again) {
  initial_data data = following(10);
  data.prove_boundary();
  data.on_created(0, 3);
  EXPECT_EQ(data.check(), step::wait);
  EXPECT_EQ(data.on_idle(3), step::wait);
  EXPECT_EQ(data.on_idle(4), step::wait);
  EXPECT_EQ(data.on_idle(5), step::begin_again);
  EXPECT_FALSE(data.complete());
}

// --- lists -------------------------------------------------------------------------------------------------------------------

TEST(initial_data, of_a_walk_does_not_believe_what_is_pending) {
  initial_data data = following(10, delivery::walk);
  data.on_created(2, 0);
  EXPECT_EQ(entry(data, 4, 0), step::wait);
  EXPECT_FALSE(data.complete());
  EXPECT_EQ(entry(data, 9, 7), step::wait);
  EXPECT_TRUE(data.complete());
}

TEST(initial_data, of_a_walk_that_comes_to_what_was_written_after_it_goes_on_by_sequence) {
  initial_data data = following(10, delivery::walk);
  data.on_created(2, 0);
  EXPECT_EQ(entry(data, 11, 0), step::follow);
  EXPECT_FALSE(data.complete());
}

TEST(initial_data, of_a_walk_that_stops_in_the_middle_gets_a_new_list) {
  initial_data data = following(10, delivery::walk);
  data.on_created(2, 0);
  EXPECT_EQ(data.on_idle(4), step::list_again);
  EXPECT_EQ(data.on_idle(10), step::follow) << "it has come to its end, and was short";
}

TEST(initial_data, of_an_old_walk_waits_in_the_middle) {
  initial_data data = following(10, delivery::old_walk);
  data.on_created(2, 0);
  EXPECT_EQ(data.on_idle(4), step::wait);
  EXPECT_EQ(data.on_idle(10), step::follow);
}

TEST(initial_data, of_an_old_walk_is_complete_only_where_nothing_was_written) {
  initial_data quiet = following(10, delivery::old_walk);
  quiet.on_created(2, 0);
  EXPECT_EQ(entry(quiet, 4, 1), step::wait);
  EXPECT_EQ(entry(quiet, 10, 0), step::wait);
  EXPECT_TRUE(quiet.complete());

  initial_data pending = following(10, delivery::old_walk);
  pending.on_created(1, 0);
  EXPECT_EQ(entry(pending, 4, 1), step::follow);

  initial_data twice = following(10, delivery::old_walk);
  twice.on_created(2, 0);
  EXPECT_EQ(entry(twice, 4, 1), step::wait);
  EXPECT_EQ(entry(twice, 4, 0), step::wait);
  EXPECT_EQ(entry(twice, 10, 0), step::follow);
  EXPECT_FALSE(twice.complete());
}

TEST(initial_data, that_is_skipped_needs_nothing) {
  initial_data data = following(10, delivery::walk);
  data.skip();
  data.on_created(5, 0);
  EXPECT_EQ(entry(data, 11, 4), step::wait);
  EXPECT_EQ(data.on_idle(4), step::wait);
  EXPECT_TRUE(data.complete());
}

}  // namespace
}  // namespace kvco::core
