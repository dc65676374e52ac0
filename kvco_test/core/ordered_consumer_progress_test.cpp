// The initial data over a line that is cut again and again: each beginning goes on where the one before it was cut.
#include <gtest/gtest.h>
#include <kvco_test/support/simulation/watch_plans.hpp>
#include <kvco_test/support/slice.hpp>

#include <algorithm>

namespace kvco::test {
namespace {

using jetstream::deliver_policy;

constexpr std::uint64_t per_connection = 30;  // messages

simulation_plan many_keys(generation server, std::size_t history, unsigned seed) {
  simulation_plan plan;
  plan.server = server;
  plan.history = history;
  plan.keys = 200;
  plan.writes_before = 600;
  plan.writes = 0;
  plan.window = 1 << 20;
  plan.longest_wait = std::chrono::seconds(1);
  plan.seed = seed;
  return plan;
}

std::uint64_t stored(watch_simulation& run) {
  const auto& log = run.server().stream().log();
  return static_cast<std::uint64_t>(
      std::count_if(log.begin(), log.end(), [](const written& message) { return message.stored; }));
}

// Until the initial data is complete, or in so many steps. Returns the connections that it took.
std::uint64_t run_over_cuts(watch_simulation& run) {
  std::uint64_t connections = 1, limit = per_connection;
  for (int step = 0; step < 60'000 && !run.consumer().initial_complete(); ++step) {
    run.run(1);
    if (run.received() < limit || run.consumer().initial_complete()) continue;
    run.inject(fault::cut);
    limit = run.received() + per_connection;
    ++connections;
  }
  return connections;
}

void expect_complete(watch_simulation& run, const std::string& name) {
  EXPECT_TRUE(run.consumer().initial_complete()) << name;
  run.settle();
  EXPECT_TRUE(run.problems().empty()) << name << told(run.problems());
}

// With a history of one every message is a key's last one: what was delivered is not delivered again.
// field: M2
TEST(ordered_consumer_progress, each_message_comes_once_where_the_history_is_one) {
  for (const generation server : {generation::v2_9, generation::v2_10, generation::v2_15}) {
    for (std::size_t number = 0; number < runs_of(20, 2); ++number) {
      watch_simulation run(many_keys(server, 1, seed_of(number)));
      const std::uint64_t all = stored(run);
      EXPECT_LE(run_over_cuts(run), all / per_connection + 1);
      EXPECT_EQ(run.received(), all);
      expect_complete(run, many_keys(server, 1, seed_of(number)).name());
      if (testing::Test::HasFailure()) return;
    }
  }
}

// A list of last revisions can only be asked for from its beginning. That is tried once; where a connection carries no more
// of it than was there before, the rest comes by sequence.
// field: M2
TEST(ordered_consumer_progress, no_two_beginnings_repeat_the_same_with_a_history) {
  for (const generation server : {generation::v2_9, generation::v2_10, generation::v2_15}) {
    for (std::size_t number = 0; number < runs_of(20, 2); ++number) {
      watch_simulation run(many_keys(server, 5, seed_of(number)));
      const std::uint64_t all = stored(run);
      EXPECT_LE(run_over_cuts(run), all / per_connection + 2);
      EXPECT_LE(run.received(), all + per_connection);
      expect_complete(run, many_keys(server, 5, seed_of(number)).name());
      if (testing::Test::HasFailure()) return;
    }
  }
}

// One cut costs less than the revisions of the history would: the list is asked for again, and each key comes once.
TEST(ordered_consumer_progress, one_cut_brings_no_revision_that_was_replaced) {
  for (const generation server : {generation::v2_9, generation::v2_10, generation::v2_15}) {
    watch_simulation run(many_keys(server, 5, 1));
    while (run.received() < per_connection) run.run(1);
    run.inject(fault::cut);
    run.settle();
    EXPECT_EQ(run.given(), run.server().stream().keys().size());
    expect_complete(run, many_keys(server, 5, 1).name());
  }
}

}  // namespace
}  // namespace kvco::test
