// The life of one connection by script: handshake, liveness, the server's errors: core/link.cpp.
#include <gtest/gtest.h>
#include <kvco/core/link.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace kvco::core {
namespace {

using namespace std::chrono_literals;
using wire::event_kind;

const std::string usual_info =
    R"({"server_id":"id","name":"n","version":"2.10.0","headers":true,"max_payload":1048576})";
const std::string greeting = "CONNECT {\"a\":1}\r\nPING\r\n";

struct waiter_for_pong final : ping_waiter {
  void on_pong(time_point now) override {
    ++pongs;
    at = now;
  }
  int pongs = 0;
  time_point at{};
};

struct script {
  script() { connection.start({R"({"a":1})", 5s, 30s, 2}, now); }

  error_code on(event_kind kind, std::string_view text = {}) {
    wire::event event;
    event.kind = kind;
    event.text = text;
    return connection.on_event(event, now);
  }
  /// Bytes came, and were this.
  error_code inbound(event_kind kind) {
    connection.on_inbound(now);
    return on(kind);
  }
  void shake_hands() {
    ASSERT_FALSE(on(event_kind::info, usual_info));
    ASSERT_FALSE(on(event_kind::pong));
    ASSERT_TRUE(connection.ready());
    written();
  }
  std::string written() {
    std::string all;
    for (const std::string_view piece : out.take()) all += piece;
    out.written();
    return all;
  }
  error_code wait(duration time) {
    now += time;
    return connection.on_time(now);
  }

