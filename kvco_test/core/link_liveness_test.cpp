// Deadlines, pings and pongs of a connection, by script: core/link.cpp.
#include <gtest/gtest.h>
#include <kvco_test/support/fake/link_script.hpp>

#include <vector>

namespace kvco::core {
namespace {

// fault: 4
TEST(link_liveness, the_handshake_has_a_deadline) {
  link_script silent;
  EXPECT_FALSE(silent.wait(4999ms));
  EXPECT_EQ(silent.wait(1ms), client_error::connect_timeout);

  link_script half;
  half.now += 3s;
  half.on(event_kind::info, usual_info);  // does not begin the time anew, nor does our answer
  EXPECT_FALSE(half.wait(0s));
  half.connection.send_connect("{}");
  EXPECT_FALSE(half.wait(1999ms));
  EXPECT_EQ(half.wait(1ms), client_error::connect_timeout);

  link_script unanswered;
  unanswered.on(event_kind::info, usual_info);
  EXPECT_EQ(unanswered.wait(5s), client_error::connect_timeout);
}

// fault: 10
TEST(link_liveness, a_silent_server_is_asked_twice) {
  link_script s;
  s.shake_hands();
  for (int i = 0; i < 2; ++i) {
    EXPECT_FALSE(s.wait(29999ms));
    EXPECT_EQ(s.written(), "");
    EXPECT_FALSE(s.wait(1ms));
    EXPECT_EQ(s.written(), "PING\r\n");
  }
  EXPECT_FALSE(s.wait(29999ms));
  EXPECT_EQ(s.wait(1ms), errc::connection_lost);
}

// What is written proves nothing, and what comes proves only half.
// fault: 11
TEST(link_liveness, only_a_pong_proves_life) {
  link_script s;
  s.shake_hands();
  waiter_for_pong asks;
  error_code end;
  for (int i = 0; i < 3 && !end; ++i) {
    s.connection.ping(asks);
    s.out.append("PUB x 0\r\n\r\n");
    EXPECT_FALSE(s.on(event_kind::msg));
    EXPECT_FALSE(s.on(event_kind::ping));
    end = s.wait(30s);
  }
  EXPECT_EQ(end, errc::connection_lost);
  EXPECT_EQ(asks.pongs, 0);
}

TEST(link_liveness, an_answer_begins_the_count_anew) {
  link_script s;
  s.shake_hands();
  for (int i = 0; i < 20; ++i) {
    EXPECT_FALSE(s.wait(30s));
    EXPECT_FALSE(s.wait(30s));
    EXPECT_FALSE(s.on(event_kind::pong));
  }
}

TEST(link_liveness, pings_of_the_server_are_answered) {
  link_script s;
  s.shake_hands();
  for (int i = 0; i < 3; ++i) s.on(event_kind::ping);
  EXPECT_EQ(s.written(), "PONG\r\nPONG\r\nPONG\r\n");
}

// fault: 29
TEST(link_liveness, each_pong_answers_one_ping_in_order) {
  link_script s;
  s.shake_hands();
  waiter_for_pong first, second, third;
  s.connection.ping(first);
  s.wait(30s);  // a ping of its own between them
  s.connection.ping(second);
  s.connection.ping(third);
  EXPECT_EQ(s.written(), "PING\r\nPING\r\nPING\r\nPING\r\n");
  s.connection.forget(second);
  const std::vector<std::vector<int>> expected = {{1, 0, 0}, {1, 0, 0}, {1, 0, 0}, {1, 0, 1}};
  for (const std::vector<int>& pongs : expected) {
    s.now += 1s;
    EXPECT_FALSE(s.on(event_kind::pong));
    EXPECT_EQ((std::vector<int>{first.pongs, second.pongs, third.pongs}), pongs);
  }
  EXPECT_EQ(third.at, s.now);
}

TEST(link_liveness, a_ping_during_the_handshake_waits_for_its_own_pong) {
  link_script s;
  s.greet();
  waiter_for_pong early;
  s.connection.ping(early);
  EXPECT_EQ(s.written(), greeting + "PING\r\n");
  s.on(event_kind::pong);
  EXPECT_EQ(early.pongs, 0);
  s.on(event_kind::pong);
  EXPECT_EQ(early.pongs, 1);
}

// fault: 29
TEST(link_liveness, unsolicited_pongs_are_harmless) {
  link_script s;
  s.shake_hands();
  for (int i = 0; i < 1000; ++i) EXPECT_FALSE(s.on(event_kind::pong));
  waiter_for_pong later;
  s.connection.ping(later);
  s.on(event_kind::pong);
  EXPECT_EQ(later.pongs, 1);
}

// field: M8
TEST(link_liveness, a_pong_of_a_peer_that_has_not_read_the_ping_proves_nothing) {
  link_script s;
  s.shake_hands();
  waiter_for_pong asks;
  s.connection.ping(asks);
  error_code end;
  for (int i = 0; i < 3 && !end; ++i) {
    EXPECT_FALSE(s.say(event_kind::pong));
    end = s.wait(30s);
  }
  EXPECT_EQ(end, errc::connection_lost);
  EXPECT_EQ(asks.pongs, 0);

  link_script early;
  early.greet();
  EXPECT_FALSE(early.say(event_kind::pong));
  EXPECT_FALSE(early.connection.ready()) << "before CONNECT has left";
  EXPECT_FALSE(early.on(event_kind::pong));
  EXPECT_TRUE(early.connection.ready());
}

// A PONG by itself neither proves life nor begins the count anew.
// fault: 29
// field: M8
TEST(link_liveness, an_unsolicited_pong_proves_nothing) {
  link_script s;
  s.shake_hands();
  s.wait(30s);
  EXPECT_FALSE(s.on(event_kind::pong));  // the answer
  error_code end;
  for (int i = 0; i < 3 && !end; ++i) {
    EXPECT_FALSE(s.say(event_kind::pong));
    end = s.wait(30s);
    EXPECT_FALSE(s.say(event_kind::pong));
  }
  EXPECT_EQ(end, errc::connection_lost);
}

// fault: 29
// field: M8
TEST(link_liveness, pongs_owed_to_a_peer_that_does_not_read_are_a_number) {
  constexpr std::size_t pings = 1'000'000;
  link_script s;
  s.shake_hands();
  for (std::size_t i = 0; i < pings; ++i) EXPECT_FALSE(s.on(event_kind::ping));
  EXPECT_LE(s.out.pending_bytes(), 8192u);
  EXPECT_GT(s.connection.pongs_owed(), pings - 8192);
  std::size_t bytes = 0;
  while (!s.out.empty()) {  // it reads after all
    bytes += s.written().size();
    s.connection.answer_pings();
    ASSERT_LE(s.out.pending_bytes(), 8192u);
  }
  EXPECT_EQ(bytes, pings * std::string_view("PONG\r\n").size());
  EXPECT_EQ(s.connection.pongs_owed(), 0u);
}

TEST(link_liveness, a_new_connection_begins_from_nothing) {
  link_script s;
  s.shake_hands();
  waiter_for_pong old;
  s.connection.ping(old);
  s.wait(30s);
  s.on(event_kind::err, R"(Permissions Violation for Publish to "x")");
  s.connection.stop();
  EXPECT_EQ(s.connection.state(), link::phase::idle);
  EXPECT_FALSE(s.wait(1h));  // no deadlines without a connection
  s.out.clear();
  s.connection.start({5s, 30s, 2}, s.now);
  EXPECT_FALSE(s.connection.take_error());
  s.shake_hands();
  s.on(event_kind::pong);
  EXPECT_EQ(old.pongs, 0);
  EXPECT_FALSE(s.wait(30s));
  EXPECT_FALSE(s.wait(30s));
  EXPECT_EQ(s.wait(30s), errc::connection_lost);
}

}  // namespace
}  // namespace kvco::core
