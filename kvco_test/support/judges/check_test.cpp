// Each checker passes a good history and finds each kind of violation in a bad one: a judge that lets everything pass
// would prove nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <kvco_test/support/judges/check_operations.hpp>
#include <kvco_test/support/judges/check_watches.hpp>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

moment at(int second) { return moment(std::chrono::seconds(1000 + second)); }

/// A history by hand: each write has a value of its own, times are seconds.
class check_test : public testing::Test {
 protected:
  operation_record& add(action what, std::string_view key, int begin, int end, result how, revision rev = 0,
                        revision expected = 0) {
    operation_record op;
    op.what = what;
    op.how = how;
    op.completions = how == result::open ? 0 : 1;
    op.key = ops.key(key);
    op.value = stores_value(what) ? ops.next_value() : 0;
    op.expected = expected;
    op.rev = rev;
    op.begin = at(begin);
    op.end = at(end);
    op.timeout = 10s;
    return ops.add(op);
  }
  operation_record& ok(action what, std::string_view key, int begin, int end, revision rev,
                       revision expected = 0) {
    return add(what, key, begin, end, result::ok, rev, expected);
  }
  /// A write that was acknowledged and is stored.
  operation_record& write(action what, std::string_view key, int begin, int end, revision rev,
                          revision expected = 0) {
    operation_record& op = ok(what, key, begin, end, rev, expected);
    store(op, rev);
    return op;
  }
  operation_record& read(action what, std::string_view key, int begin, int end, revision rev,
                         std::uint64_t value) {
    operation_record& op = ok(what, key, begin, end, rev);
    op.value = value;
    return op;
  }
  void store(const operation_record& op, revision rev) {
    operation what = operation::put;
    if (op.what == action::erase) what = operation::erase;
    if (op.what == action::purge) what = operation::purge;
    stored.push_back({rev, op.key, what, op.value});
  }
  watch_record& watch(watch_record::start where = watch_record::start::last) {
    watch_record& made = ops.watches.emplace_back();
    made.name = "w";
    made.where = where;
    made.begin = at(0);
    made.initial_ends = 1;
    made.initial_at = at(0);
    return made;
  }
  static void give(watch_record& to, const seen_revision& m) {
    to.entries.push_back({m.rev, m.key, m.op, m.value});
  }
  stored_stream truth() {
    std::sort(stored.begin(), stored.end(), [](const auto& a, const auto& b) { return a.rev < b.rev; });
    return stored_stream(stored, kept);
  }
  /// All that the checkers say.
  std::string judge() {
    verdict found;
    const stored_stream all = truth();
    const attribution by(ops, all, found);
    check_completion(ops, 1s, found);
    check_effects(ops, all, by, found);
    check_linearizable(ops, all, by, found);
    check_creates(ops, all, found);
    check_sessions(ops, all, by, found);
    for (const watch_record& one : ops.watches) {
      check_order(one, ops, all, by, found);
      check_complete(one, ops, all, by, found);
      check_initial(one, ops, all, found);
      if (sentinel != 0) check_live(one, sentinel, found);
    }
    return found.text();
  }
  static testing::Matcher<std::string> only(std::string checker, std::string words = {}) {
    return testing::AllOf(testing::StartsWith(checker + ": 1 violations"), HasSubstr(words),
                          testing::Not(HasSubstr("\nV")));
  }

  history ops;
  std::vector<seen_revision> stored;
  std::size_t kept = 64;
  revision sentinel = 0;
};

TEST_F(check_test, a_good_history_is_clean) {
  write(action::create, "a", 0, 1, 1);
  write(action::update, "a", 2, 3, 2, 1);
  add(action::update, "a", 2, 4, result::refused, 0, 1);
  store(add(action::put, "a", 5, 6, result::unknown), 3);  // it was stored
  add(action::put, "a", 5, 6, result::unknown);            // this one was not
  read(action::leader_get, "a", 7, 8, 3, 4);
  write(action::erase, "a", 9, 10, 4, 3);
  read(action::leader_get, "a", 11, 12, 0, 0);
  write(action::create, "a", 13, 14, 5);
  read(action::get, "a", 15, 16, 3, 4).session = 1;  // a replica that lags, and another client
  EXPECT_EQ(judge(), "");
}

