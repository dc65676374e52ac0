// Losing the connection and coming back: liveness, the rate of attempts, and what waits meanwhile.
#include <gtest/gtest.h>

#include <kvco_test/support/fake/lab.hpp>

#include <boost/asio/error.hpp>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;

// fault: 20
TEST(backoff, grows_from_the_first_to_the_most) {
  lab in(config("nats://a:4222").reconnect([](auto& reconnect) {
    reconnect.initial_delay(100ms).max_delay(3200ms);
  }));
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  in.world().on_dial = [](const dial&) { return answer::refuse; };
  const core::time_point lost = in.world().now();
  in.world().end_connection(asio::error::eof);
  in.pass(60s);
  const auto& dials = in.world().dials;
  duration step = 100ms, longest{};
  core::time_point before = lost;
  for (std::size_t i = 1; i < dials.size(); ++i) {
    const duration gap = dials[i].at - before;
    EXPECT_LE(gap, step) << "attempt " << i;
    longest = std::max(longest, gap);
    before = dials[i].at;
    step = std::min<duration>(step * 2, 3200ms);
  }
  EXPECT_GT(longest, 1600ms);
  EXPECT_GE(dials.size(), 60s / 3200ms);
  EXPECT_LE(dials.size(), 60s / 1000ms) << "the mean is 1600 ms";
  in.expect_working();
}

// fault: 1
TEST(backoff, is_between_rounds_over_all_servers) {
  lab in(config("nats://a:1,b:2,c:3")
             .reconnect([](auto& reconnect) { reconnect.initial_delay(1s).max_delay(1s); })
             .shuffle_servers(false));
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  in.world().on_dial = [](const dial&) { return answer::refuse; };
  in.world().end_connection(asio::error::eof);
  in.pass(10s);
  const auto& dials = in.world().dials;
  ASSERT_GT(dials.size(), 30u);
  EXPECT_LE(dials.size(), 1u + 3 * 40) << "the mean is 500 ms";
  EXPECT_EQ(dials[1].host, "b") << "begins with the next one";
  for (std::size_t i = 1; i + 3 < dials.size(); i += 3) {
    EXPECT_EQ(dials[i].at, dials[i + 2].at);
    EXPECT_GT(dials[i + 3].at, dials[i].at);
  }
}

// A server, or something before it, that takes every connection and drops it: no storm.
// fault: 5, 16
TEST(backoff, does_not_begin_anew_with_connections_that_do_not_last) {
  lab in;
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  in.server().script = [&in](server_connection& conn, const client_frame& frame) {
    if (frame.what != client_frame::verb::sub) return false;
    in.server().close(conn);
    return true;
  };
  in.world().end_connection(asio::error::eof);
  in.pass(60s);
  EXPECT_LE(in.world().dials.size(), 40u) << "a storm of connections";
  EXPECT_GE(in.world().dials.size(), 10u);
  in.expect_working();
}

// fault: 16
TEST(backoff, begins_anew_after_a_connection_that_lasted) {
  lab in;
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  in.world().on_dial = [](const dial&) { return answer::refuse; };
  in.world().end_connection(asio::error::eof);
  in.pass(60s);
  in.world().on_dial = nullptr;
  ASSERT_TRUE(in.run_until([&] { return in.nats.is_connected(); }));
  in.pass(20s);
  const core::time_point lost = in.world().now();
  in.world().end_connection(asio::error::eof);
  ASSERT_TRUE(in.run_until([&] { return !in.nats.is_connected(); }));
  ASSERT_TRUE(in.run_until([&] { return in.nats.is_connected(); }));
  EXPECT_LE(in.world().now() - lost, 50ms);
}

// fault: 10
TEST(liveness, silence_is_noticed_by_pings) {
  lab in(config("nats://a:4222").ping_interval(10s).max_pings_outstanding(2));
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  const core::time_point begin = in.world().now();
  in.world().to_client_lost = true;
  ASSERT_TRUE(in.run_until([&] { return !in.nats.is_connected(); }));
  EXPECT_GE(in.world().now() - begin, 20s);
  EXPECT_LE(in.world().now() - begin, 40s);
  in.expect_working();
  EXPECT_EQ(in.world().dials.size(), 2u);
}

TEST(liveness, an_idle_connection_stays) {
  lab in(config("nats://a:4222").ping_interval(10s));
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  in.pass(600s);
  EXPECT_EQ(in.world().dials.size(), 1u);
  in.expect_working();
}

// What is written proves nothing.
// fault: 11
TEST(liveness, is_not_refreshed_by_outbound_traffic) {
  lab in(config("nats://a:4222").ping_interval(10s).timeout(2s));
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  in.world().to_client_lost = true;
  outcome last;
  for (int second = 0; second < 45; ++second) {
    in.kv.put("k", "v", note{&last});
    in.pass(1s);
  }
  EXPECT_GE(in.world().dials.size(), 2u);
  in.pass(2s);
  in.expect_working();
}

