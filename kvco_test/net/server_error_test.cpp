// What a server may say that is no answer: errors, garbage, refusals, changes of its mind.
#include <gtest/gtest.h>

#include <kvco_test/support/fake/lab.hpp>
#include <kvco_test/support/judges/alloc_counter.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/error.hpp>
#include <random>

namespace kvco::test {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

class in_session : public testing::Test {
 protected:
  void SetUp() override { ASSERT_NO_FATAL_FAILURE(in.connect_and_open()); }
  void say(std::string_view bytes) {
    in.server().say(*in.server().newest(), bytes);
    in.run();
  }
  lab in;
};

using denied = in_session;

// fault: 33, 39
TEST_F(denied, publish_fails_just_that_request_at_once) {
  in.server().script = [this](server_connection& conn, const client_frame& frame) {
    if (frame.subject != "$KV.B.secret") return false;
    in.server().say(conn, "-ERR 'Permissions Violation for Publish to \"$KV.B.secret\"'\r\n");
    return true;
  };
  outcome before, secret, after;
  in.kv.put("open", "1", note{&before});
  in.kv.put("secret", "2", note{&secret});
  in.kv.put("open", "3", note{&after});
  const core::time_point begin = in.world().now();
  in.run();
  EXPECT_TRUE(succeeded(before));
  EXPECT_TRUE(failed_with(secret, errc::permission_denied));
  EXPECT_NE(secret.detail.find("$KV.B.secret"), std::string::npos);
  EXPECT_TRUE(succeeded(after));
  EXPECT_EQ(in.world().now(), begin);
  in.expect_working();
}

// The permission may have been taken away between two of them: which one it was cannot be told.
// fault: 33
TEST_F(denied, one_of_several_writes_of_a_key_leaves_all_of_them_unknown) {
  std::size_t sent = 0;
  in.server().script = [&](server_connection& conn, const client_frame& frame) {
    if (frame.subject != "$KV.B.secret") return false;
    if (++sent == 2)
      in.server().say(conn, "-ERR 'Permissions Violation for Publish to \"$KV.B.secret\"'\r\n");
    return true;
  };
  outcome first, second, other;
  in.kv.put("secret", "1", note{&first});
  in.kv.put("secret", "2", note{&second});
  in.kv.put("open", "3", note{&other});
  in.run();
  EXPECT_TRUE(failed_with(first, errc::outcome_unknown));
  EXPECT_TRUE(failed_with(second, errc::outcome_unknown));
  EXPECT_NE(second.detail.find("Permissions Violation"), std::string::npos) << second.detail;
  EXPECT_TRUE(succeeded(other));
}

// fault: 39, 52
TEST_F(denied, api_requests_and_reads_fail_at_once_too) {
  in.server().script = [this](server_connection& conn, const client_frame& frame) {
    if (!frame.subject.starts_with("$JS.API")) return false;
    in.server().say(conn, "-ERR 'Permissions Violation for Publish to \"" + frame.subject + "\"'\r\n");
    return true;
  };
  outcome results[5];
  in.kv.get("k", note{&results[0]});
  in.kv.keys(note{&results[1]});
  in.kv.status(note{&results[2]});
  in.nats.bucket_names(note{&results[3]});
  in.updates = in.kv.watch_all();
  in.updates.next(note{&results[4]});
  in.run();
  for (const outcome& each : results) EXPECT_TRUE(failed_with(each, errc::permission_denied));
  in.expect_working();
}

// fault: 39
TEST_F(denied, the_deliver_subject_of_a_watch) {
  in.server().script = [this](server_connection& conn, const client_frame& frame) {
    if (frame.what != client_frame::verb::sub) return false;
    conn.subscriptions.erase(frame.sid);
    in.server().say(conn, "-ERR 'Permissions Violation for Subscription to \"" + frame.subject + "\"'\r\n");
    return true;
  };
  in.updates = in.kv.watch_all();
  outcome next;
  in.updates.next(note{&next});
  in.run();
  EXPECT_TRUE(failed_with(next, errc::permission_denied));
  in.updates = {};
  in.expect_working();
}

// The subscription for replies. What reads ends at once; a write may have been stored. Once it is permitted again, the next
// operation finds out.
// fault: 39
TEST_F(denied, the_subject_for_replies_and_then_no_more) {
  bool permitted = false;
  std::size_t asked = 0;
  in.server().script = [&](server_connection& conn, const client_frame& frame) {
    const bool inbox = frame.what == client_frame::verb::sub && frame.subject.ends_with(".*");
    asked += inbox;
    if (!inbox || permitted) return false;
    in.server().say(conn, "-ERR 'Permissions Violation for Subscription to \"" + frame.subject + "\"'\r\n");
    return true;
  };
  in.world().end_connection(asio::error::eof);
  outcome put, get;
  in.kv.put("k", "v", note{&put});
  in.kv.get("k", note{&get});
  ASSERT_TRUE(in.run_until([&] { return put.calls + get.calls == 2; }));
  EXPECT_TRUE(failed_with(put, errc::outcome_unknown));
  EXPECT_NE(put.detail.find("Permissions Violation"), std::string::npos) << put.detail;
  EXPECT_TRUE(failed_with(get, errc::permission_denied));
  EXPECT_EQ(asked, 1u);
  const std::size_t stored = in.server().applied.size();
  outcome refused[3];
  for (outcome& each : refused) {
    in.kv.put("k", "w", note{&each});
    in.run();
    EXPECT_TRUE(failed_with(each, errc::permission_denied));
  }
  EXPECT_EQ(asked, 4u);
  EXPECT_EQ(in.server().applied.size(), stored);
  permitted = true;
  outcome finds_out;
  in.kv.get("k", note{&finds_out});
  in.run();
  EXPECT_TRUE(failed_with(finds_out, errc::permission_denied));
  in.expect_working();
  EXPECT_EQ(asked, 5u);
  EXPECT_EQ(in.nats.statistics().reconnects, 1u);
}

using error_lines = in_session;

// fault: 22, 33
TEST_F(error_lines, that_are_not_fatal) {
  for (const char* line : {"-ERR 'Permissions Violation for Publish to \"foreign\"'",
                           "-ERR 'Invalid Subject'", "-ERR 'maximum subscriptions exceeded'",
                           "-ERR 'Permissions Violation'", "+OK", "PONG", "PING", "+OK\r\n+OK\r\n+OK"}) {
    say(std::string(line) + "\r\n");
    EXPECT_TRUE(in.nats.is_connected()) << line;
  }
  in.expect_working();
  EXPECT_EQ(in.world().dials.size(), 1u);
}

// fault: 22, 23, 24, 33
TEST_F(error_lines, that_end_the_connection) {
  const std::string_view lines[] = {
      "-ERR 'Maximum Payload Violation'\r\n",
      "-ERR 'Stale Connection'\r\n",
      "-ERR 'Unknown Protocol Operation'\r\n",
      "-ERR 'Parser Error'\r\n",
      "-ERR 'Slow Consumer'\r\n",
      "-ERR 'something that nobody has heard of'\r\n",
      "-ERR\r\n",
      "FOO bar\r\n",
      "\r\n",
      "MSG\r\n",
      "MSG a 1\r\n",
      "MSG a 1 -1\r\n",
      "MSG a 1 1e3\r\n",
      "MSG a 1 2147483648\r\n",
      "MSG a 1 9223372036854775808\r\n",
      "MSG a 1 18446744073709551616\r\n",
      "MSG a x 1\r\na\r\n",
      "MSG a 1 3\r\nabcd\r\n",
      "HMSG a 1 10 5\r\n",
      "INFO {\"max_payload\":\"much\"}\r\n",
      "INFO nonsense\r\n",
      std::string_view("\0\0\0\0\0\0", 6),
  };
  std::size_t dials = 1;
  for (const std::string_view line : lines) {
    SCOPED_TRACE(line);
    in.server().answers = false;
    outcome put, get;
    in.kv.put("k", "v", note{&put});
    in.kv.get("k", note{&get});
    in.run();
    say(std::string(line) + "MSG ");
    in.server().answers = true;
    EXPECT_TRUE(in.run_until([&] { return get.calls > 0; }));
    EXPECT_TRUE(failed_with(put, errc::outcome_unknown));
    EXPECT_TRUE(succeeded(get)) << "a read may be asked again";
    EXPECT_EQ(in.world().dials.size(), ++dials);
    in.expect_working();
    in.pass(30s);
  }
}

// fault: 29
TEST_F(error_lines, a_flood_of_pings_is_answered_one_by_one) {
  std::size_t pongs = 0;
  in.server().script = [&](server_connection&, const client_frame& frame) {
    pongs += frame.what == client_frame::verb::pong;
    return false;
  };
  std::string pings;
  for (int i = 0; i < 10'000; ++i) pings += "PING\r\n";
  say(pings);
  EXPECT_EQ(pongs, 10'000u);
}

// A verbose server says it for each frame: it answers nobody, hides no reply, and nothing of it is kept.
// fault: 22
TEST_F(error_lines, a_storm_of_ok_between_replies_changes_nothing) {
  std::minstd_rand random(22);
  in.world().read_size = [&random] { return std::size_t{1} + random() % 37; };
  std::string oks;
  for (int i = 0; i < 250; ++i) oks += "+OK\r\n";
  in.server().script = [&](server_connection& conn, const client_frame& frame) {
    if (frame.what != client_frame::verb::pub) return false;
    in.server().say(conn, oks);
    in.server().carry_out(conn, frame);
    in.server().say(conn, oks);
    return true;
  };
  std::int64_t kept = 0;
  for (int round = 0; round < 5; ++round) {
    std::vector<outcome> puts(20), gets(20);
    for (std::size_t i = 0; i < puts.size(); ++i) {
      in.kv.put("k", std::to_string(i), note{&puts[i]});
      in.kv.get("k", note{&gets[i]});
    }
    in.run();
    for (std::size_t i = 0; i < puts.size(); ++i) {
      const std::string rev = std::to_string(i + 1 + puts.size() * static_cast<std::size_t>(round));
      ASSERT_EQ(puts[i].value, "ok " + rev);
      ASSERT_EQ(gets[i].value, "ok k@" + rev + "=" + std::to_string(i));
    }
    if (round == 1) kept = live_allocations();
  }
  EXPECT_LE(live_allocations(), kept + 16);
  in.expect_working();
  EXPECT_EQ(in.world().dials.size(), 1u);
}

// PONGs come in the order of the PINGs; one too many belongs to nobody.
// fault: 29
TEST_F(error_lines, pongs_are_counted_exactly) {
  in.server().says_pong = false;
  outcome first, second;
  in.nats.flush(note{&first});
  in.nats.rtt(note{&second});
  in.run();
  say("PONG\r\n");
  EXPECT_TRUE(succeeded(first));
  EXPECT_EQ(second.calls, 0);
  say("PONG\r\nPONG\r\nPONG\r\n");
  EXPECT_TRUE(succeeded(second));
  in.server().says_pong = false;
  outcome third;
  in.nats.flush(note{&third});
  in.run();
  EXPECT_EQ(third.calls, 0) << "answered by a PONG that came before its PING";
  say("PONG\r\n");
  EXPECT_TRUE(succeeded(third));
}

using messages = in_session;

// fault: 28
TEST_F(messages, for_nobody_are_dropped) {
  in.server().answers = false;
  outcome put;
  in.kv.put("k", "v", note{&put});
  in.run();
  say("MSG a 77 1\r\nx\r\nHMSG b 78 12 12\r\nNATS/1.0\r\n\r\n\r\n");
  in.server().deliver("_INBOX.foreign.0000000000", {}, {}, "x");
  EXPECT_EQ(put.calls, 0);
  EXPECT_TRUE(in.nats.is_connected());
  in.pass(10s);
  in.expect_working();
}

// fault: 31
TEST_F(messages, that_cannot_be_read_as_the_reply) {
  const char* replies[] = {"",
                           "garbage",
                           "{",
                           "[]",
                           "{}",
                           "null",
                           R"({"stream":"KV_B"})",
                           R"({"stream":"KV_B","seq":"1"})",
                           R"({"stream":"KV_B","seq":-1})",
                           R"({"stream":"KV_B","seq":1.5})",
                           R"({"error":{}})",
                           R"({"stream":"KV_B","seq":18446744073709551616})"};
  std::string reply;
  in.server().script = [&](server_connection&, const client_frame& frame) {
    if (frame.what != client_frame::verb::pub) return false;
    in.server().deliver(frame.reply, {}, {}, reply);
    return true;
  };
  for (const char* each : replies) {
    SCOPED_TRACE(each);
    reply = each;
    outcome put, get, status, names, keys;
    in.kv.put("k", "v", note{&put});
    in.kv.get("k", note{&get});
    in.kv.status(note{&status});
    in.nats.bucket_names(note{&names});
    in.kv.keys(note{&keys});
    in.run();
    EXPECT_TRUE(failed_with(put, errc::outcome_unknown)) << "it may have been stored";
    EXPECT_TRUE(failed_with(get, errc::protocol_error));
    EXPECT_EQ(status.calls + names.calls + keys.calls, 3);
    EXPECT_TRUE(status.code && keys.code);
  }
  in.expect_working();
}

// fault: 31, 65
TEST_F(messages, with_the_largest_revision) {
  in.server().script = [&](server_connection&, const client_frame& frame) {
    if (frame.subject != "$KV.B.k") return false;
    in.server().deliver(frame.reply, {}, {}, R"({"stream":"KV_B","seq":18446744073709551615})");
    return true;
  };
  outcome put;
  in.kv.put("k", "v", note{&put});
  in.run();
  EXPECT_EQ(put.value, "ok 18446744073709551615");
}

using async_info = in_session;

// fault: 27
TEST_F(async_info, changes_the_limit_of_the_next_operation) {
  say(R"(INFO {"max_payload":10,"headers":true,"jetstream":true,"version":"2.10.27"})"
      "\r\n");
  outcome large, fits, with_header;
  in.kv.put("k", "12345678901", note{&large});
  in.kv.put("k", "1234567890", note{&fits});
  in.kv.update("k", "1234567890", 1, note{&with_header});
  in.run();
  EXPECT_TRUE(failed_with(large, errc::value_too_large));
  EXPECT_TRUE(succeeded(fits));
  EXPECT_TRUE(failed_with(with_header, errc::value_too_large)) << "the header counts";
  EXPECT_EQ(in.server().applied.size(), 1u);
  say("INFO " + in.server().info_json() + "\r\n");
  in.expect_working();
}

using leader = in_session;

// fault: 45, 47
TEST_F(leader, is_waited_for) {
  in.server().put("B", "k", "old");
  in.server().leaderless.insert("KV_B");
  outcome put, create, get, update;
  in.kv.put("a", "v", note{&put});
  in.kv.create("b", "v", note{&create});
  in.kv.get("k", note{&get});
  in.kv.update("k", "new", 1, note{&update});
  in.pass(6s);
  EXPECT_EQ(put.calls + create.calls + get.calls + update.calls, 0);
  in.server().leaderless.clear();
  in.pass(600ms);
  EXPECT_TRUE(succeeded(put));
  EXPECT_TRUE(succeeded(create));
  EXPECT_EQ(get.value.substr(0, 5), "ok k@");
  EXPECT_TRUE(succeeded(update));
  EXPECT_EQ(in.server().applied.size(), 3u);
  in.expect_working();
}

// fault: 45, 56
TEST_F(leader, that_never_comes_is_unavailable_by_the_deadline) {
  in.server().leaderless.insert("KV_B");
  outcome put, get;
  const core::time_point begin = in.world().now();
  in.kv.put("a", "v", note{&put});
  in.kv.get("a", get_options{.timeout = 3s}, note{&get});
  ASSERT_TRUE(in.run_until([&] { return get.calls > 0; }));
  EXPECT_LE(in.world().now() - begin, 3s);
  ASSERT_TRUE(in.run_until([&] { return put.calls > 0; }));
  EXPECT_LE(in.world().now() - begin, 10s);
  EXPECT_GE(in.world().now() - begin, 9s);
  EXPECT_TRUE(failed_with(put, errc::unavailable));
  EXPECT_TRUE(failed_with(get, errc::unavailable));
  in.server().frames = 0;
  in.expect_working();
}

// A node that is cut off from the others answers, but only that it cannot tell (found by chaos).
// fault: 48
TEST_F(leader, that_cannot_tell_for_now_is_waited_for) {
  in.server().put("B", "k", "old");
  in.server().put("B", "gone", "", "NATS/1.0\r\nKV-Operation: DEL\r\n\r\n");
  in.server().script = [this](server_connection&, const client_frame& frame) {
    if (!frame.subject.starts_with("$JS.API.STREAM.")) return false;
    in.server().deliver(frame.reply, "", "",
                        R"({"error":{"code":503,"err_code":10008,"description":"not now"}})");
    return true;
  };
  outcome get, create, status, late;
  get_options from_leader;
  from_leader.consistency = consistency::leader;
  in.kv.get("k", from_leader, note{&get});
  in.kv.create("gone", "new", note{&create});
  in.kv.status(note{&status});
  from_leader.timeout = 2s;
  in.kv.get("k", from_leader, note{&late});
  in.pass(5s);
  EXPECT_EQ(get.calls + status.calls, 0);
  EXPECT_TRUE(succeeded(create)) << "any replica can show the tombstone";
  EXPECT_TRUE(failed_with(late, errc::unavailable));
  in.server().script = nullptr;
  in.pass(600ms);
  EXPECT_EQ(get.value.substr(0, 5), "ok k@");
  EXPECT_TRUE(succeeded(status));
  in.expect_working();
}

// fault: 45
TEST_F(leader, is_not_asked_for_in_a_storm) {
  in.server().leaderless.insert("KV_B");
  in.server().frames = 0;
  outcome put;
  in.kv.put("a", "v", note{&put});
  in.pass(10s);
  EXPECT_LE(in.server().frames, 100u);
  EXPECT_EQ(put.calls, 1);
}

TEST_F(leader, is_asked_for_by_one_of_all_that_wait) {
  std::size_t looks = 0;
  in.server().leaderless.insert("KV_B");
  in.server().script = [&](server_connection&, const client_frame& frame) {
    looks += frame.subject.find("STREAM.INFO") != std::string::npos ? 1 : 0;
    return false;
  };
  std::vector<outcome> puts(200);
  for (outcome& each : puts) in.kv.put("a", "v", note{&each});
  in.run();
  EXPECT_GE(looks, 1u);
  EXPECT_LE(looks, 2u) << "one for those that were refused before it, one for the rest";
  in.pass(3s);
  EXPECT_GE(looks, 5u);
  EXPECT_LE(looks, 32u) << "more than ten in a second";
  in.server().leaderless.clear();
  in.pass(1s);
  for (const outcome& each : puts) EXPECT_TRUE(succeeded(each));
}

// Also while nobody answers that either, and when nobody says anything: then who has the most time left waits for all.
TEST_F(leader, is_asked_for_by_one_while_nobody_answers) {
  for (const bool silent : {false, true}) {
    std::size_t looks = 0;
    in.server().leaderless.insert("KV_B");
    in.server().script = [&](server_connection&, const client_frame& frame) {
      if (frame.subject.find("STREAM.INFO") == std::string::npos) return false;
      ++looks;
      if (!silent) in.server().no_responders(frame);
      return true;
    };
    constexpr int seconds = 12;
    std::vector<outcome> puts(seconds * 100);
    for (outcome& each : puts) {
      in.kv.put("a", "v", put_options{.timeout = 2s}, note{&each});
      in.pass(10ms);
    }
    in.pass(2s);
    for (const outcome& each : puts)
      EXPECT_TRUE(failed_with(each, silent ? errc::timeout : errc::unavailable)) << silent;
    EXPECT_GE(looks, seconds / 2u) << silent;
    EXPECT_LE(looks, 11u * (seconds + 2)) << silent;
  }
}

// Whoever looks for the others may end before there is an answer: another one looks.
TEST_F(leader, is_asked_for_by_the_next_when_the_first_ends) {
  std::size_t looks = 0;
  in.server().leaderless.insert("KV_B");
  in.server().script = [&](server_connection&, const client_frame& frame) {
    return frame.subject.find("STREAM.INFO") != std::string::npos && ++looks == 1;
  };
  asio::cancellation_signal cancel;
  outcome first, second;
  in.kv.put("a", "1", asio::bind_cancellation_slot(cancel.slot(), note{&first}));
  in.run();
  in.kv.put("a", "2", note{&second});
  in.run();
  EXPECT_EQ(looks, 1u);
  cancel.emit(asio::cancellation_type::total);
  in.run();
  EXPECT_EQ(first.code, asio::error::operation_aborted);
  EXPECT_EQ(looks, 2u);
  in.server().leaderless.clear();
  in.pass(1s);
  EXPECT_TRUE(succeeded(second));
}

TEST_F(leader, a_bucket_that_is_gone_is_told_at_once) {
  in.server().streams.erase("KV_B");
  outcome results[6];
  const core::time_point begin = in.world().now();
  in.kv.put("a", "v", note{&results[0]});
  in.kv.create("a", "v", note{&results[1]});
  in.kv.get("a", note{&results[2]});
  in.kv.keys(note{&results[3]});
  in.kv.erase("a", note{&results[4]});
  in.kv.status(note{&results[5]});
  in.run();
  for (const outcome& each : results) EXPECT_TRUE(failed_with(each, errc::bucket_not_found));
  EXPECT_EQ(in.world().now(), begin);
}

// fault: 57
TEST(no_jetstream, is_told_at_once) {
  lab in;
  in.server().has_jetstream = false;
  ASSERT_NO_FATAL_FAILURE(in.connect());
  outcome results[5];
  in.nats.open_bucket("B", note{&results[0]});
  in.nats.create_bucket(bucket_config("B"), note{&results[1]});
  in.nats.ensure_bucket(bucket_config("B"), note{&results[2]});
  in.nats.delete_bucket("B", note{&results[3]});
  in.nats.bucket_names(note{&results[4]});
  in.run();
  for (const outcome& each : results) EXPECT_TRUE(failed_with(each, errc::jetstream_not_enabled));
}

}  // namespace
}  // namespace kvco::test