TEST_F(check_test, values_carry_their_number) {
  EXPECT_EQ(history::value_of(history::text_of(17, 100)), 17u);
  EXPECT_EQ(history::text_of(17, 100).size(), 100u);
  EXPECT_EQ(history::value_of(""), 0u);
  EXPECT_EQ(history::value_of("17"), 0u);
}

// V1

TEST_F(check_test, an_operation_that_never_completes) {
  add(action::get, "a", 0, 1, result::open);
  EXPECT_THAT(judge(), only("V1", "completed 0 times"));
}
TEST_F(check_test, an_operation_that_completes_twice) {
  add(action::get, "a", 0, 1, result::ok).completions = 2;
  EXPECT_THAT(judge(), only("V1", "completed 2 times"));
}
TEST_F(check_test, an_operation_that_is_late) {
  add(action::put, "a", 0, 12, result::unknown);
  EXPECT_THAT(judge(), only("V1", "late by 2000 ms"));
}

// V2

TEST_F(check_test, a_lost_acknowledged_write) {
  ok(action::put, "a", 0, 1, 1);
  EXPECT_THAT(judge(), only("V2", "acknowledged and lost"));
}
TEST_F(check_test, a_write_that_history_has_pushed_out_is_not_lost) {
  kept = 2;
  ok(action::put, "a", 0, 1, 1);
  write(action::put, "a", 2, 3, 2);
  write(action::put, "a", 4, 5, 3);
  EXPECT_EQ(judge(), "");
  kept = 3;
  EXPECT_THAT(judge(), only("V2", "acknowledged and lost"));
}
TEST_F(check_test, a_write_that_was_purged_is_not_lost) {
  ok(action::put, "a", 0, 1, 1);
  write(action::purge, "a", 2, 3, 2);
  EXPECT_EQ(judge(), "");
}
TEST_F(check_test, the_ghost_of_a_refused_write) {
  store(add(action::put, "a", 0, 1, result::refused), 1);
  EXPECT_THAT(judge(), only("V2", "a ghost"));
}
TEST_F(check_test, what_servers_were_seen_to_contradict_proves_nothing) {
  store(add(action::put, "a", 0, 1, result::refused), 1);
  write(action::put, "a", 2, 3, 2);
  read(action::leader_get, "a", 4, 5, 1, 1);
  ops.operations[0].contradicted = ops.operations[2].contradicted = true;
  EXPECT_EQ(judge(), "");
  ops.operations[2].contradicted = false;
  EXPECT_THAT(judge(), only("V3", "came after"));
}
TEST_F(check_test, a_value_that_is_stored_twice) {
  store(write(action::put, "a", 0, 1, 1), 2);
  EXPECT_THAT(judge(), HasSubstr("stored twice"));
}
TEST_F(check_test, a_value_that_nobody_wrote) {
  stored.push_back({1, ops.key("a"), operation::put, 77});
  EXPECT_THAT(judge(), only("V2", "nobody wrote"));
}
TEST_F(check_test, a_marker_that_nobody_wrote) {
  write(action::put, "a", 0, 1, 1);
  stored.push_back({2, ops.key("a"), operation::erase, 0});
  EXPECT_THAT(judge(), only("V2", "nobody wrote"));
}
TEST_F(check_test, a_refused_marker_is_stored_only_where_servers_were_seen_to_contradict) {
  write(action::put, "a", 0, 1, 1);
  const operation_record& refused = add(action::erase, "a", 2, 3, result::refused, 0, 1);
  stored.push_back({2, ops.key("a"), operation::erase, 0});
  EXPECT_THAT(judge(), only("V2", "nobody wrote"));
  EXPECT_THAT(judge(), HasSubstr("perhaps erase of a, expecting 1"));
  verdict seen;
  const stored_stream all = truth();
  EXPECT_EQ(attribution(ops, all, seen, {2}).landed(refused), 2u);
  EXPECT_TRUE(seen.clean());
  EXPECT_EQ(attribution(ops, all, seen, {1}).landed(refused), 0u) << "another revision";
}
TEST_F(check_test, a_marker_of_unknown_outcome_is_that_of_whoever_expected_it) {
  write(action::put, "a", 0, 1, 1);
  add(action::erase, "a", 2, 3, result::unknown, 0, 9);
  const operation_record& right = add(action::erase, "a", 2, 3, result::unknown, 0, 1);
  stored.push_back({2, ops.key("a"), operation::erase, 0});
  EXPECT_EQ(judge(), "");
  verdict ignored;
  const stored_stream all = truth();
  EXPECT_EQ(attribution(ops, all, ignored).landed(right), 2u);
}
TEST_F(check_test, one_revision_for_two_operations) {
  write(action::put, "a", 0, 1, 1);
  ok(action::put, "b", 0, 1, 1);
  EXPECT_THAT(judge(), HasSubstr("given one revision"));
}
TEST_F(check_test, an_acknowledgement_with_another_revision_than_the_stored) {
  store(ok(action::put, "a", 0, 1, 5), 4);
  EXPECT_THAT(judge(), only("V2", "not as acknowledged"));
}

