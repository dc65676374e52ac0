// What an operation hangs on is destroyed after each of its steps: no leak, no use after free, one completion at most.
// AddressSanitizer sees what these tests do not.
#include <gtest/gtest.h>

#include <kvco/net/session.hpp>
#include <kvco_test/support/fake/operation_cases.hpp>

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/error.hpp>

namespace kvco::test {
namespace {

class destroy_every_operation : public testing::TestWithParam<operation_case> {};
INSTANTIATE_TEST_SUITE_P(of, destroy_every_operation, testing::ValuesIn(all_operations()), case_name());

using act = std::function<void(const operation_case&, lab&, outcome&)>;

std::size_t count_steps(const operation_case& which, bool in_coroutine) {
  lab in;
  set_up(in, which);
  outcome result;
  (in_coroutine ? which.spawn : which.start)(in, {}, result);
  std::size_t count = 0;
  while (result.calls == 0 && in.step_or_wait()) ++count;
  return count;
}

void at_every_step(const operation_case& which, bool in_coroutine, const act& destroy) {
  const std::size_t steps = count_steps(which, in_coroutine);
  for (std::size_t k = 0; k <= steps; ++k) {
    SCOPED_TRACE((in_coroutine ? "coroutine, step " : "callback, step ") + std::to_string(k) + " of " +
                 std::to_string(steps));
    outcome result;
    {
      lab in;
      ASSERT_NO_FATAL_FAILURE(set_up(in, which));
      (in_coroutine ? which.spawn : which.start)(in, {}, result);
      for (std::size_t i = 0; i < k; ++i) in.step_or_wait();
      destroy(which, in, result);
    }
    EXPECT_LE(result.calls, 1);
    if (testing::Test::HasFailure()) return;
  }
}

void expect_expected(const operation_case& which, const outcome& result) {
  EXPECT_EQ(in_words(result), which.expected);
}

void destroy_reactor(const operation_case&, lab& in, outcome& result) {
  const int before = result.calls;
  in.destroy_reactor();
  EXPECT_EQ(result.calls, before) << "called by the end of the reactor";
}

// fault: 77
TEST_P(destroy_every_operation, the_reactor_goes) { at_every_step(GetParam(), false, destroy_reactor); }
// fault: 78
TEST_P(destroy_every_operation, the_reactor_goes_under_a_coroutine) {
  at_every_step(GetParam(), true, destroy_reactor);
}

// fault: 77
TEST_P(destroy_every_operation, the_handles_go_before_the_reactor) {
  at_every_step(GetParam(), false, [](const operation_case&, lab& in, outcome&) {
    in.drop_handles();
    in.forget_session();
    in.destroy_reactor();
    EXPECT_TRUE(in.session_is_gone());
  });
}

// fault: 77
TEST_P(destroy_every_operation, the_client_goes) {
  if (GetParam().made_from == handle::none) return;
  at_every_step(GetParam(), false, [](const operation_case& which, lab& in, outcome& result) {
    in.drop_handles();
    in.run();
    EXPECT_EQ(result.calls, 1) << "does not complete at once";
    // errc::closed: it was between two of its steps, or had not taken the first one yet.
    const bool closed = result.code == asio::error::operation_aborted || result.code == errc::closed;
    if (!closed) expect_expected(which, result);
    in.run_until([] { return false; }, std::chrono::seconds(2));
    EXPECT_TRUE(in.reactor().stopped()) << "something is left on the reactor";
    outcome later;
    in.kv.put("k", "v", asio::bind_executor(in.executor(), note{&later}));
    in.run();
    EXPECT_TRUE(failed_with(later, errc::closed));
  });
}

TEST_P(destroy_every_operation, the_bucket_goes) {
  if (GetParam().made_from != handle::bucket) return;
  at_every_step(GetParam(), false, [](const operation_case& which, lab& in, outcome& result) {
    in.kv = {};
    EXPECT_TRUE(in.run_until([&] { return result.calls > 0; }));
    expect_expected(which, result);
  });
}

// fault: 75
TEST_P(destroy_every_operation, the_watcher_goes) {
  if (GetParam().made_from != handle::watcher) return;
  at_every_step(GetParam(), false, [](const operation_case& which, lab& in, outcome& result) {
    in.updates = {};
    in.run();
    EXPECT_EQ(result.calls, 1) << "does not complete at once";
    if (result.code != asio::error::operation_aborted) expect_expected(which, result);
    in.expect_working();
    EXPECT_EQ(in.server().consumers(), 0u);
  });
}

// The handler destroys everything it can get hold of.
// fault: 75
TEST_P(destroy_every_operation, the_handler_destroys_the_handles) {
  if (GetParam().made_from == handle::none) return;
  lab in;
  ASSERT_NO_FATAL_FAILURE(set_up(in, GetParam()));
  outcome result;
  GetParam().start(in, {}, result);
  // The next turn after the completion, and the one in which it happens, both without handles.
  ASSERT_TRUE(in.run_until([&] { return result.calls > 0; }));
  in.drop_handles();
  in.forget_session();
  in.run_until([] { return false; });
  EXPECT_EQ(result.calls, 1);
  EXPECT_TRUE(in.session_is_gone());
}

// The destructor of a coroutine that goes with the reactor may still try.
TEST(destroy_reactor, leaves_handles_that_may_be_used_in_vain) {
  lab in;
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  in.destroy_reactor();
  for (const retry again : {retry::never, retry::idempotent}) {
    (void)in.kv.put("k", "v", {.retry = again});
    (void)in.kv.erase("k", {.retry = again});
    (void)in.kv.get("k");
  }
}

// One coroutine owns several watchers and waits for one: its frame is freed by the end of the reactor, all at once.
asio::awaitable<void> hold_watchers(bucket kv, int count) {
  std::vector<watcher> all;
  for (int i = 0; i < count; ++i) all.push_back(kv.watch_all({.updates_only = true}));
  co_await all[static_cast<std::size_t>(count) / 2].next();
}

// fault: 78
TEST(destroy_reactor, under_a_coroutine_with_several_watchers) {
  for (int count = 1; count <= 5; ++count) {
    for (int coroutines = 1; coroutines <= 3; ++coroutines) {
      lab in;
      ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
      for (int i = 0; i < coroutines; ++i)
        asio::co_spawn(in.executor(), hold_watchers(in.kv, count), asio::detached);
      in.run();
      EXPECT_EQ(in.server().consumers(), static_cast<std::size_t>(count * coroutines));
      in.destroy_reactor();
    }
  }
}

// Objects that wait for a deadline are linked with each other, and the end of a reactor destroys them in any order: a watch in a
// handler that was not called, for example, after the connection.
// fault: 77
TEST(destroy_reactor, leaves_nothing_that_waits_for_a_deadline) {
  struct item final : core::timed {
    void on_deadline(core::time_point) override {}
  };
  lab in;
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  item one;
  in.session().set_deadline(one, in.world().now() + std::chrono::hours(1));
  EXPECT_TRUE(one.has_deadline());
  in.destroy_reactor();
  EXPECT_FALSE(one.has_deadline());
}

asio::awaitable<void> watch_in_turn(watcher& mine, watcher& foreign) {
  co_await mine.next();
  co_await foreign.next();
}

// Two clients on one reactor do not know of each other.
// fault: 78
TEST(destroy_reactor, with_two_clients) {
  lab first;
  ASSERT_NO_FATAL_FAILURE(first.connect_and_open());
  auto world = std::make_shared<scripted_world>(first.executor());
  world->server.create_bucket("B");
  outcome one;
  first.updates = first.kv.watch_all({.updates_only = true});
  watcher other = first.kv.watch_all({.updates_only = true});
  asio::co_spawn(first.executor(), watch_in_turn(first.updates, other), asio::detached);
  first.kv.put("k", "v", note{&one});
  first.step();
  first.destroy_reactor();
  EXPECT_EQ(one.calls, 0);
}

}  // namespace
}  // namespace kvco::test
