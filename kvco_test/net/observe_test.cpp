// What a client tells of itself: events, log, operations, health - in the right order, outside of its own work, and whatever
// the functions do that are told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <kvco/net/session.hpp>
#include <kvco_test/support/fake/lab.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/error.hpp>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// "disconnected a:4222 connection lost".
std::string show(const client_event& e) {
  std::string text(to_string(e.kind));
  if (!e.server.empty()) text += ' ' + e.server;
  if (!e.bucket.empty()) text += ' ' + e.bucket;
  if (e.attempt != 0) text += " #" + std::to_string(e.attempt);
  if (e.reason) text += ": " + e.reason.default_error_condition().message();
  return text;
}

struct diary {
  std::vector<std::string> lines;
  std::vector<client_event> events;
  event_function writer() {
    return [this](const client_event& e) {
      lines.push_back(show(e));
      events.push_back(e);
    };
  }
};

TEST(events, tell_the_life_of_a_connection) {
  diary told;
  lab in(config("nats://a:4222").observe([&](auto& observe) { observe.on_event(told.writer()); }));
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  EXPECT_THAT(told.lines, ElementsAre("connected a:4222"));
  told.lines.clear();
  int refusals = 2;
  in.world().on_dial = [&](const dial&) { return refusals-- > 0 ? answer::refuse : answer::accept; };
  in.world().end_connection(asio::error::eof);
  ASSERT_TRUE(in.run_until([&] { return !in.nats.is_connected(); }));
  ASSERT_TRUE(in.run_until([&] { return in.nats.is_connected(); }));
  in.run();
  EXPECT_THAT(told.lines, ElementsAre("disconnected a:4222: connection lost", "reconnecting a:4222 #1",
                                      "connect_failed a:4222 #1: connect failed", "reconnecting a:4222 #2",
                                      "connect_failed a:4222 #2: connect failed", "reconnecting a:4222 #3",
                                      "connected a:4222 #3"));
  EXPECT_GT(told.events[2].delay, 0s);
  EXPECT_THAT(told.events[1].detail, HasSubstr("closed the connection"));
  told.lines.clear();
  outcome closed;
  in.nats.close(note{&closed});
  ASSERT_TRUE(in.run_until([&] { return closed.calls > 0; }));
  EXPECT_THAT(told.lines, ElementsAre("closed"));
  in.run();
  EXPECT_EQ(told.lines.size(), 1u);
}

TEST(events, tell_of_a_connect_that_fails) {
  diary told;
  lab in(config("nats://a:1,b:2").shuffle_servers(false).observe([&](auto& observe) {
    observe.on_event(told.writer());
  }));
  in.world().on_dial = [](const dial&) { return answer::refuse; };
  outcome result;
  detail::initiate(in.prepare_connect(), note{&result});
  ASSERT_TRUE(in.run_until([&] { return result.calls > 0; }));
  EXPECT_THAT(told.lines, ElementsAre("connect_failed a:1: connect failed",
                                      "connect_failed b:2: connect failed", "closed: connect failed"));
}

// fault: 37
TEST(events, tell_of_refused_credentials_and_no_secret) {
  diary told;
  std::vector<std::string> log;
  lab in(config("nats://a:1").user("ann", "secret").observe([&](auto& observe) {
    observe.on_event(told.writer()).log(log_level::debug, [&](const log_record& record) {
      log.push_back(to_string(record));
    });
  }));
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  in.server().script = [&](server_connection& conn, const client_frame& frame) {
    if (frame.what != client_frame::verb::connect) return false;
    in.server().say(conn, "-ERR 'Authorization Violation'\r\n");
    in.server().close(conn);
    return true;
  };
  told.lines.clear();
  in.world().end_connection(asio::error::eof);
  in.pass(10s);
  EXPECT_THAT(told.lines, ElementsAre("disconnected a:1: connection lost", "reconnecting a:1 #1",
                                      "authentication_failed a:1 #1: authentication failed",
                                      "connect_failed a:1 #1: authentication failed", "reconnecting a:1 #2",
                                      "authentication_failed a:1 #2: authentication failed",
                                      "connect_failed a:1 #2: authentication failed",
                                      "closed #2: authentication failed"));
  EXPECT_EQ(in.nats.statistics().authentication_failures, 2u);
  for (const std::string& line : log) EXPECT_THAT(line, Not(HasSubstr("secret")));
  for (const client_event& each : told.events) EXPECT_THAT(each.detail, Not(HasSubstr("secret")));
}

