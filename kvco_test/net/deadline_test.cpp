// Deadlines by the virtual clock: each operation ends by its own, with the right kind of error.
#include <gtest/gtest.h>

#include <kvco_test/support/fake/operation_cases.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/error.hpp>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;

class in_silence : public testing::TestWithParam<operation_case> {};
INSTANTIATE_TEST_SUITE_P(of, in_silence, testing::ValuesIn(all_operations()), case_name());

bool may_have_been_stored(const std::string& name) {
  for (const char* reader :
       {"purge_deletes", "delete_bucket", "update_bucket", "purge_bucket", "erase_keys", "purge_keys"}) {
    if (name.starts_with(reader)) return false;  // it reads first
  }
  for (const char* write : {"put", "create", "update", "erase", "purge", "ensure", "delete"}) {
    if (name.starts_with(write)) return true;
  }
  return false;
}

// fault: 10
TEST_P(in_silence, ends_at_its_deadline) {
  const operation_case& which = GetParam();
  if (which.name == "next_live") return;  // waits for as long as nobody writes
  lab in;
  ASSERT_NO_FATAL_FAILURE(set_up(in, which));
  in.server().answers = in.server().says_pong = false;
  outcome result;
  const core::time_point begin = in.world().now();
  which.start(in, {}, result);
  ASSERT_TRUE(in.run_until([&] { return result.calls > 0; }));
  if (which.tells_each) {
    EXPECT_EQ(in.world().now() - begin, in.settings.timeout());
    EXPECT_EQ(result.value, "ok [outcome unknown, invalid key, outcome unknown, ]");
    return in.expect_working();
  }
  const bool connects = which.made_from == handle::none;
  EXPECT_EQ(in.world().now() - begin, connects ? in.settings.connect_timeout() : in.settings.timeout());
  EXPECT_TRUE(failed_with(result, connects                           ? errc::connect_failed
                                  : may_have_been_stored(which.name) ? errc::outcome_unknown
                                                                     : errc::timeout));
  if (connects || which.closes) return;
  in.updates = {};
  in.expect_working();
}

// What the stream is has been answered, whether it is gone has not.
TEST(in_silence_of_the_write, a_bucket_may_have_been_deleted) {
  lab in;
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  in.server().script = [](server_connection&, const client_frame& frame) {
    return frame.subject.find(".STREAM.DELETE.") != std::string::npos;
  };
  outcome result;
  in.nats.delete_bucket("other", note{&result});
  ASSERT_TRUE(in.run_until([&] { return result.calls > 0; }));
  EXPECT_TRUE(failed_with(result, errc::outcome_unknown));
  in.expect_working();
}

TEST_P(in_silence, ends_at_its_deadline_when_nothing_could_be_sent) {
  const operation_case& which = GetParam();
  if (which.name == "next_live" || which.made_from == handle::none) return;
  lab in;
  ASSERT_NO_FATAL_FAILURE(set_up(in, which));
  const std::size_t stored = in.server().applied.size();
  in.world().on_dial = [](const dial&) { return answer::refuse; };
  in.world().end_connection(asio::error::eof);
  in.run();
  ASSERT_FALSE(in.nats.is_connected());
  outcome result;
  const core::time_point begin = in.world().now();
  which.start(in, {}, result);
  ASSERT_TRUE(in.run_until([&] { return result.calls > 0; }));
  if (which.closes) {
    EXPECT_TRUE(succeeded(result));
    EXPECT_EQ(in.world().now(), begin) << "there was nothing to wait for";
    return;
  }
  const bool pings = which.name == "flush" || which.name == "rtt";
  if (which.tells_each) {
    EXPECT_EQ(result.value, "ok [timeout, invalid key, timeout, ]");
  } else {
    EXPECT_TRUE(failed_with(result, pings ? errc::connection_lost : errc::timeout));
  }
  EXPECT_EQ(in.world().now() - begin, pings ? duration() : in.settings.timeout());
  in.updates = {};
  in.expect_working();
  EXPECT_EQ(in.server().applied.size(), stored + 1) << "what was never sent is sent later";
}

