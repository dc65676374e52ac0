// Another server on request: reconnect(), set_servers(), and the functions that choose server and delay.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <kvco_test/support/fake/lab.hpp>
#include <kvco_test/support/fake/slow_put.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/error.hpp>
#include <stdexcept>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

config three_servers() { return config("nats://a:1,b:2,c:3").shuffle_servers(false); }

std::vector<std::string> dialled(lab& in) {
  std::vector<std::string> hosts;
  for (const dial& each : in.world().dials) hosts.push_back(each.host);
  return hosts;
}

TEST(reconnect_on_request, answers_come_first_and_nothing_is_lost) {
  lab in(three_servers());
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  slow_put slow(in);
  outcome again, later;
  reconnect(in.nats, note{&again});
  in.run();
  in.kv.put("k", "v", note{&later});
  in.run();
  EXPECT_EQ(again.calls + slow.result.calls + later.calls, 0);
  EXPECT_THAT(dialled(in), ElementsAre("a"));
  slow.answer();
  const core::time_point answered = in.world().now();
  ASSERT_TRUE(in.run_until([&] { return again.calls > 0 && later.calls > 0; }));
  EXPECT_TRUE(succeeded(slow.result));
  EXPECT_TRUE(succeeded(again));
  EXPECT_TRUE(succeeded(later));
  EXPECT_EQ(in.world().now(), answered) << "without a pause";
  EXPECT_THAT(dialled(in), ElementsAre("a", "b"));
  in.expect_working();
}

TEST(reconnect_on_request, messages_that_were_written_are_read_before) {
  lab in(three_servers());
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  in.server().says_pong = false;
  outcome published, again;
  in.nats.publish("s", "v", publish_options(), note{&published});
  reconnect(in.nats, note{&again});
  in.pass(1s);
  EXPECT_EQ(again.calls, 0) << "the server has not read the message yet";
  in.server().says_pong = true;
  in.pass(6s);
  EXPECT_TRUE(succeeded(again)) << "a server that does not read is left after 5 s";
}

TEST(reconnect_on_request, a_pause_ends_and_a_client_that_does_not_come_back_does) {
  lab in(three_servers().reconnect([](auto& again) { again.initial_delay(1h).max_delay(1h); }));
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  in.world().end_connection(asio::error::eof);
  in.run();
  ASSERT_FALSE(in.nats.is_connected());
  const core::time_point begin = in.world().now();
  outcome again;
  reconnect(in.nats, note{&again});
  in.run();
  EXPECT_TRUE(succeeded(again));
  EXPECT_EQ(in.world().now(), begin);

  lab other(three_servers().reconnect([](auto& settings) { settings.enabled(false); }));
  ASSERT_NO_FATAL_FAILURE(other.connect_and_open());
  outcome moved;
  reconnect(other.nats, note{&moved});
  other.run();
  EXPECT_TRUE(succeeded(moved));
  other.expect_working();
}

TEST(reconnect_on_request, behind_a_dial_that_fails_there_is_no_pause) {
  lab in(config("nats://a:1").reconnect([](auto& again) { again.initial_delay(1h).max_delay(1h); }));
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  in.world().on_dial = [](const dial&) { return answer::silence; };
  in.world().end_connection(asio::error::eof);
  ASSERT_TRUE(in.run_until([&] { return in.world().dials.size() == 2; }, 2h));
  outcome again;
  reconnect(in.nats, request_options{.timeout = 1min}, note{&again});
  in.run();
  in.world().on_dial = nullptr;
  in.pass(30s);
  EXPECT_TRUE(succeeded(again));
  EXPECT_EQ(in.world().dials.size(), 3u);
}