// V3

TEST_F(check_test, a_compare_and_set_over_another_revision) {
  write(action::put, "a", 0, 1, 1);
  write(action::put, "a", 2, 3, 2);
  write(action::update, "a", 4, 5, 3, 1);
  EXPECT_THAT(judge(), only("V3", "stored as 3 behind 2"));
}
TEST_F(check_test, a_compare_and_set_of_unknown_outcome_over_another_revision) {
  write(action::put, "a", 0, 1, 1);
  write(action::put, "a", 2, 3, 2);
  store(add(action::update, "a", 4, 5, result::unknown, 0, 1), 3);
  EXPECT_THAT(judge(), only("V3", "behind 2"));
}
TEST_F(check_test, an_erase_over_another_revision) {
  write(action::put, "a", 0, 1, 1);
  write(action::put, "a", 2, 3, 2);
  write(action::erase, "a", 4, 5, 3, 1);
  EXPECT_THAT(judge(), only("V3", "behind 2"));
}
TEST_F(check_test, revisions_against_real_time) {
  write(action::put, "a", 0, 1, 2);
  write(action::put, "a", 2, 3, 1);
  EXPECT_THAT(judge(), only("V3", "came after"));
}
TEST_F(check_test, writes_at_the_same_time_may_stand_in_any_order) {
  write(action::put, "a", 0, 2, 2);
  write(action::put, "a", 1, 3, 1);
  EXPECT_EQ(judge(), "");
}
TEST_F(check_test, a_write_of_unknown_outcome_may_be_stored_late) {
  const operation_record& slow = add(action::put, "a", 0, 1, result::unknown);
  write(action::put, "a", 2, 3, 1);
  store(slow, 2);
  EXPECT_EQ(judge(), "");
}
TEST_F(check_test, a_stale_read_of_the_leader) {
  write(action::put, "a", 0, 1, 1);
  write(action::put, "a", 2, 3, 2);
  read(action::leader_get, "a", 4, 5, 1, 1);
  EXPECT_THAT(judge(), only("V3", "came after"));
}
TEST_F(check_test, reads_of_the_leader_that_go_back) {
  write(action::put, "a", 0, 1, 1);
  write(action::put, "a", 2, 9, 2);
  read(action::leader_get, "a", 3, 4, 2, 2);
  read(action::leader_get, "a", 5, 6, 1, 1);
  EXPECT_THAT(judge(), only("V3", "came after"));
}
TEST_F(check_test, absence_that_is_over) {
  write(action::put, "a", 0, 1, 1);
  read(action::leader_get, "a", 2, 3, 0, 0);
  EXPECT_THAT(judge(), only("V3", "found nothing, in spite of"));
}
TEST_F(check_test, absence_before_the_deletion) {
  write(action::put, "a", 0, 1, 1);
  read(action::leader_get, "a", 2, 3, 0, 0);
  write(action::erase, "a", 4, 5, 2);
  EXPECT_THAT(judge(), only("V3", "came after"));
}
TEST_F(check_test, absence_while_it_is_deleted_and_written_again) {
  write(action::put, "a", 0, 1, 1);
  write(action::erase, "a", 2, 9, 2);
  read(action::leader_get, "a", 3, 4, 0, 0);
  write(action::put, "a", 5, 6, 3);
  EXPECT_EQ(judge(), "");
  read(action::leader_get, "a", 7, 8, 0, 0);
  EXPECT_THAT(judge(), only("V3", "found nothing, in spite of"));
}
TEST_F(check_test, a_read_of_what_is_not_stored) {
  read(action::get, "a", 0, 1, 5, 5);
  EXPECT_THAT(judge(), HasSubstr("read what is not stored"));
}
TEST_F(check_test, a_read_of_a_wrong_value) {
  write(action::put, "a", 0, 1, 1);
  read(action::get, "a", 2, 3, 1, 99);
  EXPECT_THAT(judge(), only("V3", "another value"));
}
TEST_F(check_test, a_read_of_the_future) {
  read(action::get, "a", 0, 1, 1, 1);
  write(action::put, "a", 2, 3, 1);
  EXPECT_THAT(judge(), only("V3", "written later"));
}