TEST(deadline, of_one_call) {
  lab in;
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  in.server().answers = false;
  const core::time_point begin = in.world().now();
  outcome put, get, list, status;
  in.kv.put("k", "v", put_options{.timeout = 1s}, note{&put});
  in.kv.get("k", get_options{.timeout = 2s}, note{&get});
  in.kv.keys(">", request_options{.timeout = 3s}, note{&list});
  in.kv.status(request_options{.timeout = 4s}, note{&status});
  for (auto [result, seconds, expected] :
       {std::tuple(&put, 1s, errc::outcome_unknown), std::tuple(&get, 2s, errc::timeout),
        std::tuple(&list, 3s, errc::timeout), std::tuple(&status, 4s, errc::timeout)}) {
    ASSERT_TRUE(in.run_until([r = result] { return r->calls > 0; }));
    EXPECT_TRUE(failed_with(*result, expected));
    EXPECT_EQ(in.world().now() - begin, seconds);
  }
  in.pass(6s);
  in.expect_working();
}

TEST(deadline, of_the_client) {
  lab in(config("nats://a:4222").timeout(1500ms));
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  in.server().answers = false;
  const core::time_point begin = in.world().now();
  outcome put;
  in.kv.put("k", "v", note{&put});
  ASSERT_TRUE(in.run_until([&] { return put.calls > 0; }));
  EXPECT_EQ(in.world().now() - begin, 1500ms);
}

TEST(deadline, negative_is_refused_and_for_ever_is_long) {
  lab in;
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  const duration ever = duration::max();
  outcome refused[5], allowed[6];
  in.kv.put("k", "v", put_options{.timeout = -1ns}, note{&refused[0]});
  in.kv.get("k", get_options{.timeout = -1ns}, note{&refused[1]});
  in.kv.keys(">", request_options{.timeout = -1ns}, note{&refused[2]});
  in.nats.flush(request_options{.timeout = -1ns}, note{&refused[3]});
  in.nats.open_bucket("B", request_options{.timeout = -1ns}, note{&refused[4]});
  in.kv.put("k", "v", put_options{.timeout = ever}, note{&allowed[0]});
  in.kv.get("k", get_options{.timeout = ever}, note{&allowed[1]});
  in.kv.keys(">", request_options{.timeout = ever}, note{&allowed[2]});
  in.nats.flush(request_options{.timeout = ever}, note{&allowed[3]});
  in.nats.open_bucket("B", request_options{.timeout = ever}, note{&allowed[4]});
  in.kv.create("new", "v", create_options{.timeout = ever}, note{&allowed[5]});
  in.run();
  for (const outcome& each : refused) EXPECT_TRUE(failed_with(each, errc::invalid_argument));
  for (const outcome& each : allowed) EXPECT_TRUE(succeeded(each));
}

// What comes after the deadline finds nobody: not its own request, and not the next one in its place.
// fault: 12, 28, 46
TEST(late_reply, is_dropped_and_counted) {
  lab in;
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  std::vector<client_frame> kept;
  in.server().script = [&](server_connection&, const client_frame& frame) {
    const bool keep = frame.subject == "$KV.B.late";
    if (keep) kept.push_back(frame);
    return keep;
  };
  outcome late[3], next;
  for (outcome& each : late) in.kv.put("late", "v", put_options{.timeout = 1s}, note{&each});
  in.pass(1s);
  for (const outcome& each : late) EXPECT_TRUE(failed_with(each, errc::outcome_unknown));
  EXPECT_EQ(in.nats.statistics().pending_requests, 0u);
  // Their slots are taken by others, which are not answered yet.
  in.server().answers = false;
  outcome others[3];
  for (outcome& each : others) in.kv.put("k", "v", note{&each});
  in.run();
  in.server().answers = true;
  for (const client_frame& frame : kept) {
    in.server().carry_out(*in.server().newest(), frame);
    in.server().carry_out(*in.server().newest(), frame);  // and a duplicate
  }
  in.run();
  EXPECT_EQ(in.nats.statistics().late_replies, 6u);
  for (const outcome& each : others) EXPECT_EQ(each.calls, 0) << "has got the reply to another request";
  in.pass(10s);
  for (const outcome& each : others) EXPECT_TRUE(failed_with(each, errc::outcome_unknown));
  in.expect_working();
}

// fault: 28
TEST(late_reply, after_a_cancellation_is_dropped_too) {
  lab in;
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  asio::cancellation_signal signal;
  outcome cancelled, next;
  in.world().to_client_lost = true;
  in.kv.put("k", "v", asio::bind_cancellation_slot(signal.slot(), note{&cancelled}));
  in.run();
  signal.emit(asio::cancellation_type::partial);
  in.kv.put("other", "w", note{&next});
  in.run();
  EXPECT_TRUE(cancelled.code == asio::error::operation_aborted);
  EXPECT_EQ(next.calls, 0);
  in.world().clear_faults();
  in.run();
  EXPECT_EQ(next.value, "ok 2");
  EXPECT_EQ(in.nats.statistics().late_replies, 1u);
}

