// An -ERR has no reply subject: it belongs to something that was written before it, and whoever waits for that hears of it.
#include <gtest/gtest.h>

#include <kvco_test/support/fake/lab.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/json.hpp>
#include <ctime>

namespace kvco::test {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using verb = client_frame::verb;

std::string not_permitted(std::string_view subject) {
  return "-ERR 'Permissions Violation for Publish to \"" + std::string(subject) + "\"'\r\n";
}

class refused : public testing::Test {
 protected:
  void SetUp() override { ASSERT_NO_FATAL_FAILURE(in.connect_and_open()); }
  void say(std::string_view bytes) {
    in.server().say(*in.server().newest(), bytes);
    in.run();
  }
  void deny(std::string_view start) {
    in.server().script = [this, start = std::string(start)](server_connection& conn,
                                                            const client_frame& frame) {
      if (frame.what != verb::pub || !frame.subject.starts_with(start)) return false;
      in.server().say(conn, not_permitted(frame.subject));
      return true;
    };
  }
  std::string deliver_subject(std::size_t number = 0) {
    for (const auto& [sid, subject] : in.server().newest()->subscriptions) {
      if (!subject.ends_with("*") && number-- == 0) return subject;
    }
    return {};
  }
  void ask_for_flow(const std::string& at, std::string_view subject) {
    in.server().deliver(at, subject, "NATS/1.0 100 FlowControl Request\r\n\r\n", {});
    in.run();
  }
  lab in;
};

// --- publishes that nobody answers ------------------------------------------------------------------------------------

// field: M1
TEST_F(refused, an_answer_to_flow_control_ends_its_watch_at_once) {
  in.updates = in.kv.watch_all();
  watcher other = in.kv.watch("a");
  in.run();
  outcome next, of_other;
  in.updates.next(note{&next});
  other.next(note{&of_other});
  deny("$JS.FC.");
  const core::time_point begin = in.world().now();
  const std::string all = deliver_subject(0);
  ask_for_flow(all, "$JS.FC.KV_B.c.1");
  EXPECT_TRUE(failed_with(next, errc::permission_denied));
  EXPECT_NE(next.detail.find("$JS.FC.KV_B.c.1"), std::string::npos) << next.detail;
  EXPECT_EQ(in.world().now(), begin);
  EXPECT_EQ(of_other.calls, 0) << "the other one did not ask";
  in.updates = {};
  other = {};
  in.expect_working();
}

// field: M1
TEST_F(refused, an_answer_to_flow_control_ends_a_list_at_once) {
  std::string at;
  in.server().script = [&](server_connection& conn, const client_frame& frame) {
    if (frame.subject.starts_with("$JS.FC."))
      return in.server().say(conn, not_permitted(frame.subject)), true;
    if (!frame.subject.starts_with("$JS.API.CONSUMER.CREATE.")) return false;
    at = boost::json::parse(frame.payload).at("config").at("deliver_subject").as_string();
    in.server().deliver(frame.reply, {}, {}, R"({"name":"c","num_pending":60000})");
    in.server().deliver(at, "$JS.FC.KV_B.c.1", "NATS/1.0 100 FlowControl Request\r\n\r\n", {});
    return true;
  };
  outcome keys;
  const core::time_point begin = in.world().now();
  in.kv.keys(note{&keys});
  in.run();
  EXPECT_TRUE(failed_with(keys, errc::permission_denied));
  EXPECT_NE(keys.detail.find("$JS.FC.KV_B.c.1"), std::string::npos) << keys.detail;
  EXPECT_EQ(in.world().now(), begin);
  in.expect_working();
}

// Whoever removes its consumer does not wait for that; and whoever waits is not accused of it.
TEST_F(refused, the_removal_of_a_consumer_concerns_nobody) {
  in.updates = in.kv.watch_all();
  in.run();
  std::size_t removals = 0;
  in.server().script = [&](server_connection& conn, const client_frame& frame) {
    if (frame.what == verb::pub && frame.subject == "$KV.B.k") return true;
    if (!frame.subject.starts_with("$JS.API.CONSUMER.DELETE.")) return false;
    ++removals;
    in.server().say(conn, not_permitted(frame.subject));
    return true;
  };
  outcome put;
  in.kv.put("k", "v", put_options{.timeout = 3s}, note{&put});
  in.updates = {};
  in.pass(1s);
  EXPECT_EQ(removals, 1u);
  EXPECT_EQ(put.calls, 0);
  in.pass(3s);
  EXPECT_TRUE(failed_with(put, errc::outcome_unknown));
  in.expect_working();
}

// --- subscriptions ----------------------------------------------------------------------------------------------------

// field: M3
TEST_F(refused, a_subscription_too_many_ends_its_watch) {
  std::size_t subscriptions = 0, consumers = 0;
  in.server().script = [&](server_connection& conn, const client_frame& frame) {
    consumers += frame.subject.starts_with("$JS.API.CONSUMER.CREATE.");
    if (frame.what != verb::sub || ++subscriptions != 2) return false;
    conn.subscriptions.erase(frame.sid);
    in.server().say(conn, "-ERR 'maximum subscriptions exceeded'\r\n");
    return true;
  };
  in.server().put("B", "k", "v");
  const core::time_point begin = in.world().now();
  watcher watches[3];
  outcome next[3];
  for (int i = 0; i < 3; ++i) {
    watches[i] = in.kv.watch_all();
    watches[i].next(note{&next[i]});
  }
  in.run();
  EXPECT_EQ(next[0].value, "ok k@1=v");
  EXPECT_TRUE(failed_with(next[1], errc::server_error));
  EXPECT_NE(next[1].detail.find("maximum subscriptions exceeded"), std::string::npos) << next[1].detail;
  EXPECT_EQ(next[2].value, "ok k@1=v");
  EXPECT_EQ(in.world().now(), begin);
  in.pass(60s);
  EXPECT_LE(consumers, 3u);
  for (watcher& each : watches) each = {};
  in.expect_working();
}

// field: M3
TEST_F(refused, the_subscription_for_replies_may_be_one_too_many) {
  in.server().script = [&](server_connection& conn, const client_frame& frame) {
    if (frame.what != verb::sub) return false;
    conn.subscriptions.erase(frame.sid);
    in.server().say(conn, "-ERR 'maximum subscriptions exceeded'\r\n");
    return true;
  };
  in.world().end_connection(asio::error::eof);
  outcome get, later;
  in.kv.get("k", note{&get});
  ASSERT_TRUE(in.run_until([&] { return get.calls > 0; }));
  EXPECT_TRUE(failed_with(get, errc::server_error));
  in.kv.get("k", note{&later});
  in.run();
  EXPECT_TRUE(failed_with(later, errc::server_error));
  EXPECT_NE(later.detail.find("maximum subscriptions exceeded"), std::string::npos) << later.detail;
  in.server().script = nullptr;
  outcome finds_out;
  in.kv.get("k", note{&finds_out});
  in.run();
  in.expect_working();
}

// After a reload the server names the subscription.
TEST_F(refused, a_subscription_is_found_by_its_number) {
  in.updates = in.kv.watch_all();
  watcher other = in.kv.watch_all();
  in.run();
  outcome next, of_other;
  in.updates.next(note{&next});
  other.next(note{&of_other});
  const auto& open = in.server().newest()->subscriptions;
  const auto last = std::prev(open.end());
  say("-ERR 'Permissions Violation for Subscription to \"" + last->second + "\" (sid \"" +
      std::to_string(last->first) + "\")'\r\n");
  EXPECT_EQ(next.calls, 0);
  EXPECT_TRUE(failed_with(of_other, errc::permission_denied));
  say("-ERR 'Permissions Violation for Subscription to \"foreign\" (sid \"4711\")'\r\n");
  EXPECT_EQ(next.calls, 0);
  say("-ERR 'Permissions Violation for Subscription to \"" + deliver_subject() + "\" using queue \"q\"'\r\n");
  EXPECT_TRUE(failed_with(next, errc::permission_denied));
  in.updates = {};
  other = {};
  in.expect_working();
}

// --- requests ---------------------------------------------------------------------------------------------------------

TEST_F(refused, by_its_reply_subject_is_exactly_that_request) {
  in.server().script = [&](server_connection& conn, const client_frame& frame) {
    if (frame.what != verb::pub) return false;
    if (frame.payload == "2") {
      in.server().say(conn,
                      "-ERR 'Permissions Violation for Publish with Reply of \"" + frame.reply + "\"'\r\n");
    }
    return true;
  };
  outcome first, second;
  in.kv.put("k", "1", put_options{.timeout = 1s}, note{&first});
  in.kv.put("k", "2", note{&second});
  in.run();
  EXPECT_TRUE(failed_with(second, errc::permission_denied));
  EXPECT_EQ(first.calls, 0);
  in.pass(2s);
  in.expect_working();
}

// It was denied before it had left: nothing of what comes later is meant.
TEST_F(refused, what_was_read_before_the_answer_to_a_ping_is_not_meant) {
  in.server().script = [&](server_connection&, const client_frame& frame) {
    return frame.subject == "$KV.B.k";
  };
  outcome put, flush;
  in.kv.put("k", "v", put_options{.timeout = 2s}, note{&put});
  in.nats.flush(note{&flush});
  in.run();
  EXPECT_TRUE(succeeded(flush));
  say(not_permitted("$KV.B.k"));
  EXPECT_EQ(put.calls, 0);
  in.pass(3s);
  EXPECT_TRUE(failed_with(put, errc::outcome_unknown));
  in.expect_working();
}

// The -ERR of one that nobody waits for any more is not taken for that of another one.
TEST_F(refused, what_was_cancelled_accuses_nobody_else) {
  in.server().script = [&](server_connection&, const client_frame& frame) {
    return frame.what == verb::pub && frame.subject.starts_with("$KV.");
  };
  asio::cancellation_signal cancel;
  outcome cancelled, put;
  in.kv.put("mapped", "v", asio::bind_cancellation_slot(cancel.slot(), note{&cancelled}));
  in.kv.put("k", "v", put_options{.timeout = 2s}, note{&put});
  in.server().says_pong = false;
  in.run();
  cancel.emit(asio::cancellation_type::partial);
  in.run();
  say(not_permitted("$KV.other.mapped"));
  EXPECT_EQ(put.calls, 0);
  say("-ERR 'Maximum Payload Violation'\r\n");
  in.server().says_pong = true;
  ASSERT_TRUE(in.run_until([&] { return put.calls > 0; }));
  EXPECT_TRUE(failed_with(put, errc::outcome_unknown));
  in.expect_working();
}

// --- names that the server makes --------------------------------------------------------------------------------------

// A server of the domain maps its subjects before it looks at permissions, and names what came out.
TEST(refused_in_a_domain, is_found_by_the_name_without_it) {
  lab in(config("nats://a:4222").domain("hub"));
  constexpr std::string_view prefix = "$JS.hub.API.";
  in.server().script = [&](server_connection& conn, const client_frame& frame) {
    if (frame.what != verb::pub || !frame.subject.starts_with(prefix)) return false;
    client_frame mapped = frame;
    const std::string rest = frame.subject.substr(prefix.size());
    mapped.subject = rest.starts_with("$KV.") ? rest : "$JS.API." + rest;
    const bool permitted = mapped.subject.find("secret") == std::string::npos;
    permitted ? in.server().carry_out(conn, mapped) : in.server().say(conn, not_permitted(mapped.subject));
    return true;
  };
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  const core::time_point begin = in.world().now();
  outcome put, get, open;
  in.kv.put("secret", "v", note{&put});
  in.kv.get("secret", note{&get});
  in.kv.put("open", "v", note{&open});
  in.run();
  EXPECT_TRUE(failed_with(put, errc::permission_denied));
  EXPECT_TRUE(failed_with(get, errc::permission_denied));
  EXPECT_TRUE(succeeded(open));
  EXPECT_EQ(in.world().now(), begin);
}

// An account may map subjects as it likes. Alone it is found at once; of several it is found when they are asked for again.
TEST_F(refused, under_a_name_that_the_account_has_given) {
  in.server().script = [&](server_connection& conn, const client_frame& frame) {
    if (frame.subject.find("secret") == std::string::npos) return frame.subject == "$KV.B.silent";
    in.server().say(conn, not_permitted("mapped.to.this"));
    return true;
  };
  const core::time_point begin = in.world().now();
  outcome put, get;
  in.kv.put("secret", "v", note{&put});
  in.run();
  EXPECT_TRUE(failed_with(put, errc::permission_denied));
  EXPECT_NE(put.detail.find("mapped.to.this"), std::string::npos) << put.detail;
  EXPECT_EQ(in.world().now(), begin);
  outcome silent;
  in.kv.put("silent", "v", put_options{.timeout = 20s}, note{&silent});
  in.kv.get("secret", note{&get});
  in.run();
  EXPECT_EQ(get.calls, 0);
  in.pass(4s);
  EXPECT_TRUE(failed_with(get, errc::permission_denied));
  EXPECT_EQ(silent.calls, 0);
  in.pass(20s);
  in.expect_working();
}

// --- consumers --------------------------------------------------------------------------------------------------------

// field: X9
TEST_F(refused, a_consumer_too_many_is_told_soon_and_in_the_servers_words) {
  in.server().script = [&](server_connection&, const client_frame& frame) {
    if (!frame.subject.starts_with("$JS.API.CONSUMER.CREATE.")) return false;
    in.server().deliver(
        frame.reply, {}, {},
        R"({"error":{"code":400,"err_code":10026,"description":"maximum consumers limit reached"}})");
    return true;
  };
  outcome keys, history, next;
  in.kv.keys(note{&keys});
  in.kv.history("k", note{&history});
  in.updates = in.kv.watch_all();
  in.updates.next(note{&next});
  in.pass(4s);
  for (const outcome* each : {&keys, &history, &next}) {
    EXPECT_EQ(each->calls, 1);
    EXPECT_EQ(each->code, error_code(10026, jetstream_category())) << each->code.message();
    EXPECT_NE(each->detail.find("maximum consumers limit reached"), std::string::npos) << each->detail;
  }
  in.updates = {};
  in.expect_working();
}

// field: X9
TEST_F(refused, a_list_that_its_deadline_ends_tells_what_the_server_has_said_last) {
  in.server().script = [&](server_connection&, const client_frame& frame) {
    if (!frame.subject.starts_with("$JS.API.CONSUMER.CREATE.")) return false;
    in.server().deliver(frame.reply, {}, {},
                        R"({"error":{"code":503,"err_code":10023,"description":"insufficient resources"}})");
    return true;
  };
  outcome keys;
  in.kv.keys(note{&keys});
  in.pass(11s);
  EXPECT_TRUE(failed_with(keys, errc::unavailable));
  EXPECT_NE(keys.detail.find("insufficient resources"), std::string::npos) << keys.detail;
  in.expect_working();
}

// What the server had counted does not come: the leader would be asked for the end of the list, and may not be.
TEST_F(refused, a_list_whose_end_may_not_be_asked_for_tells_what_was_denied) {
  in.server().put("B", "k", "v");
  const std::string question = "$JS.API.STREAM.MSG.GET.KV_B";
  in.server().script = [&](server_connection& conn, const client_frame& frame) {
    if (frame.subject == question) return in.server().say(conn, not_permitted(question)), true;
    if (!frame.subject.starts_with("$JS.API.CONSUMER.CREATE.")) return false;
    in.server().deliver(frame.reply, {}, {}, R"({"name":"c","num_pending":1,"push_bound":true})");
    return true;
  };
  outcome history;
  in.kv.history("k", note{&history});
  in.run();
  in.server().deliver(deliver_subject(), {},
                      "NATS/1.0 100 Idle Heartbeat\r\nNats-Last-Consumer: 0\r\nNats-Last-Stream: 0\r\n\r\n",
                      {});
  in.pass(11s);
  EXPECT_TRUE(failed_with(history, errc::permission_denied));
  EXPECT_NE(history.detail.find(question), std::string::npos) << history.detail;
  in.expect_working();
}

// field: L2
TEST_F(refused, a_list_of_filters_over_the_servers_limit_before_anything_is_sent) {
  std::vector<std::string> keys;
  for (int i = 0; i < 60'000; ++i) keys.push_back("a.key.of.some.length." + std::to_string(i));
  const std::size_t frames = in.server().frames;
  in.updates = in.kv.watch(keys);
  outcome next;
  in.updates.next(note{&next});
  in.run();
  EXPECT_TRUE(failed_with(next, errc::invalid_filter));
  EXPECT_NE(next.detail.find("60000 filters"), std::string::npos) << next.detail;
  EXPECT_EQ(in.server().frames, frames);
  in.updates = {};
  in.expect_working();
}

// --- what ends the connection -----------------------------------------------------------------------------------------

class ended_by : public refused {
 protected:
  /// As max_control_line does it.
  void end_at(std::string_view part, std::string_view words) {
    in.server().script = [this, part = std::string(part), words = std::string(words)](
                             server_connection& conn, const client_frame& frame) {
      if (frame.what != verb::pub || frame.subject.find(part) == std::string::npos) {
        return frame.subject.ends_with(".slow");
      }
      in.server().say(conn, "-ERR '" + words + "'\r\n");
      in.server().close(conn);
      return true;
    };
  }
  std::uint64_t reconnects() { return in.nats.statistics().reconnects; }
};

constexpr std::string_view line_too_long = "maximum control line exceeded";
constexpr std::string_view too_large = "Maximum Payload Violation";

// field: X12
TEST_F(ended_by, a_read_ends_with_the_second_connection_and_the_words) {
  end_at("long", line_too_long);
  in.server().put("B", "k", "v");
  std::vector<outcome> puts(40), gets(40);
  outcome get;
  for (int i = 0; i < 40; ++i) {
    if (i == 20) in.kv.get("long", note{&get});
    in.kv.put("a", std::to_string(i), note{&puts[i]});
    in.kv.get("k", note{&gets[i]});
  }
  ASSERT_TRUE(in.run_until([&] { return !in.nats.is_connected(); }, 9s));
  std::vector<outcome> later(10);
  for (outcome& each : later) in.kv.put("a", "later", note{&each});
  ASSERT_TRUE(in.run_until([&] { return get.calls > 0; }, 9s));
  EXPECT_TRUE(failed_with(get, errc::server_error));
  EXPECT_NE(get.detail.find(line_too_long), std::string::npos) << get.detail;
  EXPECT_TRUE(in.run_until([&] { return gets.back().calls > 0 && later.back().calls > 0; }, 9s));
  EXPECT_EQ(reconnects(), 2u);
  for (const outcome& each : gets) EXPECT_TRUE(succeeded(each));
  for (const outcome& each : later) EXPECT_TRUE(succeeded(each)) << "it was not read, so it is sent again";
  in.expect_working();
}

// The put before it is slow: nothing tells on the first connection which of them it was.
TEST_F(ended_by, a_write_behind_another_one_is_sent_once_more_and_then_known) {
  end_at("long", line_too_long);
  outcome slow, put;
  in.kv.put("slow", "v", note{&slow});
  in.kv.put("long", "v", note{&put});
  ASSERT_TRUE(in.run_until([&] { return put.calls > 0; }, 9s));
  EXPECT_TRUE(failed_with(slow, errc::outcome_unknown));
  EXPECT_TRUE(failed_with(put, errc::server_error));
  EXPECT_NE(put.detail.find(line_too_long), std::string::npos) << put.detail;
  EXPECT_EQ(reconnects(), 1u);
  in.run_until([&] { return in.nats.is_connected(); });
  in.expect_working();
}

// field: X13
TEST_F(ended_by, a_write_that_is_too_large_is_a_definite_error) {
  for (const retry how : {retry::never, retry::idempotent}) {
    end_at("large", too_large);
    outcome put;
    in.kv.put("large", "value", put_options{.retry = how}, note{&put});
    ASSERT_TRUE(in.run_until([&] { return put.calls > 0; }, 9s));
    EXPECT_TRUE(failed_with(put, errc::value_too_large));
    EXPECT_NE(put.detail.find(too_large), std::string::npos) << put.detail;
    in.run_until([&] { return in.nats.is_connected(); });
    in.expect_working();
  }
}

// A large one is known at once, whatever stands around it.
TEST_F(ended_by, a_large_write_among_others_is_known) {
  std::size_t large = 0;
  in.server().script = [&](server_connection& conn, const client_frame& frame) {
    if (frame.payload.size() < 100'000) return frame.subject.ends_with(".slow");
    ++large;
    in.server().max_payload = 50'000;
    in.server().say(conn, "-ERR 'Maximum Payload Violation'\r\n");
    in.server().close(conn);
    return true;
  };
  outcome slow, put, behind;
  in.kv.put("slow", "v", note{&slow});
  in.kv.put("large", std::string(200'000, 'x'), put_options{.retry = retry::idempotent}, note{&put});
  in.kv.put("behind", "v", note{&behind});
  ASSERT_TRUE(in.run_until([&] { return put.calls > 0 && behind.calls > 0; }, 9s));
  EXPECT_TRUE(failed_with(put, errc::value_too_large));
  EXPECT_TRUE(succeeded(behind));
  EXPECT_EQ(large, 1u);
  EXPECT_TRUE(failed_with(slow, errc::outcome_unknown));
  in.server().max_payload = 1u << 20;
  in.expect_working();
}

// field: X12
TEST_F(ended_by, the_consumer_of_a_watch_ends_it_with_the_second_connection) {
  end_at("CONSUMER.CREATE", line_too_long);
  outcome slow, next;
  in.kv.put("slow", "v", note{&slow});
  in.updates = in.kv.watch("a.long.filter");
  in.updates.next(note{&next});
  ASSERT_TRUE(in.run_until([&] { return next.calls > 0; }, 9s));
  EXPECT_TRUE(failed_with(next, errc::server_error));
  EXPECT_NE(next.detail.find(line_too_long), std::string::npos) << next.detail;
  EXPECT_LE(reconnects(), 2u);
  in.updates = {};
  in.run_until([&] { return in.nats.is_connected(); });
  in.expect_working();
}

// What the server cannot read may begin anywhere: a write stays unknown. A read is not sent for ever.
TEST_F(ended_by, words_that_say_nothing_of_a_write) {
  end_at("odd", "Unknown Protocol Operation");
  outcome put, get;
  in.kv.put("odd", "v", note{&put});
  ASSERT_TRUE(in.run_until([&] { return put.calls > 0; }, 9s));
  EXPECT_TRUE(failed_with(put, errc::outcome_unknown));
  in.run_until([&] { return in.nats.is_connected(); });
  in.kv.get("odd", note{&get});
  ASSERT_TRUE(in.run_until([&] { return get.calls > 0; }, 9s));
  EXPECT_TRUE(failed_with(get, errc::server_error));
  EXPECT_EQ(reconnects(), 2u);
  in.run_until([&] { return in.nats.is_connected(); });
  in.expect_working();
}

TEST_F(ended_by, the_server_itself_accuses_nobody) {
  for (const char* words :
       {"Stale Connection", "Slow Consumer", "Server Shutdown", "maximum connections exceeded"}) {
    in.server().answers = false;
    outcome get;
    in.kv.get("k", note{&get});
    in.run();
    for (int i = 0; i < 3; ++i) {
      say("-ERR '" + std::string(words) + "'\r\n");
      EXPECT_FALSE(in.nats.is_connected());
      ASSERT_TRUE(in.run_until([&] { return in.nats.is_connected(); }));
      in.run();
    }
    in.server().answers = true;
    ASSERT_TRUE(in.run_until([&] { return get.calls > 0; }));
    EXPECT_TRUE(succeeded(get)) << words;
    in.expect_working();
    in.pass(30s);
  }
}

// --- cost -------------------------------------------------------------------------------------------------------------

double cpu_seconds(const std::function<void()>& work) {
  const std::clock_t begin = std::clock();
  work();
  return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
}

// field: L1
TEST_F(refused, each_of_many_at_once_costs_the_same) {
  deny("$KV.B.");
  const auto denied = [&](int count) {
    std::vector<outcome> puts(static_cast<std::size_t>(count));
    const double cost = cpu_seconds([&] {
      for (int i = 0; i < count; ++i)
        in.kv.put("k" + std::to_string(i), "v", note{&puts[static_cast<std::size_t>(i)]});
      in.run();
    });
    for (const outcome& each : puts) EXPECT_TRUE(failed_with(each, errc::permission_denied));
    return cost;
  };
  denied(1000);
  const double few = denied(4000), many = denied(32'000);
  std::printf("4000: %.3f s, 32000: %.3f s\n", few, many);
  EXPECT_LT(many, few * 24) << "eight times as many";
  in.expect_working();
}

// field: L6
TEST_F(refused, each_of_many_flushes_at_once_costs_the_same) {
  const auto flushed = [&](int count) {
    std::vector<outcome> all(static_cast<std::size_t>(count));
    const double cost = cpu_seconds([&] {
      for (outcome& each : all) in.nats.flush(note{&each});
      in.run();
    });
    for (const outcome& each : all) EXPECT_TRUE(succeeded(each));
    return cost;
  };
  flushed(1000);
  const double few = flushed(4000), many = flushed(32'000);
  std::printf("4000: %.3f s, 32000: %.3f s\n", few, many);
  EXPECT_LT(many, few * 24) << "eight times as many";
  in.expect_working();
}

}  // namespace
}  // namespace kvco::test