// P5

TEST_F(check_test, a_read_that_goes_behind_an_own_write) {
  const operation_record& first = write(action::put, "a", 0, 1, 1);
  const std::uint64_t old = first.value;
  write(action::put, "a", 2, 3, 2);
  read(action::get, "a", 4, 5, 1, old);
  EXPECT_THAT(judge(),
              testing::AllOf(HasSubstr("P5: 1 violations"), HasSubstr("went back behind - put of a")));
}
TEST_F(check_test, a_read_that_goes_behind_another_read) {
  const std::uint64_t old = write(action::put, "a", 0, 1, 1).value;
  const std::uint64_t later = write(action::put, "a", 2, 3, 2).value;
  read(action::get, "a", 4, 5, 2, later).session = 1;
  read(action::get, "a", 6, 7, 1, old).session = 1;
  EXPECT_THAT(judge(), HasSubstr("went back behind - get of a"));
  ops.operations.back().contradicted = true;
  EXPECT_EQ(judge(), "");
  ops.operations.back().contradicted = false;
  ops.operations.back().session = 2;
  EXPECT_EQ(judge(), "") << "another handle";
  ops.operations.back().session = 1;
  ops.operations.back().begin = at(5);
  EXPECT_EQ(judge(), "") << "both at the same time";
}
TEST_F(check_test, a_read_that_does_not_find_an_own_write) {
  write(action::put, "a", 0, 1, 1);
  read(action::get, "a", 2, 3, 0, 0);
  EXPECT_THAT(judge(), HasSubstr("went back behind"));
  const std::size_t erase = ops.operations.size();
  write(action::erase, "a", 2, 3, 2);
  EXPECT_EQ(judge(), "");
  ops.operations[erase].begin = ops.operations[erase].end = at(4);
  EXPECT_THAT(judge(), HasSubstr("went back behind")) << "deleted later";
}
TEST_F(check_test, a_read_that_finds_what_the_handle_has_deleted) {
  const std::uint64_t old = write(action::put, "a", 0, 1, 1).value;
  write(action::erase, "a", 2, 3, 2);
  read(action::get, "a", 4, 5, 1, old);
  EXPECT_THAT(judge(), HasSubstr("went back behind - erase of a"));
}

// V4

