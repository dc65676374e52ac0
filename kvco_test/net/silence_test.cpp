// A read that nobody answers, on a connection that lives: it is sent again. What is slow, or a write, is not.
#include <gtest/gtest.h>

#include <kvco_test/support/fake/operation_cases.hpp>
#include <kvco_test/support/server/slow_answers.hpp>

#include <boost/asio/error.hpp>
#include <kvco/net/session.hpp>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;

bool is_read(const client_frame& frame) {
  if (frame.what != client_frame::verb::pub) return false;
  for (const char* read : {"$JS.API.DIRECT.GET.", "$JS.API.STREAM.MSG.GET.", "$JS.API.STREAM.INFO.",
                           "$JS.API.STREAM.NAMES", "$JS.API.STREAM.LIST"}) {
    if (frame.subject.starts_with(read)) return true;
  }
  return false;
}

/// A lab whose server loses reads, or keeps them.
struct silence : lab {
  silence() {
    connect_and_open();
    server().put("B", "k", "v");
    server().script = [this](server_connection&, const client_frame& frame) {
      if (!is_read(frame)) return false;
      asked.push_back(world().now());
      if (keeps) kept.push_back(frame);
      return keeps || asked.size() <= loses;
    };
  }
  void answer_kept() {
    for (const client_frame& frame : std::exchange(kept, {})) server().carry_out(*server().newest(), frame);
    run();
  }

  std::size_t loses = 0;  // so many
  bool keeps = false;
  std::vector<client_frame> kept;
  std::vector<core::time_point> asked;
};

// fault: 45
TEST(silence, a_read_that_was_lost_is_sent_again) {
  silence in;
  in.loses = 1;
  outcome get;
  const core::time_point begin = in.world().now();
  in.kv.get("k", note{&get});
  ASSERT_TRUE(in.run_until([&] { return get.calls > 0; }));
  EXPECT_TRUE(succeeded(get));
  EXPECT_EQ(in.world().now() - begin, 1s);
  EXPECT_EQ(in.nats.statistics().repeated_reads, 1u);
  in.expect_working();
  EXPECT_EQ(in.nats.statistics().late_replies, 0u);
}

TEST(silence, from_then_on_every_two_seconds) {
  silence in;
  in.loses = 100;
  outcome get;
  const core::time_point begin = in.world().now();
  in.kv.get("k", get_options{.timeout = 10s}, note{&get});
  ASSERT_TRUE(in.run_until([&] { return get.calls > 0; }));
  EXPECT_TRUE(failed_with(get, errc::timeout));
  EXPECT_EQ(in.world().now() - begin, 10s);
  std::vector<core::duration> when;
  for (const core::time_point at : in.asked) when.push_back(at - begin);
  EXPECT_EQ(when, (std::vector<core::duration>{0s, 1s, 3s, 5s, 7s, 9s}));
  in.loses = 0;
  in.expect_working();
}

TEST(silence, the_first_of_several_answers_counts) {
  silence in;
  in.keeps = true;
  outcome get;
  in.kv.get("k", note{&get});
  in.pass(4s);
  EXPECT_EQ(in.kept.size(), 3u);
  EXPECT_EQ(get.calls, 0);
  in.answer_kept();
  EXPECT_TRUE(succeeded(get));
  EXPECT_EQ(in.nats.statistics().late_replies, 2u);
  in.keeps = false;
  in.expect_working();
}

// A server, or a line, that has not got that far would only have more to do.
TEST(silence, what_is_slow_is_not_asked_again) {
  for (const bool server_is_slow : {true, false}) {
    silence in;
    (server_is_slow ? in.world().server_reads : in.world().to_client_lost) = !server_is_slow;
    std::vector<outcome> gets(50);
    for (outcome& each : gets) in.kv.get("k", note{&each});
    in.pass(9s);
    in.world().clear_faults();
    in.run();
    for (const outcome& each : gets) EXPECT_TRUE(succeeded(each));
    EXPECT_EQ(in.asked.size(), gets.size());
    EXPECT_EQ(in.nats.statistics().repeated_reads, 0u);
    in.expect_working();
  }
}

TEST(silence, many_reads_have_one_ping) {
  silence in;
  in.loses = 50;
  std::size_t pings = 0;
  in.server().script = [&, loses = in.server().script](server_connection& conn, const client_frame& frame) {
    pings += frame.what == client_frame::verb::ping;
    return loses(conn, frame);
  };
  std::vector<outcome> gets(50);
  for (outcome& each : gets) in.kv.get("k", note{&each});
  in.pass(2s);
  for (const outcome& each : gets) EXPECT_TRUE(succeeded(each));
  EXPECT_EQ(in.nats.statistics().repeated_reads, 50u);
  EXPECT_EQ(pings, 1u);
}