TEST(reconnect_on_request, ends_by_its_deadline_its_cancellation_and_the_end_of_the_client) {
  lab in(three_servers());
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  in.world().on_dial = [](const dial&) { return answer::refuse; };
  outcome late, cancelled, closed, refused, empty;
  asio::cancellation_signal cancel;
  reconnect(in.nats, request_options{.timeout = 1s}, note{&late});
  reconnect(in.nats, asio::bind_cancellation_slot(cancel.slot(), note{&cancelled}));
  reconnect(in.nats, request_options{.timeout = 1h}, note{&closed});
  reconnect(in.nats, request_options{.timeout = -1s}, note{&refused});
  reconnect(client(), asio::bind_executor(in.executor(), note{&empty}));
  in.pass(2s);
  EXPECT_TRUE(failed_with(late, errc::timeout));
  EXPECT_TRUE(failed_with(refused, errc::invalid_argument));
  EXPECT_TRUE(failed_with(empty, errc::closed));
  cancel.emit(asio::cancellation_type::total);
  in.run();
  EXPECT_EQ(cancelled.code, asio::error::operation_aborted);
  outcome end, later;
  in.nats.close(request_options{.timeout = 1s}, note{&end});
  in.pass(2s);
  EXPECT_EQ(closed.code, asio::error::operation_aborted);
  reconnect(in.nats, note{&later});
  in.run();
  EXPECT_TRUE(failed_with(later, errc::closed));
}

TEST(reconnect_on_request, with_a_watch_that_goes_on) {
  lab in(three_servers());
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  in.updates = in.kv.watch_all();
  outcome next, again;
  in.updates.next(note{&next});
  in.run();
  reconnect(in.nats, note{&again});
  in.run();
  ASSERT_TRUE(succeeded(again));
  EXPECT_EQ(next.calls, 0);
  in.kv.put("k", "v", asio::detached);
  ASSERT_TRUE(in.run_until([&] { return next.calls > 0; }));
  EXPECT_TRUE(succeeded(next));
}

TEST(other_servers, are_used_from_the_next_connection_on) {
  lab in(config("nats://a:1"));
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  EXPECT_THAT(known_servers(in.nats), ElementsAre("a:1"));
  outcome set, again;
  set_servers(in.nats, "nats://y:1", note{&set});
  in.run();
  EXPECT_TRUE(succeeded(set));
  EXPECT_TRUE(in.nats.is_connected());
  EXPECT_THAT(dialled(in), ElementsAre("a"));
  EXPECT_THAT(known_servers(in.nats), ElementsAre("y:1"));
  reconnect(in.nats, note{&again});
  in.run();
  EXPECT_TRUE(succeeded(again));
  EXPECT_THAT(dialled(in), ElementsAre("a", "y"));
}

TEST(other_servers, are_taken_in_lame_duck_mode_and_are_not_mixed_with_those_before) {
  lab in(config("nats://user:secret@a:1"));
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  outcome set;
  set_servers(in.nats, "nats://y:1", note{&set});
  in.run();
  ASSERT_TRUE(succeeded(set));
  in.server().say(*in.server().newest(), R"(INFO {"headers":true,"version":"2.10.27","max_payload":1048576,)"
                                         R"("ldm":true,"connect_urls":["of-the-old-cluster:1"]})"
                                         "\r\n");
  ASSERT_TRUE(in.run_until([&] { return in.world().dials.size() == 2; }));
  EXPECT_THAT(dialled(in), ElementsAre("a", "y"));
  EXPECT_THAT(known_servers(in.nats), ElementsAre("y:1"));
  in.run();
  in.expect_working();
}

TEST(other_servers, that_are_no_urls_are_refused_and_those_before_stay) {
  lab in(config("nats://a:1"));
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  for (const std::string_view wrong : {"", "nats://", "http://y", "nats://y:99999", "y,,z"}) {
    outcome set;
    set_servers(in.nats, wrong, note{&set});
    in.run();
    EXPECT_TRUE(failed_with(set, errc::invalid_url)) << wrong;
  }
  EXPECT_THAT(known_servers(in.nats), ElementsAre("a:1"));
  EXPECT_TRUE(known_servers(client()).empty());
  outcome end, later;
  in.nats.close(note{&end});
  in.run();
  set_servers(in.nats, "nats://y:1", note{&later});
  in.run();
  EXPECT_TRUE(failed_with(later, errc::closed));
}

TEST(max_attempts, end_the_client_with_the_last_reason) {
  lab in(three_servers().reconnect([](auto& again) { again.max_attempts(2); }));
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  in.world().on_dial = [](const dial&) { return answer::refuse; };
  in.world().end_connection(asio::error::eof);
  outcome waits, later;
  in.kv.put("k", "v", put_options{.timeout = 1h}, note{&waits});
  ASSERT_TRUE(in.run_until([&] { return waits.calls > 0; }));
  EXPECT_EQ(waits.code, errc::connect_failed);
  EXPECT_THAT(dialled(in), ElementsAre("a", "b", "c", "a", "b", "c", "a"));
  in.kv.put("k", "v", note{&later});
  in.pass(1min);
  EXPECT_TRUE(failed_with(later, errc::closed));
  EXPECT_EQ(in.world().dials.size(), 7u);
}