TEST_F(check_test, two_creators_that_both_win) {
  write(action::create, "a", 0, 5, 1);
  write(action::create, "a", 0, 5, 2);
  const std::string words = judge();
  EXPECT_THAT(words, HasSubstr("two winners"));
  EXPECT_THAT(words, HasSubstr("over the value of 1"));
}
TEST_F(check_test, two_creators_that_both_win_before_a_purge) {
  ok(action::create, "a", 0, 5, 1);
  ok(action::create, "a", 0, 5, 2);
  write(action::purge, "a", 6, 7, 3);
  EXPECT_THAT(judge(), only("V4", "two winners"));
}
TEST_F(check_test, creators_with_deletions_between_them) {
  write(action::create, "a", 0, 1, 1);
  add(action::erase, "a", 2, 3, result::unknown);
  stored.push_back({2, ops.key("a"), operation::erase, 0});
  write(action::create, "a", 4, 5, 3);
  EXPECT_EQ(judge(), "");
}

// V5 to V8

class watch_check_test : public check_test {
 protected:
  watch_check_test() {
    for (int i = 1; i <= 6; ++i) write(action::put, i % 2 == 1 ? "a" : "b", i, i, static_cast<revision>(i));
  }
  watch_record& give_all(watch_record& to) {
    for (const seen_revision& m : stored) give(to, m);
    return to;
  }
};

