// A watch under every fault at every step, against a simulated server: core/ordered_consumer.cpp.
#include <gtest/gtest.h>
#include <kvco_test/support/simulation/watch_plans.hpp>
#include <kvco_test/support/slice.hpp>

#include <string>
#include <vector>

namespace kvco::test {
namespace {

constexpr int steps = 120;

std::vector<int> some_steps() {
  std::vector<int> some;
  for (const std::size_t step : slice(0, steps - 1, 8)) some.push_back(static_cast<int>(step));
  return some;
}

// Catches up, leaves at most an orphan, asks no more often than it may.
void expect_recovery(watch_simulation& run, const std::string& name) {
  run.settle();
  run.check_traces();
  EXPECT_FALSE(run.consumer().ended()) << name << ": " << run.consumer().code().message();
  EXPECT_TRUE(run.problems().empty()) << name << told(run.problems());
}

// fault: 50, 51, 53, 73
TEST(ordered_consumer_recovery, each_fault_at_each_step) {
  for (const fault what : passing_faults()) {
    for (const int step : some_steps()) {
      if (testing::Test::HasFailure()) return;
      for_each_plan(seed_of(static_cast<std::size_t>(step) * 31 + static_cast<std::size_t>(what)),
                    [&](const simulation_plan& plan) {
                      watch_simulation run(plan);
                      run.run(step);
                      run.inject(what);
                      run.run(steps - step);
                      expect_recovery(run, plan.name() + ", " + std::string(to_string(what)) + " at step " +
                                               std::to_string(step));
                    });
    }
  }
}

TEST(ordered_consumer_recovery, two_cuts_at_each_step) {
  for (const int step : some_steps()) {
    if (testing::Test::HasFailure()) return;
    for_each_plan(seed_of(static_cast<std::size_t>(step)), [&](const simulation_plan& plan) {
      watch_simulation run(plan);
      run.run(step);
      run.inject(fault::cut_during_calls);
      run.run(1 + step % 40);
      run.inject(fault::cut);
      run.run(steps - step);
      expect_recovery(run, plan.name() + ", cuts at step " + std::to_string(step));
    });
  }
}

// fault: 73, 85
TEST(ordered_consumer_recovery, random_faults) {
  for (std::size_t i = 0; i < runs_of(1000, 8) && !testing::Test::HasFailure(); ++i) {
    const unsigned seed = seed_of(i);
    for_each_plan(seed, [&](const simulation_plan& plan) {
      watch_simulation run(plan);
      for (unsigned faults = 1 + seed % 8; faults > 0; --faults) {
        run.run(static_cast<int>(run.random()() % 50));
        run.inject(passing_faults()[run.random()() % passing_faults().size()]);
      }
      expect_recovery(run, plan.name());
    });
  }
}

// fault: 54
TEST(ordered_consumer_recovery, the_stream_goes_at_each_step) {
  for (const fault what : {fault::delete_stream, fault::recreate_stream}) {
    for (const int step : some_steps()) {
      if (testing::Test::HasFailure()) return;
      for_each_plan(seed_of(static_cast<std::size_t>(step)), [&](const simulation_plan& plan) {
        watch_simulation run(plan);
        run.run(step);
        const bool stood = run.consumer().established();
        run.inject(what);
        run.run(steps - step);
        run.settle();
        run.check_traces();
        const std::string name =
            plan.name() + ", " + std::string(to_string(what)) + " at step " + std::to_string(step);
        EXPECT_TRUE(run.problems().empty()) << name << told(run.problems());
        const error_code& code = run.consumer().code();
        if (what == fault::delete_stream) {
          EXPECT_TRUE(run.consumer().ended()) << name;
          EXPECT_EQ(code, run.consumer().established() ? errc::bucket_deleted : errc::bucket_not_found)
              << name;
        } else if (stood) {
          EXPECT_EQ(code, errc::bucket_recreated) << name;
        }
      });
    }
  }
}

// The resumed watch looks at the stream, the stream is replaced, the watch creates its consumer on the new one.
// fault: 54
TEST(ordered_consumer_recovery, the_stream_is_replaced_while_a_watch_resumes) {
  for (const int step : some_steps()) {
    if (testing::Test::HasFailure()) return;
    for_each_plan(seed_of(static_cast<std::size_t>(step)), [&](const simulation_plan& plan) {
      watch_simulation run(plan);
      run.run(60);
      const bool stood = run.consumer().established();
      run.inject(fault::cut);
      run.run(step);
      run.inject(fault::recreate_stream);
      run.run(40);
      run.settle();
      const std::string name = plan.name() + ", replaced at step " + std::to_string(step);
      EXPECT_TRUE(run.problems().empty()) << name << told(run.problems());
      if (stood) {
        EXPECT_EQ(run.consumer().code(), errc::bucket_recreated) << name;
      }
    });
  }
}

// fault: 75
TEST(ordered_consumer_recovery, stopped_at_each_step_it_leaves_nothing) {
  for (const int step : some_steps()) {
    for_each_plan(seed_of(static_cast<std::size_t>(step)), [&](const simulation_plan& plan) {
      watch_simulation run(plan);
      run.run(step);
      run.stop();
      EXPECT_TRUE(run.consumer().ended());
      EXPECT_FALSE(run.consumer().code());
      EXPECT_TRUE(run.server().consumers().empty()) << plan.name() << ", stopped at step " << step;
      const std::uint64_t given = run.given();
      run.run(20);
      EXPECT_EQ(run.given(), given);
      EXPECT_FALSE(run.consumer().has_commands());
    });
  }
}

// A server on which no consumer ever works: few attempts, at growing distances, and all that are left behind go.
// fault: 52
TEST(ordered_consumer_recovery, no_storm) {
  for_each_plan(2, [&](const simulation_plan& plan) {
    watch_simulation run(plan);
    const core::time_point begin = run.now();
    while (run.now() - begin < std::chrono::minutes(10)) {
      run.run(1);
      run.inject(fault::drop_delivery);
      run.inject(fault::delete_consumer);
    }
    EXPECT_LT(run.server().created(), 200U) << plan.name();
    run.settle();
    EXPECT_TRUE(run.problems().empty()) << plan.name() << told(run.problems());
  });
}

}  // namespace
}  // namespace kvco::test
