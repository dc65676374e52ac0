// Lame duck mode, gossip, draining, and what happens without a connection where none is waited for.
#include <gtest/gtest.h>

#include <kvco_test/support/fake/lab.hpp>
#include <kvco_test/support/fake/slow_put.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/error.hpp>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;

const std::string lame_duck = R"(INFO {"headers":true,"version":"2.10.27","max_payload":1048576,"ldm":true})"
                              "\r\n";

config two_servers() { return config("nats://a:1,b:2").shuffle_servers(false); }

// fault: 27, 44
TEST(lame_duck, another_server_is_taken_once_what_is_in_flight_was_answered) {
  lab in(two_servers());
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  slow_put slow(in);
  in.server().say(in.world().links.back()->server, lame_duck);
  in.run();
  outcome later;
  in.kv.put("k", "v", note{&later});
  in.run();
  EXPECT_EQ(later.calls, 0) << "it was sent to a server that is about to go";
  EXPECT_EQ(in.world().dials.size(), 1u);
  slow.answer();
  ASSERT_TRUE(in.run_until([&] { return later.calls > 0; }));
  EXPECT_TRUE(succeeded(slow.result));
  EXPECT_TRUE(succeeded(later));
  ASSERT_EQ(in.world().dials.size(), 2u);
  EXPECT_EQ(in.world().dials.back().host, "b");
  in.expect_working();
}

// fault: 44
TEST(lame_duck, an_answer_that_does_not_come_is_not_waited_for_for_ever) {
  lab in(two_servers());
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  slow_put slow(in);
  in.server().say(in.world().links.back()->server, lame_duck);
  in.pass(6s);
  EXPECT_TRUE(failed_with(slow.result, errc::outcome_unknown));
  EXPECT_EQ(in.world().dials.size(), 2u);
  in.expect_working();
}

// fault: 44
TEST(lame_duck, the_only_server_is_kept_to_its_end) {
  lab in;
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  in.server().say(in.world().links.back()->server, lame_duck);
  in.pass(30s);
  EXPECT_EQ(in.world().dials.size(), 1u);
  in.expect_working();
}

// fault: 27
TEST(gossip, servers_that_were_told_of_are_dialled) {
  lab in;
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  in.server().say(
      in.world().links.back()->server,
      R"(INFO {"headers":true,"max_payload":1048576,"connect_urls":["10.0.0.2:4222","no address"]})"
      "\r\n");
  in.run();
  in.world().on_dial = [](const dial& to) { return to.host == "a" ? answer::refuse : answer::accept; };
  in.world().end_connection(asio::error::eof);
  in.expect_working();
  EXPECT_EQ(in.world().dials.back().host, "10.0.0.2");
}

TEST(draining, waits_for_answers_and_refuses_what_is_new) {
  lab in;
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  slow_put slow(in);
  outcome drained, refused;
  in.nats.drain(note{&drained});
  in.run();
  in.kv.put("k", "v", note{&refused});
  in.pass(1s);
  EXPECT_TRUE(failed_with(refused, errc::closed));
  EXPECT_EQ(drained.calls, 0);
  slow.answer();
  ASSERT_TRUE(in.run_until([&] { return drained.calls > 0; }));
  EXPECT_TRUE(succeeded(slow.result));
  EXPECT_TRUE(succeeded(drained));
}

// fault: 80
TEST(draining, is_bounded_and_tells_what_was_not_answered) {
  lab in;
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  slow_put slow(in);
  outcome drained;
  in.nats.drain(request_options{.timeout = 2s}, note{&drained});
  in.pass(3s);
  EXPECT_TRUE(failed_with(drained, errc::timeout));
  EXPECT_NE(drained.detail.find("1 operation"), std::string::npos) << drained.detail;
  EXPECT_EQ(slow.result.code, asio::error::operation_aborted);
}

TEST(draining, without_anything_to_wait_for) {
  lab in;
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  outcome first, second;
  in.nats.drain(note{&first});
  in.nats.drain(note{&second});
  in.run();
  EXPECT_TRUE(succeeded(first));
  EXPECT_TRUE(succeeded(second));
}

