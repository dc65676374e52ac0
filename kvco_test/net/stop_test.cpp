// io_context::stop() at any moment, and run() again: everything goes on.
#include <gtest/gtest.h>

#include <kvco_test/support/fake/operation_cases.hpp>

#include <boost/asio/post.hpp>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;

/// Lets it stand still behind what is ready now.
void stop_behind_what_is_ready(lab& in) {
  asio::post(in.executor(), [&in] { in.reactor().stop(); });
  in.reactor().poll();
  EXPECT_TRUE(in.reactor().stopped());
  EXPECT_EQ(in.reactor().poll(), 0u) << "something runs although it was stopped";
}

class stopped_reactor : public testing::TestWithParam<operation_case> {};
INSTANTIATE_TEST_SUITE_P(of, stopped_reactor, testing::ValuesIn(all_operations()), case_name());

// While it stands still the world goes on: time passes, servers speak, others ask.
void stop_after(const operation_case& which, std::size_t steps) {
  lab in;
  ASSERT_NO_FATAL_FAILURE(set_up(in, which));
  const bool has_client = which.made_from != handle::none && !which.closes;
  watcher beside;
  outcome result, entry, neighbour;
  if (has_client) {
    beside = in.other.watch_all();
    beside.next(note{&entry});
    in.run();
  }
  which.start(in, {}, result);
  for (std::size_t i = 0; i < steps; ++i) in.step_or_wait();
  stop_behind_what_is_ready(in);
  const int told = result.calls;
  if (has_client) {
    in.other.put("mine", "1", note{&neighbour});
    in.server().put("other", "theirs", "2");
  }
  in.world().set_clock(in.world().now() + 1s);
  EXPECT_EQ(result.calls, told);
  EXPECT_EQ(neighbour.calls, 0);
  in.reactor().restart();
  EXPECT_TRUE(in.run_until([&] { return result.calls > 0 && (!has_client || neighbour.calls > 0); }));
  EXPECT_EQ(in_words(result), which.expected);
  EXPECT_EQ(result.calls, 1);
  if (!has_client) return;
  in.run();
  EXPECT_TRUE(succeeded(neighbour));
  EXPECT_EQ(entry.value, "ok theirs@1=2");
  EXPECT_EQ(in.world().dials.size(), 1u);
  in.updates = {};
  beside = {};
  in.pass(6s);
  in.expect_working();
}

// fault: 78
TEST_P(stopped_reactor, goes_on_at_every_step) {
  std::size_t steps = 0;
  {
    lab in;
    set_up(in, GetParam());
    outcome result;
    GetParam().start(in, {}, result);
    while (result.calls == 0 && in.step_or_wait()) ++steps;
  }
  for (std::size_t k = 0; k <= steps; ++k) {
    SCOPED_TRACE("step " + std::to_string(k) + " of " + std::to_string(steps));
    stop_after(GetParam(), k);
    if (HasFailure()) return;
  }
}

// Handlers stop it, in the middle of the replies of one read, and run() is called again each time.
// fault: 78
TEST(stopping_handlers, lose_nothing) {
  lab in;
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  constexpr std::size_t count = 300;
  std::vector<revision> stored;
  std::vector<std::string> seen;
  int asked_to_stop = 0, stops = 0;
  const auto stop = [&] {
    ++asked_to_stop;
    in.reactor().stop();
  };
  in.updates = in.kv.watch_all();
  std::function<void(error_code, std::optional<entry>)> take = [&](error_code code, std::optional<entry> e) {
    ASSERT_FALSE(code);
    seen.emplace_back(e->value());
    if (seen.size() % 7 == 0 || seen.size() == count) stop();
    in.updates.next(take);
  };
  in.updates.next(take);
  for (std::size_t i = 0; i < count; ++i) {
    in.kv.put("k" + std::to_string(i), std::to_string(i), [&](error_code code, revision rev) {
      ASSERT_FALSE(code);
      stored.push_back(rev);
      if (stored.size() % 11 == 0) stop();
    });
  }
  while (stored.size() < count || seen.size() < count) {
    in.reactor().restart();
    in.reactor().run_for(30s);
    ASSERT_TRUE(in.reactor().stopped()) << "it waits for what never comes";
    ++stops;
  }
  EXPECT_GT(asked_to_stop, 60);
  EXPECT_GT(stops, 5);
  for (std::size_t i = 0; i < count; ++i) {
    EXPECT_EQ(stored[i], i + 1);
    EXPECT_EQ(seen[i], std::to_string(i));
  }
  in.expect_working(1);
}

// However going forward ends, the entry that did not come yet is for the next call.
// fault: 78
TEST(blocking, loses_nothing_when_the_reactor_is_stopped_or_a_handler_throws) {
  lab in;
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  in.updates = in.kv.watch_all();
  in.run();
  asio::post(in.reactor(), [&] { in.reactor().stop(); });
  EXPECT_THROW(blocking(in.reactor(), in.updates).begin(), boost::system::system_error);
  asio::post(in.reactor(), [] { throw std::runtime_error("from a handler"); });
  EXPECT_THROW(blocking(in.reactor(), in.updates).begin(), std::runtime_error);
  // Now it is there, and only its turn does not come.
  in.server().put("B", "k", "v");
  in.run();
  asio::post(in.reactor(), [&] { in.reactor().stop(); });
  EXPECT_THROW(blocking(in.reactor(), in.updates).begin(), boost::system::system_error);
  blocking_range again = blocking(in.reactor(), in.updates);
  EXPECT_EQ(again.begin()->key(), "k");
  in.server().put("B", "k2", "v");
  blocking_range range = blocking(in.reactor(), in.updates);
  EXPECT_EQ(range.begin()->key(), "k2");
}

}  // namespace
}  // namespace kvco::test