// Nothing that the client writes arrives, but the heartbeats of a watch still do: only an answer proves the way there.
// fault: 11
TEST(liveness, is_not_proved_by_inbound_traffic_alone) {
  lab in(config("nats://a:4222").ping_interval(10s));
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  in.updates = in.kv.watch_all();
  in.pass(7s);
  in.world().to_server_lost = true;
  in.pass(120s);
  EXPECT_GE(in.world().dials.size(), 2u) << "a line that is dead one way is never given up";
  in.expect_working(1);
}

// A leader that hangs is no reason to give up the connection: the server answers pings.
TEST(liveness, unanswered_requests_alone_do_not_end_a_connection) {
  lab in(config("nats://a:4222").ping_interval(10s).timeout(2s));
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  in.updates = in.kv.watch_all();
  in.run();
  in.server().script = [](server_connection&, const client_frame& frame) {
    return frame.subject == "$KV.B.k";
  };
  outcome last;
  for (int second = 0; second < 120; ++second) {
    in.kv.put("k", "v", note{&last});
    in.pass(1s);
  }
  in.pass(2s);
  EXPECT_EQ(in.world().dials.size(), 1u);
  in.server().script = nullptr;
  in.expect_working(1);
}

TEST(waiting_operations, go_out_in_order_when_the_connection_is_back) {
  lab in;
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  in.world().on_dial = [](const dial&) { return answer::refuse; };
  in.world().end_connection(asio::error::eof);
  in.run();
  std::vector<outcome> puts(20);
  for (outcome& each : puts) in.kv.put("k", "v", note{&each});
  in.pass(5s);
  for (const outcome& each : puts) EXPECT_EQ(each.calls, 0);
  in.world().on_dial = nullptr;
  ASSERT_TRUE(in.run_until([&] { return puts.back().calls > 0; }));
  for (std::size_t i = 0; i < puts.size(); ++i) EXPECT_EQ(puts[i].value, "ok " + std::to_string(i + 1));
  in.expect_working();
}

// A read may be asked again: it does not fail with the connection.
TEST(waiting_operations, reads_in_flight_are_asked_again) {
  for (const char* version : {"2.9.10", "2.10.27"}) {
    lab in;
    in.server().version = version;
    in.server().create_bucket("B");
    in.server().put("B", "k", "v");
    ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
    in.server().answers = false;
    outcome sent, waiting;
    in.kv.get("k", note{&sent});
    in.run();
    in.world().on_dial = [](const dial&) { return answer::refuse; };
    in.world().end_connection(asio::error::eof);
    in.run();
    in.kv.get("k", note{&waiting});
    // Longer than an old server's silence means anything.
    in.pass(6s);
    EXPECT_EQ(sent.calls + waiting.calls, 0) << version << ": given up before the deadline";
    in.world().on_dial = nullptr;
    in.server().answers = true;
    EXPECT_TRUE(in.run_until([&] { return sent.calls > 0 && waiting.calls > 0; }));
    EXPECT_EQ(sent.value, "ok k@1=v") << version << sent.code.message();
    EXPECT_EQ(waiting.value, "ok k@1=v") << version << waiting.code.message();
    in.expect_working();
  }
}

// fault: 66
TEST(waiting_operations, are_refused_when_a_new_server_takes_less) {
  lab in;
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  in.world().on_dial = [](const dial&) { return answer::refuse; };
  in.world().end_connection(asio::error::eof);
  in.run();
  outcome large, small;
  in.kv.put("large", std::string(5000, 'x'), note{&large});
  in.kv.put("small", "x", note{&small});
  in.server().max_payload = 1000;
  in.world().on_dial = nullptr;
  ASSERT_TRUE(in.run_until([&] { return small.calls > 0; }));
  EXPECT_TRUE(failed_with(large, errc::value_too_large));
  EXPECT_TRUE(succeeded(small));
  in.expect_working();
}

TEST(without_reconnect, a_lost_connection_ends_the_client) {
  lab in(config("nats://a:4222").reconnect([](auto& reconnect) { reconnect.enabled(false); }));
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  in.server().answers = false;
  outcome put, get, later, next, again;
  in.kv.put("k", "v", note{&put});
  in.kv.get("k", note{&get});
  in.updates = in.kv.watch_all();
  in.updates.next(note{&next});
  in.run();
  in.world().end_connection(asio::error::eof);
  in.run();
  EXPECT_TRUE(failed_with(put, errc::outcome_unknown));
  EXPECT_TRUE(failed_with(get, errc::connection_lost));
  EXPECT_TRUE(failed_with(next, errc::connection_lost));
  in.kv.put("k", "v", note{&later});
  in.nats.flush(note{&again});
  in.run();
  EXPECT_TRUE(failed_with(later, errc::closed));
  EXPECT_TRUE(failed_with(again, errc::closed));
  EXPECT_TRUE(in.reactor().stopped());
  EXPECT_EQ(in.world().dials.size(), 1u);
}