TEST(without_a_connection, operations_fail_at_once_if_asked_to) {
  lab in(config("nats://a:4222").wait_for_connection(false));
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  in.server().script = [](server_connection&, const client_frame& frame) { return !frame.reply.empty(); };
  outcome read, written;
  in.kv.get("k", note{&read});
  in.kv.put("k", "v", note{&written});
  in.run();
  in.world().on_dial = [](const dial&) { return answer::refuse; };
  in.world().end_connection(asio::error::eof);
  in.run();
  EXPECT_TRUE(failed_with(read, errc::connection_lost));
  EXPECT_TRUE(failed_with(written, errc::outcome_unknown));
  outcome later;
  in.kv.put("k", "v", note{&later});
  in.run();
  EXPECT_TRUE(failed_with(later, errc::connection_lost));
  in.server().script = nullptr;
  in.world().on_dial = nullptr;
  ASSERT_TRUE(in.run_until([&] { return in.nats.is_connected(); }));
  in.expect_working();
}

// fault: 1
TEST(without_a_connection, the_first_one_is_tried_for_ever_if_asked_to) {
  lab in(config("nats://a:4222").reconnect([](auto& reconnect) { reconnect.retry_first_connect(true); }));
  int refusals = 5;
  in.world().on_dial = [&](const dial&) { return refusals-- > 0 ? answer::refuse : answer::accept; };
  in.connect();
  EXPECT_EQ(in.world().dials.size(), 6u);
  EXPECT_TRUE(in.nats.is_connected());
}

// A client that takes nothing new any more has no other end.
// fault: 80
TEST(draining, that_is_cancelled_closes_the_client_at_once) {
  lab in;
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  slow_put slow(in);
  outcome drained, closed;
  asio::cancellation_signal cancel;
  in.nats.drain(asio::bind_cancellation_slot(cancel.slot(), note{&drained}));
  in.run();
  cancel.emit(asio::cancellation_type::terminal);
  in.run();
  EXPECT_EQ(drained.code, asio::error::operation_aborted);
  EXPECT_EQ(slow.result.code, asio::error::operation_aborted);
  in.nats.close(request_options{.timeout = 1s}, note{&closed});
  in.pass(2s);
  EXPECT_TRUE(succeeded(closed));
}

// fault: 80
TEST(draining, and_closing_have_words_for_a_connection_that_ends_before_the_last_answer) {
  for (const bool drains : {false, true}) {
    lab in;
    ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
    in.server().says_pong = false;
    outcome ended;
    drains ? in.nats.drain(note{&ended}) : in.nats.close(note{&ended});
    in.run();
    in.server().close(*in.server().newest());
    ASSERT_TRUE(in.run_until([&] { return ended.calls > 0; }));
    EXPECT_EQ(ended.code, errc::connection_lost) << ended.code;
    EXPECT_EQ(ended.detail, "the server closed the connection");
  }
}

TEST(draining, is_cut_short_by_close) {
  lab in;
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  slow_put slow(in);
  outcome drained, closed;
  in.nats.drain(request_options{.timeout = 1h}, note{&drained});
  in.run();
  in.nats.close(request_options{.timeout = 1s}, note{&closed});
  in.pass(2s);
  EXPECT_TRUE(succeeded(closed));
  EXPECT_EQ(drained.calls, 1);
  EXPECT_EQ(drained.code, asio::error::operation_aborted);
  EXPECT_EQ(slow.result.code, asio::error::operation_aborted);
}

TEST(draining, and_closing_refuse_a_negative_timeout_and_nothing_ends) {
  lab in;
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  outcome drained, closed;
  in.nats.drain(request_options{.timeout = -1s}, note{&drained});
  in.nats.close(request_options{.timeout = -1s}, note{&closed});
  in.run();
  EXPECT_TRUE(failed_with(drained, errc::invalid_argument));
  EXPECT_TRUE(failed_with(closed, errc::invalid_argument));
  in.expect_working();
}

}  // namespace
}  // namespace kvco::test