TEST(events, tell_of_a_lame_duck_once) {
  diary told;
  lab in(config("nats://a:4222").observe([&](auto& observe) { observe.on_event(told.writer()); }));
  ASSERT_NO_FATAL_FAILURE(in.connect());
  told.lines.clear();
  for (int i = 0; i < 2; ++i) {
    in.server().say(in.world().links.back()->server,
                    R"(INFO {"headers":true,"version":"2.10.27","max_payload":1048576,"ldm":true})"
                    "\r\n");
    in.run();
  }
  EXPECT_THAT(told.lines, ElementsAre("lame_duck a:4222"));
}

// fault: 14
TEST(events, tell_when_more_is_written_than_the_socket_takes) {
  diary told;
  lab in(config("nats://a:4222").write_buffer(64'000).observe([&](auto& observe) {
    observe.on_event(told.writer());
  }));
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  told.lines.clear();
  for (int round = 1; round <= 2; ++round) {
    in.world().server_reads = false;
    std::vector<outcome> puts(20);
    for (outcome& each : puts) in.kv.put("k", std::string(10'000, 'x'), note{&each});
    in.run();
    EXPECT_EQ(told.lines.size(), static_cast<std::size_t>(round)) << "once for each time";
    EXPECT_EQ(told.lines.back(), "write_buffer_full a:4222");
    EXPECT_GE(told.events.back().bytes, 64'000u);
    EXPECT_GT(in.nats.health().waiting_requests, 0u);
    EXPECT_GE(in.nats.health().unsent_bytes, 64'000u);
    in.world().server_reads = true;
    in.world().wake_all();
    ASSERT_TRUE(in.run_until([&] { return puts.back().calls > 0; }));
  }
}

TEST(events, tell_of_a_watch_that_was_set_up_again) {
  diary told;
  lab in(config("nats://a:4222").observe([&](auto& observe) { observe.on_event(told.writer()); }));
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  in.updates = in.kv.watch_all();
  in.run();
  EXPECT_THAT(told.lines, ElementsAre("connected a:4222"));
  told.lines.clear();
  in.server().streams.at("KV_B").consumers.clear();
  in.pass(30s);
  EXPECT_THAT(told.lines, ElementsAre("watch_recreated B"));
  EXPECT_EQ(in.nats.statistics().watches_recreated, 1u);
  ASSERT_EQ(in.nats.health().watches.size(), 1u);
  EXPECT_EQ(in.nats.health().watches[0].recreated, 1u);
}

// The connection ends, and the first dial after that is refused: five events.
void lose_connection(lab& in) {
  int refusals = 1;
  in.world().on_dial = [&](const dial&) { return refusals-- > 0 ? answer::refuse : answer::accept; };
  in.world().end_connection(asio::error::eof);
  in.pass(5s);
  in.world().on_dial = {};
}

TEST(events, may_use_the_client) {
  for (std::size_t n = 1; n < 5; ++n) {  // the first comes before the bucket is open
    SCOPED_TRACE(n);
    outcome put;
    std::size_t seen = 0;
    lab* there = nullptr;
    lab in(config("nats://a:4222").observe([&](auto& observe) {
      observe.on_event([&](const client_event&) {
        if (seen++ == n) there->kv.put("k", "from an event", note{&put});
      });
    }));
    there = &in;
    ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
    lose_connection(in);
    EXPECT_GE(seen, 5u);
    EXPECT_TRUE(succeeded(put));
    in.expect_working();
  }
}

TEST(events, may_end_the_client) {
  for (std::size_t n = 1; n < 5; ++n) {
    SCOPED_TRACE(n);
    std::size_t seen = 0;
    lab* there = nullptr;
    lab in(config("nats://a:4222").observe([&](auto& observe) {
      observe.on_event([&](const client_event&) {
        if (seen++ == n) there->drop_handles();
      });
    }));
    there = &in;
    ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
    lose_connection(in);
    EXPECT_EQ(seen, n + 1) << "told after the last handle had gone";
    in.run_until([] { return false; });
    EXPECT_TRUE(in.reactor().stopped());
  }
}

// fault: 79
TEST(events, may_throw) {
  std::size_t seen = 0;
  lab in(config("nats://a:4222").observe([&](auto& observe) {
    observe.on_event([&](const client_event&) {
      if (++seen > 1) throw std::runtime_error("thrown by the observer");
    });
  }));
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  in.world().end_connection(asio::error::eof);
  std::size_t thrown = 0;
  const auto go_on = [&] {
    try {
      return in.step_or_wait(5s);
    } catch (const std::runtime_error& error) {
      EXPECT_STREQ(error.what(), "thrown by the observer");
      return ++thrown > 0;
    }
  };
  while (!(in.nats.is_connected() && thrown == 3) && go_on()) {
  }
  EXPECT_EQ(thrown, 3u) << "disconnected, reconnecting, connected";
  in.expect_working();
}

TEST(events, are_dropped_with_the_reactor) {
  diary told;
  lab in(config("nats://a:4222").observe([&](auto& observe) { observe.on_event(told.writer()); }));
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  told.lines.clear();
  in.world().end_connection(asio::error::eof);
  while (in.nats.is_connected()) in.step();
  in.destroy_reactor();
  EXPECT_THAT(told.lines, IsEmpty());
}

// --- the log ----------------------------------------------------------------------------------------------------------

TEST(log, has_levels) {
  struct row {
    log_level least;
    std::vector<std::string> messages;
  };
  const row rows[] = {
      {log_level::debug, {"dialling", "connected", "disconnected", "dialling", "reconnecting", "connected"}},
      {log_level::info, {"connected", "disconnected", "reconnecting", "connected"}},
      {log_level::warning, {"disconnected"}},
      {log_level::error, {}},
  };
  for (const row& r : rows) {
    std::vector<std::string> messages;
    lab in(config("nats://a:4222").observe([&](auto& observe) {
      observe.log(r.least, [&](const log_record& record) { messages.emplace_back(record.message); });
    }));
    ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
    in.world().end_connection(asio::error::eof);
    in.pass(1s);
    EXPECT_EQ(messages, r.messages);
  }
}

TEST(log, has_fields) {
  std::vector<std::string> lines;
  lab in(config("nats://a:4222").observe([&](auto& observe) {
    observe.log(log_level::warning, [&](const log_record& record) { lines.push_back(to_string(record)); });
  }));
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  in.server().say(in.world().links.back()->server,
                  "-ERR 'Permissions Violation for Publish to \"$KV.B.k\"'\r\n");
  in.run();
  in.world().end_connection(asio::error::eof);
  in.run();
  EXPECT_THAT(lines, ElementsAre("level=warning msg=\"permission denied\" detail=\"Permissions Violation for "
                                 "Publish to \\\"$KV.B.k\\\"\"",
                                 "level=warning msg=disconnected server=a:4222 reason=\"the connection ended "
                                 "before the answer came\" detail=\"the server closed the connection\""));
}

TEST(log, a_line_stays_a_line) {
  const log_field fields[] = {{"a", "x\r\ny"}, {"b", ""}, {"c", "say \"hi\"\\"}, {"d", "plain:4222"}};
  EXPECT_EQ(to_string(log_record{log_level::error, "two words", fields}),
            R"(level=error msg="two words" a="x\x0d\x0ay" b="" c="say \"hi\"\\" d=plain:4222)");
}

// A server's words may be any bytes; a line is UTF-8.
// field: L8
TEST(log, a_line_is_utf_8) {
  const log_field fields[] = {{"a", "\xc3\xa4\xff\xf0\x9f\x8d\x8e\xe2\x82"}};
  EXPECT_EQ(to_string(log_record{log_level::error, "m", fields}),
            "level=error msg=m a=\"\xc3\xa4\\xff\xf0\x9f\x8d\x8e\\xe2\\x82\"");
}

// --- operations -------------------------------------------------------------------------------------------------------

struct witness final : operation_observer {
  std::uintptr_t on_start(const operation_start& start) override {
    ++open;
    started.push_back(std::string(to_string(start.kind)) + ' ' + std::string(start.bucket) + ' ' +
                      std::string(start.key));
    if (throws) throw std::runtime_error("thrown by the observer");
    return started.size();
  }
  void on_end(const operation_end& end) override {
    --open;
    ended.push_back(std::string(to_string(end.kind)) + ' ' + std::string(end.bucket) + ' ' +
                    std::string(end.key) + ' ' +
                    (end.code ? end.code.default_error_condition().message() : "ok") + ' ' +
                    std::to_string(end.bytes_sent) + '/' + std::to_string(end.bytes_received));
    elapsed = end.elapsed;
    tags.push_back(end.tag);
    if (then) std::exchange(then, nullptr)();
    if (throws) throw std::runtime_error("thrown by the observer");
  }
  std::vector<std::string> started, ended;
  std::vector<std::uintptr_t> tags;
  duration elapsed{};
  int open = 0;
  bool throws = false;
  std::function<void()> then;
};

struct observed {
  std::shared_ptr<witness> seen = std::make_shared<witness>();
  lab in{config("nats://a:4222").observe([&](auto& observe) { observe.operations(seen); })};
  outcome result;

  void open() {
    in.connect_and_open();
    in.server().put("B", "k", "12345");
    seen->started.clear();
    seen->ended.clear();
    seen->tags.clear();
  }
};

// peer: N55
TEST(operation_observer, hears_of_every_kind) {
  observed test;
  ASSERT_NO_FATAL_FAILURE(test.open());
  lab& in = test.in;
  std::vector<outcome> results(20);
  std::size_t n = 0;
  const auto next = [&] { return note{&results[n++]}; };
  const auto wait = [&] { ASSERT_TRUE(in.run_until([&] { return results[n - 1].calls > 0; })); };
  in.kv.put("p", "abc", next());
  wait();
  in.kv.create("c", "ab", next());
  wait();
  in.kv.update("k", "1234", 1, next());
  wait();
  in.kv.get("k", next());
  wait();
  in.kv.get_revision("k", 1, next());
  wait();
  in.kv.erase("k", next());
  wait();
  in.kv.purge("k", next());
  wait();
  in.kv.get("k", next());
  wait();
  in.kv.put_many({{"m", "123"}, {"n", "4567"}}, next());
  wait();
  in.kv.get_many({"m", "n", "o"}, next());
  wait();
  in.kv.keys(next());
  wait();
  in.kv.history("m", next());
  wait();
  in.kv.status(next());
  wait();
  in.nats.create_bucket(bucket_config("N"), next());
  wait();
  in.nats.ensure_bucket(bucket_config("N"), next());
  wait();
  in.nats.open_bucket("none", next());
  wait();
  in.nats.bucket_names(next());
  wait();
  in.nats.delete_bucket("N", next());
  wait();
  EXPECT_THAT(test.seen->ended,
              ElementsAre("put B p ok 3/0", "create B c ok 2/0", "update B k ok 4/0", "get B k ok 0/4",
                          "get_revision B k ok 0/5", "erase B k ok 0/0", "purge B k ok 0/0", "get B k ok 0/0",
                          "put_many B  ok 7/0", "get_many B  ok 0/7", "keys B  ok 0/0", "history B  ok 0/3",
                          "status B  ok 0/0", "create_bucket N  ok 0/0", "ensure_bucket N  ok 0/0",
                          "open_bucket none  bucket not found 0/0", "bucket_names   ok 0/0",
                          "delete_bucket N  ok 0/0"));
  EXPECT_EQ(test.seen->open, 0);
  for (std::size_t i = 0; i < test.seen->tags.size(); ++i) EXPECT_EQ(test.seen->tags[i], i + 1);
}

TEST(operation_observer, hears_of_failures_and_how_long_they_took) {
  observed test;
  ASSERT_NO_FATAL_FAILURE(test.open());
  lab& in = test.in;
  in.kv.put("a b", "x", note{&test.result});
  in.run();
  in.server().answers = false;
  outcome lost, read, cancelled;
  in.kv.put("k", "v", {.timeout = 3s}, note{&lost});
  in.pass(3s);
  EXPECT_EQ(test.seen->elapsed, 3s);
  in.kv.get("k", {.timeout = 2s}, note{&read});
  in.pass(2s);
  EXPECT_EQ(test.seen->elapsed, 2s);
  asio::cancellation_signal signal;
  in.kv.put("k", "v", asio::bind_cancellation_slot(signal.slot(), note{&cancelled}));
  in.run();
  signal.emit(asio::cancellation_type::terminal);
  in.run();
  EXPECT_THAT(test.seen->ended, ElementsAre("put B  invalid key 0/0", "put B k outcome unknown 1/0",
                                            "get B k timeout 0/0", testing::StartsWith("put B k ")));
  EXPECT_EQ(test.seen->open, 0);
}

// What takes more than one request is one operation.
TEST(operation_observer, hears_of_slow_ways_once) {
  observed test;
  ASSERT_NO_FATAL_FAILURE(test.open());
  lab& in = test.in;
  in.server().leaderless.insert("KV_B");
  outcome put, get;
  in.kv.put("k", "v", note{&put});
  in.kv.get("k", {.consistency = consistency::leader}, note{&get});
  in.pass(1s);
  EXPECT_THAT(test.seen->ended, IsEmpty());
  in.server().leaderless.clear();
  ASSERT_TRUE(in.run_until([&] { return put.calls > 0 && get.calls > 0; }));
  EXPECT_EQ(test.seen->started.size(), 2u);
  EXPECT_EQ(test.seen->ended.size(), 2u);
  EXPECT_GE(test.seen->elapsed, 1s);
}

TEST(operation_observer, is_told_before_the_handler_and_may_use_the_client) {
  observed test;
  ASSERT_NO_FATAL_FAILURE(test.open());
  lab& in = test.in;
  outcome inner;
  std::size_t told = 0;
  test.seen->then = [&] { in.kv.get("k", note{&inner}); };
  in.kv.put("k", "v", [&](error_code, revision) { told = test.seen->ended.size(); });
  in.run();
  EXPECT_EQ(told, 1u);
  EXPECT_TRUE(succeeded(inner));
  outcome last;
  test.seen->then = [&] { in.drop_handles(); };
  in.kv.put("k", "v", note{&last});
  in.run();
  EXPECT_TRUE(succeeded(last));
}

// fault: 79
TEST(operation_observer, may_throw) {
  observed test;
  ASSERT_NO_FATAL_FAILURE(test.open());
  lab& in = test.in;
  test.seen->throws = true;
  std::vector<outcome> puts(5);
  for (outcome& each : puts) in.kv.put("k", "v", note{&each});
  int thrown = 0;
  for (bool more = true; more;) {
    try {
      more = in.step();
    } catch (const std::runtime_error&) {
      ++thrown;
    }
  }
  EXPECT_EQ(thrown, 10);
  for (const outcome& each : puts) EXPECT_TRUE(succeeded(each));
  test.seen->throws = false;
  in.expect_working();
}

TEST(operation_observer, is_not_told_of_what_goes_with_the_reactor) {
  observed test;
  ASSERT_NO_FATAL_FAILURE(test.open());
  test.in.server().answers = false;
  test.in.kv.put("k", "v", note{&test.result});
  test.in.run();
  test.in.destroy_reactor();
  EXPECT_EQ(test.seen->open, 1);
}

// --- health -----------------------------------------------------------------------------------------------------------

TEST(health, knows_each_state) {
  lab in;
  outcome connected, closed;
  detail::initiate(in.prepare_connect(), [&](error_code code, client made) {
    note{&connected}(code);
    in.nats = std::move(made);
  });
  EXPECT_EQ(in.session().health().state, connection_state::connecting);
  ASSERT_TRUE(in.run_until([&] { return connected.calls > 0; }));
  client_health now = in.nats.health();
  EXPECT_EQ(now.state, connection_state::connected);
  EXPECT_EQ(now.server, "a:4222");
  EXPECT_EQ(now.server_version, "2.10.27");
  EXPECT_FALSE(now.last_error);
  in.pass(7s);
  EXPECT_EQ(in.nats.health().connected_for, 7s);
  in.world().on_dial = [](const dial&) { return answer::refuse; };
  in.world().end_connection(asio::error::eof);
  in.run();
  now = in.nats.health();
  EXPECT_EQ(now.state, connection_state::reconnecting);
  EXPECT_EQ(now.server, "");
  EXPECT_EQ(now.connected_for, 0s);
  EXPECT_EQ(now.last_error, errc::connection_lost);
  in.pass(1s);
  EXPECT_EQ(in.nats.health().last_error, errc::connect_failed);
  EXPECT_THAT(in.nats.health().last_error_detail, HasSubstr("a:4222"));
  EXPECT_EQ(in.nats.statistics().failed_attempts + 1, in.nats.statistics().connect_attempts);
  in.world().on_dial = nullptr;
  ASSERT_TRUE(in.run_until([&] { return in.nats.is_connected(); }));
  EXPECT_EQ(in.nats.health().last_error, errc::connect_failed) << "the last one is remembered";
  in.nats.drain(note{&closed});
  ASSERT_TRUE(in.run_until([&] { return in.nats.health().state == connection_state::closing; }));
  ASSERT_TRUE(in.run_until([&] { return closed.calls > 0; }));
  EXPECT_EQ(in.nats.health().state, connection_state::closed);
}

TEST(health, measures_the_round_trip) {
  lab in(config("nats://a:4222").ping_interval(10s));
  ASSERT_NO_FATAL_FAILURE(in.connect());
  in.server().script = [&](server_connection&, const client_frame& frame) {
    if (frame.what == client_frame::verb::ping) in.world().set_clock(in.world().now() + 40ms);
    return false;
  };
  in.pass(25s);
  EXPECT_GE(in.nats.health().round_trip, 40ms);
  EXPECT_LT(in.nats.health().round_trip, 1s);
}

TEST(health, shows_the_lag_of_a_watch) {
  lab in;
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  for (int i = 0; i < 10; ++i) in.server().put("B", "k" + std::to_string(i), "v");
  in.updates = in.kv.watch_all();
  in.run();
  ASSERT_EQ(in.nats.health().watches.size(), 1u);
  watch_health now = in.nats.health().watches[0];
  EXPECT_EQ(now.bucket, "B");
  EXPECT_TRUE(now.live);
  EXPECT_FALSE(now.initial_complete);
  EXPECT_EQ(now.queued, 10u);
  outcome taken;
  in.updates.next_batch(note{&taken});
  in.run();
  now = in.nats.health().watches[0];
  EXPECT_EQ(now.queued, 0u);
  EXPECT_EQ(now.cursor, 10u);
  EXPECT_EQ(now.behind, 0u);
  EXPECT_TRUE(now.initial_complete);
  in.world().end_connection(asio::error::eof);
  in.run();
  EXPECT_FALSE(in.nats.health().watches[0].live);
  in.updates = {};
  EXPECT_THAT(in.nats.health().watches, IsEmpty());
}

}  // namespace
}  // namespace kvco::test
