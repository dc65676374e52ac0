// Cancellation at every step of every operation: one completion, at once, and nothing else is touched.
#include <gtest/gtest.h>

#include <kvco_test/support/fake/operation_cases.hpp>
#include <kvco_test/support/slice.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/error.hpp>

namespace kvco::test {
namespace {

using asio::cancellation_type;

enum class style { callback, coroutine };

constexpr cancellation_type types[] = {cancellation_type::terminal, cancellation_type::partial,
                                       cancellation_type::total};

class cancel_every_operation : public testing::TestWithParam<operation_case> {};
INSTANTIATE_TEST_SUITE_P(of, cancel_every_operation, testing::ValuesIn(all_operations()), case_name());

void start(const operation_case& which, style how, lab& in, asio::cancellation_slot slot, outcome& to) {
  (how == style::coroutine ? which.spawn : which.start)(in, slot, to);
  // What is emitted before a spawned coroutine has run at all is lost in Asio itself.
  if (how == style::coroutine) in.step();
}

bool has_neighbour(const operation_case& which) { return which.made_from != handle::none && !which.closes; }

void start_neighbour(lab& in, outcome& to) { in.other.put("neighbour", "x", note{&to}); }

std::size_t count_steps(const operation_case& which, style how) {
  lab in;
  set_up(in, which);
  outcome result, neighbour;
  start(which, how, in, {}, result);
  if (has_neighbour(which)) start_neighbour(in, neighbour);
  std::size_t count = 0;
  while (result.calls == 0 && in.step_or_wait()) ++count;
  return count;
}

void expect_value_or_abort(const operation_case& which, const outcome& result) {
  ASSERT_EQ(result.calls, 1) << "not completed, or twice";
  if (result.code == asio::error::operation_aborted) return;
  EXPECT_EQ(in_words(result), which.expected);
}

void expect_untouched(const operation_case& which, lab& in, asio::cancellation_signal& signal) {
  in.server().answers = in.server().says_pong = true;
  in.server().leaderless.clear();
  in.updates = {};
  in.run();
  if (which.made_from == handle::none) return;
  if (which.closes) {
    in.drop_handles();
    in.run_until([] { return false; });
    EXPECT_TRUE(in.reactor().stopped());
    return;
  }
  outcome reused;
  in.kv.get("k", asio::bind_cancellation_slot(signal.slot(), note{&reused}));
  in.run();
  EXPECT_TRUE(succeeded(reused)) << "with the slot that was used before";
  signal.emit(cancellation_type::terminal);
  // The unanswered steps of a watch that was given up wait for their own short deadline.
  in.pass(std::chrono::seconds(6));
  in.expect_working();
  EXPECT_EQ(in.server().consumers(), 0u);
}

void cancel_after(const operation_case& which, style how, std::size_t steps, cancellation_type type) {
  lab in;
  ASSERT_NO_FATAL_FAILURE(set_up(in, which));
  asio::cancellation_signal signal;
  outcome result, neighbour;
  start(which, how, in, signal.slot(), result);
  if (has_neighbour(which)) start_neighbour(in, neighbour);
  for (std::size_t i = 0; i < steps; ++i) in.step_or_wait();
  signal.emit(type);
  // At once: the clock stands still.
  in.run();
  if (result.calls == 0 && type == cancellation_type::total) {
    // A write was in flight, and goes on, after a pause where it was refused for now.
    ASSERT_TRUE(in.run_until([&] { return result.calls > 0; }));
    EXPECT_EQ(in_words(result), which.expected);
  }
  expect_value_or_abort(which, result);
  signal.emit(type);
  if (has_neighbour(which)) {
    EXPECT_TRUE(in.run_until([&] { return neighbour.calls > 0; }));
    EXPECT_TRUE(succeeded(neighbour)) << "the operation beside it";
  }
  expect_untouched(which, in, signal);
  EXPECT_EQ(result.calls, 1);
}

// fault: 76
TEST_P(cancel_every_operation, at_every_step) {
  for (const style how : {style::callback, style::coroutine}) {
    const std::size_t steps = count_steps(GetParam(), how);
    ASSERT_GT(steps, 0u);
    for (std::size_t k = 0; k <= steps; ++k) {
      for (std::size_t number = 0; number < std::size(types); ++number) {
        if (!in_slice(k + number, std::size(types))) continue;  // another type at each step
        const cancellation_type type = types[number];
        SCOPED_TRACE((how == style::callback ? "callback, step " : "coroutine, step ") + std::to_string(k) +
                     " of " + std::to_string(steps) + ", type " + std::to_string(static_cast<int>(type)));
        cancel_after(GetParam(), how, k, type);
        if (HasFailure()) return;
      }
    }
  }
}

// Nobody answers: then it can only be cancelled, at every step up to the one where all stands still.
void cancel_in_silence(const operation_case& which, style how, const std::function<void(lab&)>& silence) {
  for (std::size_t k = 0, idle = 1; k <= idle; ++k) {
    SCOPED_TRACE((how == style::callback ? "callback, step " : "coroutine, step ") + std::to_string(k));
    lab in;
    ASSERT_NO_FATAL_FAILURE(set_up(in, which));
    silence(in);
    asio::cancellation_signal signal;
    outcome result;
    start(which, how, in, signal.slot(), result);
    std::size_t done = 0;
    while (done < k && in.step()) ++done;
    idle = std::max(idle, done + (done == k ? 1 : 0));
    ASSERT_EQ(result.calls, 0);
    signal.emit(cancellation_type::terminal);
    in.run();
    ASSERT_EQ(result.calls, 1) << "not completed at once";
    ASSERT_EQ(result.code, asio::error::operation_aborted) << result.code.message();
    expect_untouched(which, in, signal);
    if (testing::Test::HasFailure() || done < k) return;
  }
}

// fault: 76
TEST_P(cancel_every_operation, in_silence) {
  if (GetParam().name == "next_live") return;  // its entry is there at once
  const auto say_nothing = [](lab& in) { in.server().answers = in.server().says_pong = false; };
  for (const style how : {style::callback, style::coroutine}) {
    if (GetParam().made_from != handle::none) {
      cancel_in_silence(GetParam(), how, say_nothing);
      continue;
    }
    cancel_in_silence(GetParam(), how,
                      [](lab& in) { in.world().on_dial = [](const dial&) { return answer::silence; }; });
    cancel_in_silence(GetParam(), how, [](lab& in) { in.server().says_info = false; });
    cancel_in_silence(GetParam(), how, [](lab& in) { in.server().says_pong = false; });
  }
}

// What changes something, and how it is started with `slot`.
struct write_case {
  const char* name;
  std::function<void(lab&, asio::cancellation_slot, outcome&)> start;
  const char* expected;
  friend void PrintTo(const write_case& one, std::ostream* out) { *out << one.name; }
};

const std::vector<write_case>& writes() {
  static const std::vector<write_case> all = {
      {"put",
       [](lab& in, auto slot, outcome& to) {
         in.kv.put("k", "v", asio::bind_cancellation_slot(slot, note{&to}));
       },
       "ok 2"},
      {"create",
       [](lab& in, auto slot, outcome& to) {
         in.kv.create("new", "v", asio::bind_cancellation_slot(slot, note{&to}));
       },
       "ok 2"},
      {"update",
       [](lab& in, auto slot, outcome& to) {
         in.kv.update("k", "v", 1, asio::bind_cancellation_slot(slot, note{&to}));
       },
       "ok 2"},
      {"erase",
       [](lab& in, auto slot, outcome& to) {
         in.kv.erase("k", asio::bind_cancellation_slot(slot, note{&to}));
       },
       "ok 2"},
      {"purge",
       [](lab& in, auto slot, outcome& to) {
         in.kv.purge("k", asio::bind_cancellation_slot(slot, note{&to}));
       },
       "ok 2"},
      {"put_many",
       [](lab& in, auto slot, outcome& to) {
         in.kv.put_many({{"a", "1"}, {"b", "2"}}, asio::bind_cancellation_slot(slot, note{&to}));
       },
       "ok [2, 3, ]"},
      {"create_bucket",
       [](lab& in, auto slot, outcome& to) {
         in.nats.create_bucket(bucket_config("N"), asio::bind_cancellation_slot(slot, note{&to}));
       },
       "ok bucket N"},
      {"ensure_bucket",
       [](lab& in, auto slot, outcome& to) {
         in.nats.ensure_bucket(bucket_config("N"), asio::bind_cancellation_slot(slot, note{&to}));
       },
       "ok bucket N"},
  };
  return all;
}

class total_cancellation : public testing::TestWithParam<write_case> {
 protected:
  // Counts the writes that reach the server.
  void watch_writes() {
    in.server().put("B", "k", "old");
    in.server().script = [this](server_connection&, const client_frame& frame) {
      const bool is_write =
          frame.subject.starts_with("$KV.") || frame.subject.find("STREAM.CREATE") != std::string::npos;
      in_flight += is_write;
      return false;
    };
  }

