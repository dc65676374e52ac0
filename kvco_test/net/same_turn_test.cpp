// Reply, deadline and cancellation in one turn of the reactor, in each order, at each step of each operation: one completion,
// the truth, and nothing else is touched.
#include <gtest/gtest.h>

#include <kvco_test/support/fake/operation_cases.hpp>

#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;

enum class style { callback, coroutine };

/// Shorter than any step of a watch: what it waits for at the deadline is its first answer.
config impatient() { return config("nats://a:4222").timeout(1500ms); }

/// An operation that has come to some step, behind another one that ends in the same turn, just before it.
class scene {
 public:
  scene(const operation_case& which, style how) : which_(which) {
    set_up(in, which);
    stored_before_ = stored();
    begin_ = in.world().now();
    if (has_predecessor()) start_predecessor();
    (how == style::coroutine ? which.spawn : which.start)(in, signal.slot(), result);
    // What is emitted before a spawned coroutine has run at all is lost in Asio itself.
    if (how == style::coroutine) in.step();
  }

  /// Goes on for so many steps; from then on nothing is heard of the server. False: it was over by then.
  bool hold_replies_after(std::size_t steps) {
    for (std::size_t i = 0; i < steps; ++i) in.step_or_wait();
    in.world().to_client_lost = true;
    in.run();
    return result.calls == 0;
  }
  void wait_for_deadline() { in.pass(deadline() - 1ns - in.world().now()); }

  // What happens next, one behind the other in one turn.
  void replies_come() {
    if (has_predecessor()) answer_predecessor();
    in.world().to_client_lost = false;
    in.world().wake_all();
  }
  void deadline_passes() { in.world().set_clock(deadline()); }
  void cancel() { signal.emit(asio::cancellation_type::terminal); }
  void cancel_behind() {
    asio::post(in.executor(), [this] { cancel(); });
  }
  /// By the handler of the operation before it: then this one may be over already, and has not been told.
  void cancel_before_it_is_told() {
    on_predecessor_ = [this] { cancel(); };
  }

  bool has_predecessor() const { return which_.made_from != handle::none; }
  bool has_stored() { return stored() != stored_before_; }

  lab in{impatient()};
  asio::cancellation_signal signal;
  outcome result, predecessor;

 private:
  core::time_point deadline() const {
    return begin_ + (has_predecessor() ? in.settings.timeout() : in.settings.connect_timeout());
  }
  void start_predecessor() {
    in.server().script = [this, script = in.server().script](server_connection& conn,
                                                             const client_frame& frame) {
      if (frame.subject != "$KV.other.before") return script && script(conn, frame);
      kept_ = frame;
      return true;
    };
    in.other.put("before", "x", [this](error_code code, revision rev) {
      note{&predecessor}(code, rev);
      if (on_predecessor_) on_predecessor_();
    });
  }
  // Its reply stands before all others.
  void answer_predecessor() {
    server_connection& conn = in.world().links.back()->server;
    const std::string others = conn.out.substr(std::exchange(conn.taken, 0));
    conn.out.clear();
    in.server().carry_out(conn, kept_);
    conn.out += others;
  }
  std::ptrdiff_t stored() {
    const auto& all = in.server().applied;
    return std::count_if(all.begin(), all.end(),
                         [](const applied_write& each) { return each.subject.starts_with("$KV.B."); });
  }

  const operation_case& which_;
  core::time_point begin_{};
  std::ptrdiff_t stored_before_ = 0;
  client_frame kept_;
  std::function<void()> on_predecessor_;
};

// How an operation may end, of which a moment allows some.
enum : unsigned { value = 1, late = 2, cancelled = 4 };

unsigned end_of(const operation_case& which, const outcome& result) {
  if (in_words(result) == which.expected) return value;
  if (result.code == asio::error::operation_aborted) return cancelled;
  const bool in_parts = which.tells_each && result.value.starts_with("ok [");
  for (const errc code : {errc::timeout, errc::outcome_unknown, errc::unavailable, errc::connect_failed}) {
    if (in_parts || result.code == code) return late;
  }
  return 0;
}

/// What falls together, and how the operation may end then.
struct moment {
  std::string name;
  std::function<void(scene&)> make;
  unsigned allowed = 0;
  bool waits = false;          // for the deadline
  bool ends_with_last = true;  // the last reply, if it is allowed to, gives the value
};

// The answer to a list is the beginning of more: it does not end in the turn of any reply.
bool is_list(const operation_case& which) {
  return which.name.starts_with("keys") || which.name == "history" || which.name == "get_as_of";
}

std::size_t count_steps(const operation_case& which, style how) {
  std::size_t count = 0;
  while (scene(which, how).hold_replies_after(count)) ++count;
  return count;
}

void expect_nothing_lost(const operation_case& which, scene& at) {
  if (which.expected == "ok") return;  // it takes no entry
  outcome following;
  at.in.updates.next(note{&following});
  EXPECT_TRUE(at.in.run_until([&] { return following.calls > 0; }));
  ASSERT_TRUE(succeeded(following));
  EXPECT_NE(which.expected.find(following.value.substr(3)), std::string::npos) << following.value;
}