TEST(silence, a_write_is_not_sent_again) {
  silence in;
  std::size_t writes = 0;
  in.server().script = [&](server_connection&, const client_frame& frame) {
    writes += frame.subject == "$KV.B.k";
    return frame.subject == "$KV.B.k";
  };
  outcome put;
  in.kv.put("k", "w", note{&put});
  ASSERT_TRUE(in.run_until([&] { return put.calls > 0; }));
  EXPECT_TRUE(failed_with(put, errc::outcome_unknown));
  EXPECT_EQ(writes, 1u);
}

// The connection goes while its PING is on the way: the next one has one of its own.
TEST(silence, over_a_lost_connection) {
  silence in;
  in.keeps = true;
  outcome get;
  in.kv.get("k", get_options{.timeout = 30s}, note{&get});
  in.server().says_pong = false;
  in.pass(1s);
  in.server().says_pong = true;
  in.world().end_connection(asio::error::eof);
  ASSERT_TRUE(in.run_until([&] { return in.nats.is_connected() && in.kept.size() == 2; }));
  in.kept.clear();
  in.keeps = false;
  ASSERT_TRUE(in.run_until([&] { return get.calls > 0; }));
  EXPECT_TRUE(succeeded(get));
  EXPECT_EQ(in.nats.statistics().repeated_reads, 1u);
  in.expect_working();
}

class lost_reads : public testing::TestWithParam<operation_case> {};
INSTANTIATE_TEST_SUITE_P(of, lost_reads, testing::ValuesIn(all_operations()), case_name());

// Whatever an operation reads on its way, each of its reads gets lost once.
// fault: 45, 53
TEST_P(lost_reads, are_not_noticed) {
  const operation_case& which = GetParam();
  if (which.made_from == handle::none) return;  // it reads nothing
  lab in;
  ASSERT_NO_FATAL_FAILURE(set_up(in, which));
  std::set<std::string> lost;
  in.server().script = [&, usual = in.server().script](server_connection& conn, const client_frame& frame) {
    if (is_read(frame) && lost.insert(frame.subject + frame.payload).second) return true;
    return usual && usual(conn, frame);
  };
  outcome result;
  which.start(in, {}, result);
  ASSERT_TRUE(in.run_until([&] { return result.calls > 0; }));
  EXPECT_EQ(in_words(result), which.expected) << result.code.message() << result.detail;
  EXPECT_EQ(in.session().requests().repeated_reads(), lost.size());
}

/// The first answer to multi_last takes its time, as from a cold disk.
TEST(silence, a_series_that_is_slow_is_not_asked_for_for_ever) {
  lab in;
  in.server().version = "2.11.0";
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  for (const char* key : {"a", "b", "c"}) in.server().put("B", key, "v");
  slow_answers slow(in, "$JS.API.DIRECT.GET.KV_B", 1500ms);
  outcome all;
  in.kv.get_many({"a", "b", "c"}, note{&all});
  slow.run_until_told(all);
  EXPECT_TRUE(succeeded(all));
  EXPECT_EQ(slow.asked, 2u);
  in.expect_working();
}

/// A watch that stands, and how often its consumer was made.
struct watching : lab {
  watching() {
    connect_and_open();
    server().script = [this](server_connection&, const client_frame& frame) {
      created += frame.subject.starts_with("$JS.API.CONSUMER.CREATE.");
      return false;
    };
    updates = kv.watch_all({.heartbeat = 1s});
    run();
  }
  std::size_t created = 0;
};

// A large value on a slow line: heartbeats, and the PONG, stand behind it. A new consumer would send it all over again.
// fault: 14
TEST(silence, of_a_watch_is_borne_as_long_as_the_server_may_still_be_sending) {
  watching in;
  in.server().answers = in.server().says_pong = false;
  in.pass(20s);
  EXPECT_EQ(in.created, 1u);
  in.server().answers = true;
  outcome next;
  in.server().put("B", "k", "v");
  in.updates.next(note{&next});
  in.run();
  EXPECT_TRUE(succeeded(next));
  EXPECT_EQ(in.created, 1u);
}

TEST(silence, of_a_watch_on_a_connection_that_lives_ends_its_consumer) {
  watching in;
  in.server().answers = false;
  in.pass(3s);
  in.server().answers = true;
  in.pass(10s);
  EXPECT_EQ(in.created, 2u);
  in.expect_working(1);
}

}  // namespace
}  // namespace kvco::test