TEST_F(watch_check_test, good_watches_are_clean) {
  give_all(watch());
  give_all(watch(watch_record::start::history));
  watch_record& late = watch();
  late.begin = late.initial_at = at(4);
  late.begin += 500ms;
  late.initial_at += 500ms;
  for (const std::size_t i : {2u, 3u, 4u, 5u}) give(late, stored[i]);
  late.initial_size = 2;
  watch_record& updates = watch(watch_record::start::updates);
  updates.initial_at = at(3) + 500ms;
  for (const std::size_t i : {3u, 4u, 5u}) give(updates, stored[i]);
  watch_record& from = watch(watch_record::start::from);
  from.from = 5;
  for (const std::size_t i : {4u, 5u}) give(from, stored[i]);
  watch_record& one = watch();
  one.filters = {"a"};
  for (const std::size_t i : {0u, 2u, 4u}) give(one, stored[i]);
  EXPECT_EQ(judge(), "");
}
TEST_F(watch_check_test, an_entry_twice) {
  watch_record& w = give_all(watch());
  w.entries.insert(w.entries.begin() + 2, w.entries[1]);
  EXPECT_THAT(judge(), only("V5", "came after revision 2"));
}
TEST_F(watch_check_test, entries_out_of_order) {
  watch_record& w = give_all(watch(watch_record::start::from));
  w.from = 7;  // nothing is required, so that only the order is wrong
  std::swap(w.entries[1], w.entries[2]);
  EXPECT_THAT(judge(), only("V5", "came after"));
}
TEST_F(watch_check_test, an_entry_that_was_never_stored) {
  give_all(watch()).entries.push_back({9, 0, operation::put, 1});
  EXPECT_THAT(judge(), only("V5", "is not stored"));
}
TEST_F(watch_check_test, an_entry_with_another_value) {
  give_all(watch()).entries[3].value = 77;
  EXPECT_THAT(judge(), only("V5", "but stored is"));
}
TEST_F(watch_check_test, an_entry_that_was_not_asked_for) {
  give_all(watch()).filters = {"a"};
  EXPECT_THAT(judge(), HasSubstr("none that was asked for"));
}
TEST_F(watch_check_test, a_deletion_that_was_to_be_left_out) {
  write(action::erase, "a", 7, 7, 7);
  give_all(watch()).ignore_deletes = true;
  EXPECT_THAT(judge(), only("V5", "is a deletion"));
}
TEST_F(watch_check_test, a_gap_in_the_live_data) {
  watch_record& w = give_all(watch());
  w.entries.erase(w.entries.begin() + 3);
  EXPECT_THAT(judge(), only("V6", "lacks revision 4"));
}
TEST_F(watch_check_test, a_gap_in_updates) {
  watch_record& w = give_all(watch(watch_record::start::updates));
  w.entries.erase(w.entries.begin() + 3);
  EXPECT_THAT(judge(), only("V6", "lacks revision 4"));
}
TEST_F(watch_check_test, updates_that_begin_too_late) {
  watch_record& w = give_all(watch(watch_record::start::updates));
  w.entries.erase(w.entries.begin());
  EXPECT_THAT(judge(), only("V6", "lacks revision 1"));
}
TEST_F(watch_check_test, a_gap_in_the_history) {
  watch_record& w = give_all(watch(watch_record::start::history));
  w.initial_at = at(9);
  w.initial_size = 5;
  w.entries.erase(w.entries.begin() + 1);
  EXPECT_THAT(judge(), only("V6", "lacks revision 2"));
}
TEST_F(watch_check_test, a_gap_behind_the_place_to_resume_from) {
  watch_record& w = watch(watch_record::start::from);
  w.from = 4;
  for (const std::size_t i : {4u, 5u}) give(w, stored[i]);
  EXPECT_THAT(judge(), only("V6", "lacks revision 4"));
}
TEST_F(watch_check_test, a_key_that_never_comes) {
  watch_record& w = watch();
  w.initial_at = at(9);
  give(w, stored[5]);
  EXPECT_THAT(judge(), only("V6", "nothing of the key of revision 5"));
}
TEST_F(watch_check_test, what_history_has_pushed_out_need_not_come) {
  stored.erase(stored.begin());  // revision 1 of "a"
  kept = 2;
  EXPECT_EQ(judge(), "");
  watch_record& w = give_all(watch(watch_record::start::history));
  EXPECT_EQ(judge(), "");
  w.entries.insert(w.entries.begin(), {1, ops.key("a"), operation::put, 1});  // it may have come, too
  EXPECT_EQ(judge(), "");
  w.entries[0].value = 77;
  EXPECT_THAT(judge(), only("V5", "was written by"));
}
TEST_F(watch_check_test, an_end_of_the_initial_data_that_is_missing_or_comes_twice) {
  give_all(watch()).initial_ends = 0;
  EXPECT_THAT(judge(), only("V7", "ended 0 times"));
  ops.watches.back().initial_ends = 2;
  EXPECT_THAT(judge(), only("V7", "ended 2 times"));
}
TEST_F(watch_check_test, an_end_of_the_initial_data_that_comes_too_early) {
  watch_record& w = give_all(watch());
  w.begin = at(9);
  w.initial_size = 5;
  EXPECT_THAT(judge(), only("V7", "ended without put of b"));
}
TEST_F(watch_check_test, an_end_that_the_servers_have_told_excuses_only_what_is_behind_it) {
  watch_record& w = give_all(watch());
  w.begin = at(9);
  w.initial_size = 5;
  w.told_end = 5;
  EXPECT_EQ(judge(), "");
  w.told_end = 6;
  EXPECT_THAT(judge(), only("V7", "ended without put of b"));
}
TEST_F(watch_check_test, a_key_that_is_purged_before_its_turn_is_not_missed) {
  watch_record& w = give_all(watch());
  w.begin = at(9);
  w.initial_at = at(12);
  w.initial_size = 5;
  EXPECT_THAT(judge(), only("V7", "ended without put of b"));
  operation_record& purge = add(action::purge, "b", 10, 11, result::unknown);
  EXPECT_EQ(judge(), "");
  purge.begin = at(13);
  EXPECT_THAT(judge(), only("V7", "ended without put of b"));
}
TEST_F(watch_check_test, a_deleted_key_is_not_missed_where_deletions_are_left_out) {
  write(action::erase, "b", 7, 7, 7);
  watch_record& w = watch();
  w.begin = w.initial_at = at(9);
  w.ignore_deletes = true;
  give(w, stored[4]);
  w.initial_size = 1;
  EXPECT_EQ(judge(), "");
}
TEST_F(watch_check_test, a_watch_that_does_not_see_the_last_revision) {
  sentinel = write(action::put, "a", 7, 7, 7).rev;
  watch_record& w = give_all(watch());
  EXPECT_EQ(judge(), "");
  w.entries.pop_back();
  EXPECT_THAT(judge(), only("V8", "has not seen revision 7"));
  w.failure = "timeout";
  EXPECT_THAT(judge(), only("V8", "ended: timeout"));
}

}  // namespace
}  // namespace kvco::test
