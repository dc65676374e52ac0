// Talks to a link by hand: what the server says, what is written, how time passes.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <kvco/core/link.hpp>
#include <string>
#include <string_view>
#include <utility>

namespace kvco::core {

using namespace std::chrono_literals;
using wire::event_kind;

inline const std::string usual_info =
    R"({"server_id":"id","name":"n","version":"2.10.0","headers":true,"max_payload":1048576})";
inline const std::string greeting = "CONNECT {\"a\":1}\r\nPING\r\n";

struct waiter_for_pong final : ping_waiter {
  void on_pong(time_point now) override {
    ++pongs;
    at = now;
  }
  int pongs = 0;
  time_point at{};
};

struct link_script {
  link_script() { connection.start({5s, 30s, 2}, now); }

  /// A peer says PONG when it has read the PING.
  error_code on(event_kind kind, std::string_view text = {}) {
    if (kind == event_kind::pong) write();
    return say(kind, text);
  }
  /// Whether it has read anything or not.
  error_code say(event_kind kind, std::string_view text = {}) {
    wire::event event;
    event.kind = kind;
    event.text = text;
    return connection.on_event(event, now);
  }
  /// INFO, and our answer to it.
  void greet() {
    ASSERT_FALSE(on(event_kind::info, usual_info));
    ASSERT_EQ(connection.state(), link::phase::greeted);
    connection.send_connect(R"({"a":1})");
  }
  void shake_hands() {
    greet();
    ASSERT_FALSE(on(event_kind::pong));
    ASSERT_TRUE(connection.ready());
    written();
  }
  void write() {
    for (const std::string_view piece : out.take()) written_ += piece;
    out.written();
  }
  /// Since the last time.
  std::string written() {
    write();
    return std::exchange(written_, {});
  }
  error_code wait(duration time) {
    now += time;
    return connection.on_time(now);
  }

  time_point now{1h};
  outbox out;
  written_log log;
  link connection{out, log};

 private:
  std::string written_;
};

}  // namespace kvco::core