TEST(max_attempts, begin_again_with_other_servers) {
  lab in(
      config("nats://a:1,b:2").shuffle_servers(false).reconnect([](auto& again) { again.max_attempts(2); }));
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  in.world().on_dial = [](const dial& to) { return to.host == "b" ? answer::silence : answer::refuse; };
  in.world().end_connection(asio::error::eof);
  ASSERT_TRUE(in.run_until([&] { return in.world().dials.size() == 4; }));
  EXPECT_THAT(dialled(in), ElementsAre("a", "b", "a", "b")) << "the last one of both rounds is being dialled";
  int refusals = 1;
  in.world().on_dial = [&](const dial&) { return refusals-- > 0 ? answer::refuse : answer::accept; };
  outcome set;
  set_servers(in.nats, "nats://y:1", note{&set});
  ASSERT_TRUE(in.run_until([&] { return in.nats.is_connected(); }));
  EXPECT_THAT(dialled(in), ElementsAre("a", "b", "a", "b", "y", "y")) << "each of the others twice";
  in.expect_working();
}

TEST(max_attempts, are_those_in_a_row) {
  lab in(config("nats://a:1").reconnect([](auto& again) { again.max_attempts(3); }));
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  for (int lost = 0; lost < 4; ++lost) {
    int refusals = 2;
    in.world().on_dial = [&](const dial&) { return refusals-- > 0 ? answer::refuse : answer::accept; };
    in.world().end_connection(asio::error::eof);
    in.pass(1min);
    ASSERT_TRUE(in.nats.is_connected());
  }
  in.expect_working();
}

TEST(delay_function, gives_each_pause) {
  std::vector<std::size_t> rounds;
  lab in(config("nats://a:1").reconnect([&](auto& again) {
    again.delay([&](std::size_t round) {
      rounds.push_back(round);
      return round == 1 ? duration(-5s) : duration(round * 7s);
    });
  }));
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  int refusals = 3;
  in.world().on_dial = [&](const dial&) { return refusals-- > 0 ? answer::refuse : answer::accept; };
  const core::time_point lost = in.world().now();
  in.world().end_connection(asio::error::eof);
  ASSERT_TRUE(in.run_until([&] { return !in.nats.is_connected(); }));
  ASSERT_TRUE(in.run_until([&] { return in.nats.is_connected(); }));
  EXPECT_THAT(rounds, ElementsAre(0, 1, 2, 3));
  EXPECT_EQ(in.world().now() - lost, 14s + 21s);
}

TEST(next_server_function, names_the_one_to_dial) {
  std::vector<std::vector<std::string>> offered;
  std::string wanted = "c:3";
  lab in(three_servers().reconnect([&](auto& again) {
    again.next_server([&](const std::vector<std::string>& servers) {
      offered.push_back(servers);
      return wanted;
    });
  }));
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  EXPECT_THAT(dialled(in), ElementsAre("c"));
  EXPECT_THAT(offered, ElementsAre(ElementsAre("a:1", "b:2", "c:3")));
  wanted = "elsewhere:1";
  in.world().end_connection(asio::error::eof);
  in.expect_working();
  EXPECT_THAT(dialled(in), ElementsAre("c", "a"));
}

TEST(chosen_by_functions, that_throw_is_what_holds_without_them) {
  bool throws = false;
  lab in(three_servers().reconnect([&](auto& again) {
    again.delay([](std::size_t) -> duration { throw std::runtime_error("no delay"); });
    again.next_server([&](const auto&) -> std::string {
      return throws ? throw std::runtime_error("no server") : std::string();
    });
  }));
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  throws = true;
  in.world().end_connection(asio::error::eof);
  std::vector<std::string> thrown;
  for (int step = 0; step < 10'000 && thrown.size() < 2; ++step) {
    try {
      in.step_or_wait();
    } catch (const std::runtime_error& failed) {
      thrown.push_back(failed.what());
    }
  }
  EXPECT_THAT(thrown, ElementsAre("no delay", "no server"));
  in.expect_working();
  EXPECT_THAT(dialled(in), ElementsAre("a", "b"));
}

}  // namespace
}  // namespace kvco::test
