// The end of the initial data: once, never before all that was there, and always: core/initial_data.cpp.
#include <gtest/gtest.h>
#include <kvco_test/support/fake/watch_script.hpp>
#include <kvco_test/support/simulation/watch_plans.hpp>
#include <kvco_test/support/slice.hpp>

#include <string>

namespace kvco::test {
namespace {

using jetstream::deliver_policy;

void expect_no_problems(watch_simulation& run, const std::string& name) {
  run.settle();
  run.check_traces();
  EXPECT_FALSE(run.consumer().ended()) << name << ": " << run.consumer().code().message();
  EXPECT_TRUE(run.consumer().initial_complete()) << name;
  EXPECT_TRUE(run.problems().empty()) << name << told(run.problems());
}

TEST(ordered_consumer_initial, while_others_write) {
  for (std::size_t number = 0; number < runs_of(1500, 8) && !testing::Test::HasFailure(); ++number) {
    const unsigned seed = seed_of(number);
    for_each_plan(seed, [&](const simulation_plan& plan) {
      watch_simulation run(plan);
      run.run(150);
      expect_no_problems(run, plan.name());
    });
  }
}

// Few keys, each replaced again and again just before its turn; small windows keep the server from being faster.
// fault: 68
TEST(ordered_consumer_initial, while_others_replace_all_keys) {
  for (std::size_t number = 0; number < runs_of(600, 8) && !testing::Test::HasFailure(); ++number) {
    const unsigned seed = seed_of(number);
    for_each_plan(seed, [&](simulation_plan plan) {
      plan.keys = 3 + static_cast<int>(seed % 20);
      plan.writes_before = 60;
      plan.writes = 50 + static_cast<int>(seed % 35);
      plan.window = 200;
      watch_simulation run(plan);
      run.run(400);
      expect_no_problems(run, plan.name());
    });
  }
}

// It ends although the writing never does, if only the reader is faster.
TEST(ordered_consumer_initial, ends_under_endless_writes) {
  for (std::size_t number = 0; number < runs_of(200, 8) && !testing::Test::HasFailure(); ++number) {
    const unsigned seed = seed_of(number);
    for_each_plan(seed, [&](simulation_plan plan) {
      plan.writes = 12;
      plan.window = 1 << 20;
      plan.longest_wait = std::chrono::milliseconds(50);
      watch_simulation run(plan);
      run.run(4000);
      EXPECT_TRUE(run.consumer().initial_complete()) << plan.name();
      EXPECT_TRUE(run.problems().empty()) << plan.name() << told(run.problems());
    });
  }
}

// Messages that go without a trace are counted by nobody's arrival: heartbeats tell that nothing more will come.
TEST(ordered_consumer_initial, while_messages_expire) {
  for (std::size_t number = 0; number < runs_of(300, 8) && !testing::Test::HasFailure(); ++number) {
    const unsigned seed = seed_of(number);
    for_each_plan(seed, [&](const simulation_plan& plan) {
      watch_simulation run(plan);
      for (int i = 0; i < 12; ++i) {
        run.run(8);
        run.inject(fault::expire);
      }
      expect_no_problems(run, plan.name());
    });
  }
}

// With a list of revisions a server stops for a heartbeat at each that is gone: the watch asks for a new list.
// fault: 68
TEST(ordered_consumer_initial, does_not_wait_for_each_key_that_is_purged) {
  for (const generation server : {generation::v2_10, generation::v2_15}) {
    simulation_plan plan;
    plan.server = server;
    plan.history = 2;
    plan.keys = 300;
    plan.writes_before = 600;
    plan.writes = 0;
    plan.window = 1000;
    plan.longest_wait = std::chrono::milliseconds(50);
    watch_simulation run(plan);
    run.set_reading(false);
    run.run(200);
    EXPECT_GT(run.given(), 0U);
    for (int i = 100; i < 200; ++i) run.server().stream().purge("a.k" + std::to_string(i));
    expect_no_problems(run, plan.name());  // in a minute and a half
  }
}

TEST(ordered_consumer_initial, of_an_empty_bucket) {
  for (std::size_t number = 0; number < runs_of(12, 1) && !testing::Test::HasFailure(); ++number) {
    const unsigned seed = seed_of(number);
    for_each_plan(seed, [&](simulation_plan plan) {
      plan.writes_before = plan.writes = 0;
      watch_simulation run(plan);
      expect_no_problems(run, plan.name());
      EXPECT_EQ(run.given(), 0U);
    });
  }
}

TEST(ordered_consumer_initial, filters_without_a_match_and_deletes_that_are_ignored) {
  for (std::size_t number = 0; number < runs_of(30, 2) && !testing::Test::HasFailure(); ++number) {
    const unsigned seed = seed_of(number);
    for_each_plan(seed, [&](simulation_plan plan) {
      plan.filters = {"none.*"};
      watch_simulation none(plan);
      none.run(100);
      expect_no_problems(none, plan.name());
      EXPECT_EQ(none.given(), 0U);

      plan.filters = {">"};
      plan.ignore_deletes = true;
      plan.writes_before = plan.writes = 0;
      watch_simulation deletes(plan);
      deletes.server().stream().erase("a.k1");
      deletes.server().stream().purge("a.k2");
      expect_no_problems(deletes, plan.name());
      EXPECT_EQ(deletes.given(), 0U);
    });
  }
}

// What the server counts may be wrong (nats-server#4824). Then the end may come early, but it comes, and nothing is lost.
// fault: 74
TEST(ordered_consumer_initial, pending_counts_that_lie) {
  const std::function<std::uint64_t(std::uint64_t)> lies[] = {
      [](std::uint64_t) { return 0; },          [](std::uint64_t) { return 1; },
      [](std::uint64_t n) { return n / 2; },    [](std::uint64_t n) { return n + 5; },
      [](std::uint64_t) { return UINT64_MAX; },
  };
  for (std::size_t number = 0; number < runs_of(60, 4) && !testing::Test::HasFailure(); ++number) {
    const unsigned seed = seed_of(number);
    for (const auto& lie : lies) {
      for_each_plan(seed, [&](const simulation_plan& plan) {
        watch_simulation run(plan);
        run.oracle().pending_lies();
        run.lie_about_pending(lie);
        for (int i = 0; i < 4; ++i) {
          run.run(30);
          run.inject(passing_faults()[run.random()() % passing_faults().size()]);
        }
        expect_no_problems(run, plan.name());
      });
    }
  }
}

// Backpressure: a user who does not read gets no more than two windows, and loses nothing by it.
// fault: 71
TEST(ordered_consumer_initial, a_user_who_does_not_read_holds_the_server_back) {
  for (std::size_t number = 0; number < runs_of(60, 4) && !testing::Test::HasFailure(); ++number) {
    const unsigned seed = seed_of(number);
    for_each_plan(seed, [&](simulation_plan plan) {
      plan.keys = 200;
      plan.writes_before = 400;
      plan.history = 64;
      plan.start = 1;
      plan.filters = {">"};
      plan.ignore_deletes = false;
      plan.window = 1000;
      plan.longest_wait = std::chrono::milliseconds(50);  // each new consumer would bring a window of its own
      watch_simulation run(plan);
      run.set_reading(false);
      run.run(3000);
      EXPECT_LT(run.given(), 60U) << plan.name();
      expect_no_problems(run, plan.name());
      EXPECT_TRUE(plan.deliver == deliver_policy::updates_only || run.given() > 100U) << plan.name();
    });
  }
}

// A user may be allowed to watch, and not to ask for messages.
TEST(ordered_consumer_initial, the_end_of_the_stream_does_where_the_leader_may_not_be_asked_for_more) {
  using core::strings;
  core::watch_script s;
  s.commands();
  s.stand(10, 2);
  EXPECT_EQ(s.message("a", 8, 1, 1), "a");
  EXPECT_EQ(s.message("b", 12, 2, 0), "b");  // written after the watch had begun
  EXPECT_EQ(s.commands(), strings{"locate $KV.b.>"});
  EXPECT_FALSE(s.consumer.why_not_complete());
  s.consumer.on_located(s.consumer.epochs(), {{}, client_error::permission_denied, "denied"}, s.now);
  EXPECT_FALSE(s.consumer.initial_complete());
  EXPECT_EQ(s.commands(), strings{"locate "}) << "the last of all, at once";
  EXPECT_EQ(s.consumer.why_not_complete().code, errc::permission_denied);
  EXPECT_EQ(s.consumer.why_not_complete().detail, "denied");
  s.located(13);
  EXPECT_EQ(s.message("c", 13, 3, 0), "c");
  EXPECT_EQ(s.commands(), strings{"locate "});
  s.located(14);
  EXPECT_FALSE(s.consumer.initial_complete()) << "14 may be one that was replaced before its turn";
  EXPECT_EQ(s.message("d", 14, 4, 0), "d");
  EXPECT_EQ(s.commands(), strings{"locate "});
  s.located(14);
  EXPECT_TRUE(s.consumer.initial_complete());
  EXPECT_FALSE(s.consumer.why_not_complete());
}

TEST(ordered_consumer_initial, the_end_of_the_stream_may_be_denied_as_well) {
  using core::strings;
  core::watch_script s;
  s.stand(10, 2);
  EXPECT_EQ(s.message("b", 12, 1, 0), "b");
  s.commands();
  const auto deny = [&](const std::string& words) {
    s.consumer.on_located(s.consumer.epochs(), {{}, client_error::permission_denied, words}, s.now);
  };
  deny("the key");
  EXPECT_EQ(s.commands(), strings{"locate "});
  deny("the stream");
  EXPECT_TRUE(s.commands().empty()) << "until the next heartbeat";
  EXPECT_EQ(s.consumer.why_not_complete().detail, "the key");
  s.heartbeat(1, 12);
  EXPECT_EQ(s.commands(), strings{"locate "});
}

// keys() tells by the boundary what came once per key: it is that of what was given first.
TEST(ordered_consumer_initial, the_boundary_stays_once_something_was_given) {
  core::watch_script s;
  s.commands();
  s.info(10);
  EXPECT_EQ(s.message("a", 5, 1, 1), "a");  // overtakes the reply
  EXPECT_EQ(s.message("a", 11, 2, 0), "a");
  s.create_error(client_error::timeout);
  s.wait(core::duration(std::chrono::seconds(1)));
  s.info(11);
  s.created(1);
  EXPECT_EQ(s.consumer.boundary(), 10u);
}

}  // namespace
}  // namespace kvco::test