// The line stalls for a half, once and three times the deadline.
// fault: 12
TEST(stall, for_parts_and_multiples_of_the_deadline) {
  for (const duration stall : {5s, 10s, 30s}) {
    for (const bool to_client : {true, false}) {
      lab in;
      ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
      (to_client ? in.world().to_client_lost : in.world().server_reads) = to_client;
      outcome put, get;
      in.kv.put("k", "v", note{&put});
      in.kv.get("k", note{&get});
      in.pass(stall);
      in.world().clear_faults();
      in.run();
      EXPECT_EQ(put.calls, 1);
      EXPECT_EQ(get.calls, 1);
      if (stall < in.settings.timeout()) {
        EXPECT_TRUE(succeeded(put));
        EXPECT_TRUE(succeeded(get));
      } else {
        EXPECT_TRUE(failed_with(put, errc::outcome_unknown));
        EXPECT_TRUE(failed_with(get, errc::timeout));
      }
      in.expect_working();
    }
  }
}

// The server stops reading: the queue is bounded, deadlines hold, cancelling works, and later all goes on.
// fault: 14, 15
TEST(stall, of_the_reading_server) {
  lab in(config("nats://a:4222").write_buffer(256 * 1024));
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  in.world().server_reads = false;
  constexpr int count = 100;
  const std::string value(32 * 1024, 'v');
  std::vector<outcome> puts(count);
  asio::cancellation_signal signal;
  for (std::size_t i = 0; i + 1 < count; ++i) in.kv.put("k" + std::to_string(i), value, note{&puts[i]});
  in.kv.put("last", value, asio::bind_cancellation_slot(signal.slot(), note{&puts.back()}));
  in.run();
  EXPECT_LT(in.nats.statistics().pending_requests, 12u) << "queued beyond the write buffer";
  signal.emit(asio::cancellation_type::terminal);
  in.run();
  EXPECT_EQ(puts.back().code, asio::error::operation_aborted);
  in.pass(10s);
  int unknown = 0, definite = 0;
  for (const outcome& each : puts) {
    EXPECT_EQ(each.calls, 1);
    unknown += each.code == errc::outcome_unknown;
    definite += each.code == errc::timeout;
  }
  EXPECT_LT(unknown, 12);
  EXPECT_EQ(unknown + definite, count - 1);
  EXPECT_EQ(puts[count - 2].detail, "not sent: the server has not read the messages before it");
  in.world().clear_faults();
  in.run();
  EXPECT_LE(in.server().applied.size(), static_cast<std::size_t>(unknown)) << "a definite error was stored";
  in.expect_working();
}

TEST(deadline, of_the_connection_may_be_for_ever_too) {
  const duration ever = duration::max();
  lab in(config("nats://a:4222")
             .connect_timeout(ever)
             .ping_interval(ever)
             .reconnect([&](auto& reconnect) { reconnect.initial_delay(1ms).max_delay(ever); })
             .timeout(ever));
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  in.updates = in.kv.watch_all({.heartbeat = ever});
  in.run();
  in.pass(1h);
  EXPECT_EQ(in.world().dials.size(), 1u);
  EXPECT_EQ(in.nats.health().watches.at(0).recreated, 0u);
  in.expect_working(1);
}

// Longer than that of the client as well as shorter.
TEST(deadline, of_a_list_is_its_own) {
  lab in(config("nats://a:4222").timeout(2s));
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  in.server().put("B", "k", "v");
  in.world().on_dial = [](const dial&) { return answer::refuse; };
  in.world().end_connection(asio::error::eof);
  outcome keys, history;
  in.kv.keys({.timeout = 60s}, note{&keys});
  in.kv.history("k", {.timeout = 60s}, note{&history});
  in.pass(5s);
  EXPECT_EQ(keys.calls + history.calls, 0);
  in.world().on_dial = nullptr;
  ASSERT_TRUE(in.run_until([&] { return keys.calls > 0 && history.calls > 0; }));
  EXPECT_TRUE(succeeded(keys));
  EXPECT_TRUE(succeeded(history));
}

}  // namespace
}  // namespace kvco::test
