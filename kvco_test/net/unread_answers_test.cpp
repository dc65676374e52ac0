// A peer that makes the client write and does not read: what waits for it is bounded, and it is found out.
#include <gtest/gtest.h>

#include <kvco_test/support/fake/lab.hpp>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;

std::string times(int count, std::string_view what) {
  std::string all;
  for (int i = 0; i < count; ++i) all += what;
  return all;
}

class unread_answers : public testing::Test {
 protected:
  /// The peer says this again and again, and never reads. False: the connection stands after so many times.
  bool is_found_out(const std::string& says, int rounds, duration between = {}) {
    in.world().server_reads = false;
    for (int i = 0; i < rounds; ++i) {
      in.server().say(*in.server().newest(), says);
      in.run();
      if (between.count() != 0) in.pass(between);
      if (lost()) return true;
      most_unsent = std::max(most_unsent, in.nats.health().unsent_bytes);
    }
    return false;
  }
  bool lost() { return in.world().links.front()->closed; }

  lab in{config("nats://a:4222").ping_interval(10s)};
  std::size_t most_unsent = 0;
};

// fault: 29
// field: M8
TEST_F(unread_answers, to_a_flood_of_pings_end_the_connection) {
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  EXPECT_TRUE(is_found_out(times(10'000, "PING\r\n") + "PONG\r\n", 100));
  EXPECT_LE(most_unsent, 16'384u);
  EXPECT_EQ(in.nats.health().last_error, errc::connection_lost);
  in.expect_working();
}

// field: M8
TEST_F(unread_answers, are_not_made_up_for_by_pongs_that_nobody_asked_for) {
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  // What the kernel has taken may have been read; what has not left the client cannot.
  in.world().server_reads = false;
  outcome put;
  in.kv.put("k", "v", note{&put});
  in.run();
  EXPECT_TRUE(is_found_out("PING\r\nPONG\r\nPONG\r\n", 30, 5s));
  in.expect_working();
}

// fault: 29
// field: M8
TEST_F(unread_answers, to_a_flood_of_flow_control_end_the_connection) {
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  in.updates = in.kv.watch_all();
  in.pass(1s);
  std::string says;
  for (const auto& [sid, subject] : in.server().newest()->subscriptions) {
    if (subject.ends_with('*')) continue;  // for replies
    const std::string header = "NATS/1.0 100 FlowControl Request\r\n\r\n",
                      size = std::to_string(header.size());
    says = "HMSG " + subject + " " + std::to_string(sid) + " $JS.FC." + std::string(3000, 'x') + " " + size +
           " " + size + "\r\n" + header + "\r\n";
  }
  ASSERT_FALSE(says.empty());
  EXPECT_TRUE(is_found_out(says, 10'000));
  EXPECT_LE(most_unsent, 2u << 20);
  EXPECT_GE(most_unsent, 500'000u) << "these have been answers";
  in.updates = {};
  in.expect_working();
}

}  // namespace
}  // namespace kvco::test