  time_point now{1h};
  outbox out;
  link connection{out};
};

TEST(link, handshake) {
  script s;
  EXPECT_EQ(s.connection.state(), link::phase::wait_info);
  EXPECT_EQ(s.connection.deadline(), s.now + 5s);
  EXPECT_EQ(s.written(), "");  // nothing is said before the server's INFO
  EXPECT_FALSE(s.on(event_kind::info, usual_info));
  EXPECT_EQ(s.connection.state(), link::phase::wait_pong);
  EXPECT_EQ(s.written(), greeting);
  EXPECT_EQ(s.connection.info().version, "2.10.0");
  s.now += 1s;
  EXPECT_FALSE(s.on(event_kind::pong));
  EXPECT_TRUE(s.connection.ready());
  EXPECT_EQ(s.connection.deadline(), s.now + 30s);
  EXPECT_EQ(s.written(), "");
}

TEST(link, whatever_comes_before_info_is_no_nats_server) {
  for (const event_kind kind : {event_kind::msg, event_kind::ping, event_kind::pong, event_kind::ok}) {
    script s;
    EXPECT_EQ(s.on(kind), client_error::not_a_nats_server) << static_cast<int>(kind);
    EXPECT_EQ(s.written(), "");
  }
  script refused;
  EXPECT_EQ(refused.on(event_kind::err, "maximum connections exceeded"), client_error::connection_lost);
}

TEST(link, other_operations_during_the_handshake) {
  script s;
  s.on(event_kind::info, usual_info);
  s.written();
  EXPECT_FALSE(s.on(event_kind::ok));
  EXPECT_FALSE(s.on(event_kind::msg));
  EXPECT_FALSE(s.on(event_kind::ping));
  EXPECT_EQ(s.written(), "PONG\r\n");
  EXPECT_EQ(s.connection.state(), link::phase::wait_pong);
}

TEST(link, info_that_ends_the_connection) {
  struct {
    std::string_view info;
    client_error code;
  } const table[] = {
      {R"({"name":"n","headers":true,"tls_required":true})", client_error::tls_required},
      {R"({"name":"n","headers":false})", client_error::unsupported_by_server},
      {R"({"name":"n"})", client_error::unsupported_by_server},
      {"", client_error::malformed_info},
      {"[]", client_error::malformed_info},
      {R"({"headers":)", client_error::malformed_info},
      {R"({"headers":true,"max_payload":"much"})", client_error::malformed_info},
  };
  for (const auto& [info, code] : table) {
    script s;
    EXPECT_EQ(s.on(event_kind::info, info), code) << info;
    EXPECT_EQ(s.written(), "") << info;  // no password for a server that is refused
  }
}

TEST(link, a_later_info_takes_effect_at_once) {
  script s;
  s.shake_hands();
  EXPECT_FALSE(
      s.on(event_kind::info, R"({"headers":true,"max_payload":512,"ldm":true,"connect_urls":["a:1"]})"));
  EXPECT_TRUE(s.connection.ready());
  EXPECT_EQ(s.written(), "");  // CONNECT is said once
  EXPECT_EQ(s.connection.info().max_payload, 512U);
  EXPECT_TRUE(s.connection.info().lame_duck);
  EXPECT_EQ(s.on(event_kind::info, "{"), client_error::malformed_info);
}

TEST(link, info_twice_before_pong) {
  script s;
  s.on(event_kind::info, usual_info);
  s.written();
  EXPECT_FALSE(s.on(event_kind::info, R"({"headers":true,"max_payload":7})"));
  EXPECT_EQ(s.written(), "");
  EXPECT_FALSE(s.on(event_kind::pong));
  EXPECT_TRUE(s.connection.ready());
}

// The strings of facts F17 to F22, as servers of three generations say them, and some that nobody says.
TEST(link, what_the_servers_errors_mean) {
  struct {
    std::string_view text;
    std::optional<client_error> code;  // nothing: the connection stays
    std::optional<std::string> denied;
  } const table[] = {
      {"Authorization Violation", client_error::authentication_failed, {}},
      {"authorization violation", client_error::authentication_failed, {}},
      {"Authentication Timeout", client_error::authentication_failed, {}},
      {"User Authentication Expired", client_error::authentication_failed, {}},
      {"User Authentication Revoked", client_error::authentication_failed, {}},
      {"Account Authentication Expired", client_error::authentication_failed, {}},
      {"Stale Connection", client_error::stale_connection, {}},
      {"Maximum Payload Violation", client_error::connection_lost, {}},
      {"Maximum Control Line Exceeded", client_error::connection_lost, {}},
      {"maximum connections exceeded", client_error::connection_lost, {}},
      {"maximum account active connections exceeded", client_error::connection_lost, {}},
      {"Unknown Protocol Operation", client_error::connection_lost, {}},
      {"Parser Error", client_error::connection_lost, {}},
      {"Secure Connection - TLS Required", client_error::connection_lost, {}},
      {"Slow Consumer", client_error::connection_lost, {}},
      {"Server Shutdown", client_error::connection_lost, {}},
      {"something that no server says", client_error::connection_lost, {}},
      {"", client_error::connection_lost, {}},
      {"Maximum Subscriptions Exceeded", {}, {}},
      {"maximum subscriptions exceeded", {}, {}},
      {"Invalid Subject", {}, {}},
      {R"(Permissions Violation for Publish to "$KV.b.k")", {}, "$KV.b.k"},
      {R"(permissions violation for publish to "x")", {}, "x"},
      {R"(Permissions Violation for Subscription to "_INBOX.>")", {}, "_INBOX.>"},
      {R"(Permissions Violation for Subscription to "x" using queue "q")", {}, "x"},
      {R"(Permissions Violation for Subscription to "x" (sid "7"))", {}, "x"},
      {"Permissions Violation", {}, {}},
      {R"(Permissions Violation for Publish to ")", {}, {}},
      {R"(Permissions Violation for Publish to "")", {}, ""},
  };
  for (const auto& [text, code, denied] : table) {
    script s;
    s.shake_hands();
    const error_code expected = code ? error_code(*code) : error_code();
    EXPECT_EQ(s.on(event_kind::err, text), expected) << text;
    EXPECT_EQ(s.connection.detail(), text);
    EXPECT_EQ(s.connection.take_denied_subject(), denied) << text;
    EXPECT_EQ(s.connection.take_denied_subject(), std::nullopt) << text;
    EXPECT_EQ(s.written(), "");
  }
}

TEST(link, the_handshake_has_a_deadline) {
  script silent;
  EXPECT_FALSE(silent.wait(4999ms));
  EXPECT_EQ(silent.wait(1ms), client_error::connect_timeout);

  script half;
  half.now += 3s;
  half.on(event_kind::info, usual_info);  // does not begin the time anew
  EXPECT_FALSE(half.wait(1999ms));
  EXPECT_EQ(half.wait(1ms), client_error::connect_timeout);
}

TEST(link, a_silent_server_is_asked_twice) {
  script s;
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

// What is written proves nothing, and what comes proves enough: no PING while data comes.
TEST(link, only_inbound_data_proves_life) {
  script s;
  s.shake_hands();
  for (int i = 0; i < 10; ++i) {
    EXPECT_FALSE(s.inbound(event_kind::msg));
    EXPECT_FALSE(s.wait(30s));
    EXPECT_EQ(s.written(), "");
  }
  waiter_for_pong asks;
  error_code end;
  for (int i = 0; i < 3 && !end; ++i) {
    s.connection.ping(asks);
    s.out.append("PUB x 0\r\n\r\n");
    end = s.wait(30s);
  }
  EXPECT_EQ(end, errc::connection_lost);
}

TEST(link, an_answer_begins_the_count_anew) {
  script s;
  s.shake_hands();
  for (int i = 0; i < 20; ++i) {
    EXPECT_FALSE(s.wait(30s));
    EXPECT_FALSE(s.wait(30s));
    EXPECT_FALSE(s.inbound(event_kind::pong));
    EXPECT_FALSE(s.inbound(event_kind::pong));
    EXPECT_FALSE(s.wait(30s));
  }
}

TEST(link, pings_of_the_server_are_answered) {
  script s;
  s.shake_hands();
  for (int i = 0; i < 3; ++i) s.on(event_kind::ping);
  EXPECT_EQ(s.written(), "PONG\r\nPONG\r\nPONG\r\n");
}

TEST(link, each_pong_answers_one_ping_in_order) {
  script s;
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

TEST(link, a_ping_during_the_handshake_waits_for_its_own_pong) {
  script s;
  s.on(event_kind::info, usual_info);
  waiter_for_pong early;
  s.connection.ping(early);
  EXPECT_EQ(s.written(), greeting + "PING\r\n");
  s.on(event_kind::pong);
  EXPECT_EQ(early.pongs, 0);
  s.on(event_kind::pong);
  EXPECT_EQ(early.pongs, 1);
}

TEST(link, unsolicited_pongs_are_harmless) {
  script s;
  s.shake_hands();
  for (int i = 0; i < 1000; ++i) EXPECT_FALSE(s.on(event_kind::pong));
  waiter_for_pong later;
  s.connection.ping(later);
  s.on(event_kind::pong);
  EXPECT_EQ(later.pongs, 1);
}

TEST(link, a_new_connection_begins_from_nothing) {
  script s;
  s.shake_hands();
  waiter_for_pong old;
  s.connection.ping(old);
  s.wait(30s);
  s.on(event_kind::err, R"(Permissions Violation for Publish to "x")");
  s.connection.stop();
  EXPECT_EQ(s.connection.state(), link::phase::idle);
  EXPECT_FALSE(s.wait(1h));  // no deadlines without a connection
  s.out.clear();
  s.connection.start({R"({"a":1})", 5s, 30s, 2}, s.now);
  EXPECT_EQ(s.connection.take_denied_subject(), std::nullopt);
  s.shake_hands();
  s.on(event_kind::pong);
  EXPECT_EQ(old.pongs, 0);
  EXPECT_FALSE(s.wait(30s));
  EXPECT_FALSE(s.wait(30s));
  EXPECT_EQ(s.wait(30s), errc::connection_lost);
}

}  // namespace
}  // namespace kvco::core