// fault: 16
TEST(watch, goes_on_behind_its_last_entry_after_each_of_many_losses) {
  lab in;
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  in.updates = in.kv.watch_all();
  std::vector<std::string> seen;
  std::function<void(error_code, std::optional<entry>)> take = [&](error_code code, std::optional<entry> e) {
    if (code || !e) return;
    seen.emplace_back(e->value());
    in.updates.next(take);
  };
  in.updates.next(take);
  for (int i = 0; i < 60; ++i) {
    in.server().put("B", "k" + std::to_string(i % 7), std::to_string(i));
    if (i % 3 == 0) in.run();
    if (i % 8 == 0) in.world().end_connection(asio::error::eof);
    if (i % 8 == 4) in.world().end_connection(asio::error::connection_reset);
    if (i % 5 == 0) in.pass(700ms);
  }
  in.pass(20s);
  ASSERT_EQ(seen.size(), 60u);
  for (std::size_t i = 0; i < seen.size(); ++i) EXPECT_EQ(seen[i], std::to_string(i));
  EXPECT_LE(in.server().consumers(), 2u) << "consumers are left behind";
  in.expect_working(1);
  in.updates = {};
}

// The request that creates a watch's consumer is of use to its own connection only: sent by the next one, behind the request that
// deletes it, it would make a consumer that nobody listens to.
TEST(watch, has_one_consumer_when_the_request_for_another_was_never_sent) {
  lab in;
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  std::optional<client_frame> look;
  server_connection* at = nullptr;
  in.server().script = [&](server_connection& conn, const client_frame& frame) {
    if (frame.subject.find("STREAM.INFO") == std::string::npos) return false;
    at = &conn;
    look = frame;
    return true;
  };
  in.updates = in.kv.watch_all();
  in.run();
  ASSERT_TRUE(look);
  in.server().script = nullptr;
  in.world().server_reads = false;
  outcome ahead, initial;
  in.kv.put("k", "v", note{&ahead});  // the next request stands in the queue behind it
  in.run();
  in.server().carry_out(*at, *look);
  in.run();
  in.world().end_connection(asio::error::eof);
  in.world().server_reads = true;
  in.updates.next_initial(note{&initial});
  ASSERT_TRUE(in.run_until([&] { return initial.calls > 0; }));
  EXPECT_TRUE(succeeded(initial));
  EXPECT_TRUE(failed_with(ahead, errc::outcome_unknown));
  EXPECT_EQ(in.server().consumers(), 1u);
  in.expect_working(1);
}

// What is sent again has nobody to send it: it ends, and at once.
// fault: 60
TEST(without_reconnect, a_write_that_would_be_sent_again_is_unknown) {
  for (const bool sent_twice : {false, true}) {
    lab in(config("nats://a:4222").reconnect([](auto& reconnect) { reconnect.enabled(false); }));
    ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
    in.server().answers = false;
    outcome put;
    in.kv.put("k", "v", {.retry = retry::idempotent}, note{&put});
    sent_twice ? in.pass(3s) : void(in.run());
    in.world().end_connection(asio::error::eof);
    in.run();
    EXPECT_TRUE(failed_with(put, errc::outcome_unknown));
    EXPECT_TRUE(in.reactor().stopped());
  }
}

// Servers that accept and say nothing tell nothing of what the next one takes.
TEST(waiting_operations, are_judged_by_what_the_last_server_has_said) {
  lab in;
  in.server().max_payload = 8u << 20;
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  in.server().says_info = false;
  in.world().end_connection(asio::error::eof);
  outcome during, between;
  ASSERT_TRUE(in.run_until([&] { return in.world().dials.size() == 2; }));
  in.run();
  in.kv.put("k", std::string(2u << 20, 'v'), put_options{.timeout = 60s}, note{&during});
  in.pass(6s);  // connect_timeout is 5 s
  EXPECT_EQ(in.nats.server_info().max_payload, 8u << 20);
  in.kv.put("k", std::string(2u << 20, 'v'), put_options{.timeout = 60s}, note{&between});
  in.server().says_info = true;
  ASSERT_TRUE(in.run_until([&] { return between.calls > 0; }));
  EXPECT_TRUE(succeeded(during));
  EXPECT_TRUE(succeeded(between));
}

TEST(reconnect, a_ping_that_ends_with_its_connection_has_the_reason) {
  lab in;
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  in.server().says_pong = false;
  outcome flush, rtt;
  in.nats.flush(note{&flush});
  in.nats.rtt(note{&rtt});
  in.run();
  in.server().close(*in.server().newest());
  ASSERT_TRUE(in.run_until([&] { return flush.calls + rtt.calls == 2; }));
  for (const outcome& each : {flush, rtt}) {
    EXPECT_TRUE(failed_with(each, errc::connection_lost));
    EXPECT_EQ(each.detail, "the server closed the connection");
  }
}

}  // namespace
}  // namespace kvco::test