void expect_unharmed(const operation_case& which, scene& at) {
  lab& in = at.in;
  if (which.made_from == handle::none || which.closes) {
    in.drop_handles();
    in.forget_session();
    in.run_until([] { return false; });
    EXPECT_TRUE(in.reactor().stopped());
    EXPECT_TRUE(which.closes || in.session_is_gone());
    return;
  }
  in.updates = {};
  // The unanswered steps of a watch that was given up wait for their own short deadline.
  in.pass(6s);
  EXPECT_EQ(at.predecessor.calls, 1);
  EXPECT_TRUE(in.nats.is_connected());
  EXPECT_EQ(in.world().dials.size(), 1u);
  in.expect_working();
  EXPECT_EQ(in.server().consumers(), 0u);
}

void meet(const operation_case& which, style how, const moment& what, std::size_t step, bool is_last) {
  scene at(which, how);
  ASSERT_TRUE(at.hold_replies_after(step));
  if (what.waits) at.wait_for_deadline();
  ASSERT_EQ(at.result.calls, 0);
  what.make(at);
  // At once: the clock stands still. (After its last words close() waits for the server's.)
  at.in.run();
  if (which.closes) at.in.pass(1s);
  ASSERT_EQ(at.result.calls, 1) << "not completed, or twice";
  const unsigned end = end_of(which, at.result);
  EXPECT_NE(end & what.allowed, 0u) << at.result.code.message() << ' ' << at.result.value;
  // Until a next() has completed its entry is not taken, and it can be cancelled.
  const bool may_be_cancelled = which.made_from == handle::watcher && (what.allowed & cancelled) != 0;
  if (is_last && what.ends_with_last && (what.allowed & value) != 0 && !is_list(which) && !may_be_cancelled) {
    EXPECT_EQ(end, value) << at.result.code.message() << ' ' << at.result.value;
  }
  const bool definite = at.result.code == errc::timeout || at.result.code == errc::unavailable;
  EXPECT_FALSE(definite && at.has_stored()) << at.result.code.message();
  if (which.made_from == handle::watcher && how == style::callback && end == cancelled && !what.waits)
    expect_nothing_lost(which, at);
  at.cancel();
  expect_unharmed(which, at);
  EXPECT_EQ(at.result.calls, 1);
}

class same_turn : public testing::TestWithParam<operation_case> {
 protected:
  void meet_at_every_step(const std::vector<moment>& all) {
    for (const style how : {style::callback, style::coroutine}) {
      const std::size_t steps = count_steps(GetParam(), how);
      ASSERT_GT(steps, 0u);
      for (const moment& what : all) {
        for (std::size_t k = 0; k < steps; ++k) {
          SCOPED_TRACE(what.name + (how == style::callback ? ", callback, step " : ", coroutine, step ") +
                       std::to_string(k) + " of " + std::to_string(steps));
          meet(GetParam(), how, what, k, k + 1 == steps);
          if (HasFailure()) return;
        }
      }
    }
  }
};
INSTANTIATE_TEST_SUITE_P(of, same_turn, testing::ValuesIn(all_operations()), case_name());

// next() of a watch that stands waits for as long as nobody writes.
bool has_deadline(const operation_case& which) { return which.name != "next_live"; }

// fault: 76
TEST_P(same_turn, reply_and_deadline) {
  if (!has_deadline(GetParam())) return;
  const auto reply_first = [](scene& at) { at.replies_come(), at.deadline_passes(); };
  const auto deadline_first = [](scene& at) { at.deadline_passes(), at.replies_come(); };
  meet_at_every_step({{"the reply first", reply_first, value | late, true},
                      {"the deadline first", deadline_first, late, true}});
}

// fault: 76
TEST_P(same_turn, reply_and_cancellation) {
  const auto reply_first = [](scene& at) { at.replies_come(), at.cancel_behind(); };
  const auto between = [](scene& at) { at.cancel_before_it_is_told(), at.replies_come(); };
  const auto cancellation_first = [](scene& at) { at.cancel(), at.replies_come(); };
  meet_at_every_step({{"the reply first", reply_first, value | cancelled},
                      {"the cancellation first", cancellation_first, cancelled}});
  if (GetParam().made_from == handle::none) return;
  meet_at_every_step({{"before the reply is told", between, value | cancelled, false, false}});
}

// fault: 76
TEST_P(same_turn, deadline_and_cancellation) {
  if (!has_deadline(GetParam())) return;
  const auto deadline_first = [](scene& at) { at.deadline_passes(), at.cancel_behind(); };
  const auto between = [](scene& at) { at.cancel_before_it_is_told(), at.deadline_passes(); };
  const auto cancellation_first = [](scene& at) { at.cancel(), at.deadline_passes(); };
  meet_at_every_step({{"the deadline first", deadline_first, late | cancelled, true},
                      {"the cancellation first", cancellation_first, cancelled, true}});
  if (GetParam().made_from == handle::none) return;
  meet_at_every_step({{"before the deadline is told", between, late | cancelled, true}});
}

}  // namespace
}  // namespace kvco::test