  lab in;
  asio::cancellation_signal signal;
  outcome result;
  int in_flight = 0;
};
INSTANTIATE_TEST_SUITE_P(of, total_cancellation, testing::ValuesIn(writes()),
                         [](const auto& instance) { return std::string(instance.param.name); });

// contract: 1
TEST_P(total_cancellation, is_ignored_while_a_write_is_in_flight) {
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  watch_writes();
  GetParam().start(in, signal.slot(), result);
  ASSERT_TRUE(in.run_until([&] { return in_flight > 0; }));
  ASSERT_EQ(result.calls, 0);
  signal.emit(cancellation_type::total);
  in.run();
  EXPECT_EQ(in_words(result), GetParam().expected) << result.detail;
}

// contract: 1
TEST_P(total_cancellation, ends_what_was_not_sent) {
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  watch_writes();
  in.world().on_dial = [](const dial&) { return answer::silence; };
  in.world().end_connection(asio::error::eof);
  in.run();
  GetParam().start(in, signal.slot(), result);
  in.run();
  ASSERT_EQ(result.calls, 0);
  signal.emit(cancellation_type::total);
  in.run();
  EXPECT_EQ(result.calls, 1);
  EXPECT_EQ(result.code, asio::error::operation_aborted) << result.code;
  EXPECT_EQ(in_flight, 0);
}

// contract: 1
TEST_P(total_cancellation, with_another_type_ends_what_is_in_flight) {
  for (const cancellation_type type :
       {cancellation_type::partial, cancellation_type::terminal, cancellation_type::all}) {
    lab other;
    ASSERT_NO_FATAL_FAILURE(other.connect_and_open());
    other.server().put("B", "k", "old");
    bool sent = false;
    other.server().script = [&](server_connection&, const client_frame& frame) {
      sent |= frame.subject.starts_with("$KV.") || frame.subject.find("STREAM.CREATE") != std::string::npos;
      return sent;
    };
    outcome ended;
    GetParam().start(other, signal.slot(), ended);
    ASSERT_TRUE(other.run_until([&] { return sent; }));
    signal.emit(type);
    other.run();
    EXPECT_EQ(ended.calls, 1);
    EXPECT_EQ(ended.code, asio::error::operation_aborted) << ended.code;
    other.server().script = nullptr;
  }
}

// The first sending may have been stored: what comes after it goes on.
// contract: 1
TEST(total_cancellation_of_a_repeated_write, is_ignored_after_the_first_was_sent) {
  lab in;
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  asio::cancellation_signal signal;
  outcome result;
  int sent = 0;
  in.server().script = [&](server_connection&, const client_frame& frame) {
    return frame.subject.starts_with("$KV.") && ++sent == 1;  // no answer
  };
  in.kv.put("k", "v", {.retry = retry::idempotent},
            asio::bind_cancellation_slot(signal.slot(), note{&result}));
  ASSERT_TRUE(in.run_until([&] { return sent == 1; }));
  in.world().end_connection(asio::error::eof);
  for (int i = 0; i < 3; ++i) {
    signal.emit(cancellation_type::total);
    in.step_or_wait();
  }
  ASSERT_TRUE(in.run_until([&] { return result.calls > 0; }));
  EXPECT_TRUE(succeeded(result));
  EXPECT_EQ(sent, 2);
}

// A cancelled connect() leaves nothing behind: no connection, nothing on the reactor.
// fault: 76
TEST(cancel_connect, leaves_no_connection) {
  const operation_case& which = other_operations().back();
  ASSERT_EQ(which.name, "connect");
  const std::size_t steps = count_steps(which, style::callback);
  for (std::size_t k = 0; k < steps; ++k) {
    SCOPED_TRACE("step " + std::to_string(k));
    lab in;
    asio::cancellation_signal signal;
    outcome result;
    which.start(in, signal.slot(), result);
    for (std::size_t i = 0; i < k; ++i) in.step();
    signal.emit(cancellation_type::terminal);
    in.run();
    EXPECT_EQ(result.calls, 1);
    for (const auto& link : in.world().links) EXPECT_TRUE(link->closed || link->sent_fin);
    in.forget_session();
    in.run_until([] { return false; });
    EXPECT_TRUE(in.reactor().stopped());
    EXPECT_TRUE(in.session_is_gone());
  }
}

}  // namespace
}  // namespace kvco::test
