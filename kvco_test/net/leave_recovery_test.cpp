// A client that comes back, with a watch that is set up anew, is left at each step: closed, drained, destroyed, whatever the
// server does meanwhile.
#include <gtest/gtest.h>

#include <kvco_test/support/fake/lab.hpp>

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/error.hpp>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;

const error_code aborted = asio::error::operation_aborted;

/// Where the recovery gets stuck, if it does.
struct trouble {
  std::string name;
  std::function<void(lab&)> make;
  friend std::ostream& operator<<(std::ostream& to, const trouble& t) { return to << t.name; }
};

bool creates_a_consumer(const client_frame& frame) {
  return frame.subject.find(".CONSUMER.CREATE.") != frame.subject.npos;
}

std::vector<trouble> all_troubles() {
  const auto dials = [](answer what) {
    return [what](lab& in) { in.world().on_dial = [what](const dial&) { return what; }; };
  };
  return {
      {"nothing", [](lab&) {}},
      {"refused", dials(answer::refuse)},
      {"silent_dial", dials(answer::silence)},
      {"no_info", [](lab& in) { in.server().says_info = false; }},
      {"no_pong", [](lab& in) { in.server().says_pong = false; }},
      {"no_answers", [](lab& in) { in.server().answers = false; }},
      {"no_consumer",
       [](lab& in) {
         in.server().script = [](server_connection&, const client_frame& f) { return creates_a_consumer(f); };
       }},
      {"no_peers",
       [](lab& in) {
         in.server().script = [&in](server_connection&, const client_frame& frame) {
           if (!creates_a_consumer(frame)) return false;
           in.server().deliver(frame.reply, {}, {},
                               R"({"error":{"code":400,"err_code":10074,"description":"no peers"}})");
           return true;
         };
       }},
  };
}

/// The connection of a watch that stood was lost, with a read and a write on their way.
struct recovery {
  explicit recovery(const trouble& which) {
    in.connect_and_open();
    in.server().put("B", "a", "1");
    in.updates = in.kv.watch_all();
    outcome first;
    in.updates.next(note{&first});
    in.run();
    EXPECT_TRUE(succeeded(first));
    in.updates.next(note{&next});
    in.kv.get("a", note{&get});
    which.make(in);
    in.world().end_connection(asio::error::eof);
    in.kv.put("b", "v", note{&put});
  }
  void go_on(std::size_t steps) {
    for (std::size_t i = 0; i < steps; ++i) in.step_or_wait();
    was_back = is_back();
  }
  bool is_back() const { return in.nats.is_connected() && in.nats.statistics().reconnects == 1; }
  bool is_over() const { return is_back() && in.nats.health().watches.front().live && get.calls > 0; }
  /// What the user asked for has ended, each once.
  void expect_ended() const {
    EXPECT_EQ(get.calls, 1);
    EXPECT_EQ(put.calls, 1);
    EXPECT_TRUE(put.code) << "it has never come to the server";
    EXPECT_EQ(next.calls, 1);
  }
  /// What could be told to the server is not left behind there; the rest it forgets by itself.
  void expect_no_consumer() {
    if (was_back && in.server().answers) {
      EXPECT_EQ(in.server().consumers(), 0u);
    }
  }
  void expect_gone() {
    EXPECT_EQ(next.code, aborted) << next.code.message();
    EXPECT_TRUE(!get.code || get.code == aborted || get.code == client_error::timeout) << get.code.message();
    in.drop_handles();
    in.run_until([] { return false; }, 2s);
    expect_ended();
    EXPECT_TRUE(in.reactor().stopped()) << "something is left on the reactor";
    expect_no_consumer();
    outcome later;
    in.kv.get("a", asio::bind_executor(in.executor(), note{&later}));
    in.run();
    EXPECT_TRUE(failed_with(later, errc::closed));
    in.updates = {};
    in.kv = in.other = {};
    in.forget_session();
    EXPECT_TRUE(in.session_is_gone());
  }

  lab in;
  outcome next, get, put, ended;
  bool was_back = false;  // when it is left
};

// Enough for each trouble to come round again.
constexpr std::size_t most_steps = 45;

std::size_t count_steps(const trouble& which) {
  recovery undisturbed(which);
  std::size_t count = 0;
  while (!undisturbed.is_over() && count < most_steps) undisturbed.go_on(1), ++count;
  return count;
}

class recovering : public testing::TestWithParam<trouble> {
 protected:
  void at_every_step(const std::function<void(recovery&)>& leave) {
    const std::size_t steps = count_steps(GetParam());
    ASSERT_GT(steps, 10u);
    for (std::size_t k = 0; k <= steps; ++k) {
      SCOPED_TRACE("step " + std::to_string(k) + " of " + std::to_string(steps));
      recovery at(GetParam());
      at.go_on(k);
      leave(at);
      if (HasFailure()) return;
    }
  }
};
INSTANTIATE_TEST_SUITE_P(from, recovering, testing::ValuesIn(all_troubles()),
                         [](const auto& tested) { return tested.param.name; });

// fault: 80
TEST_P(recovering, closed_at_every_step) {
  at_every_step([](recovery& at) {
    at.in.nats.close(note{&at.ended});
    at.in.run();
    EXPECT_TRUE(succeeded(at.ended)) << "at once: whoever is connected answers pings";
    at.expect_gone();
  });
}

// fault: 80
TEST_P(recovering, drained_at_every_step) {
  at_every_step([](recovery& at) {
    const core::time_point begin = at.in.world().now();
    at.in.nats.drain(note{&at.ended});
    ASSERT_TRUE(at.in.run_until([&] { return at.ended.calls > 0; }));
    EXPECT_LE(at.in.world().now() - begin, at.in.settings.timeout() + 1s);
    EXPECT_TRUE(!at.ended.code || at.ended.code == client_error::timeout) << at.ended.code.message();
    EXPECT_TRUE(at.ended.code || at.get.code != aborted) << "it was given up, and nobody is told";
    at.expect_gone();
  });
}

// fault: 77
TEST_P(recovering, the_client_goes_at_every_step) {
  at_every_step([](recovery& at) {
    at.in.drop_handles();
    at.in.run();
    at.expect_gone();
  });
}

// fault: 75
TEST_P(recovering, the_watcher_goes_at_every_step) {
  at_every_step([](recovery& at) {
    at.in.updates = {};
    at.in.run();
    EXPECT_EQ(at.next.calls, 1) << "not completed at once";
    EXPECT_EQ(at.next.code, aborted);
    at.expect_no_consumer();
    at.in.pass(12s);  // what was asked for ends by its deadline
    at.expect_ended();
    at.in.expect_working();
  });
}

// fault: 77
TEST_P(recovering, the_reactor_goes_at_every_step) {
  at_every_step([](recovery& at) {
    const int told = at.next.calls + at.get.calls + at.put.calls;
    at.in.nats.drain(note{&at.ended});
    at.in.destroy_reactor();
    EXPECT_EQ(at.next.calls + at.get.calls + at.put.calls, told) << "called by the end of the reactor";
    EXPECT_EQ(at.ended.calls, 0);
  });
}

}  // namespace
}  // namespace kvco::test
