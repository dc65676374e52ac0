// Writes that are sent again (retry::idempotent): the answer is lost in every way, and yet each ends with the truth, and is
// stored once.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include <kvco_test/support/server/slow_answers.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/error.hpp>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;
constexpr retry again = retry::idempotent;

/// What happens to a write and to its answer.
enum class fate {
  ack_lost,       // stored, silence
  ack_cut,        // stored, and the connection ends
  write_lost,     // not stored, silence
  write_cut,      // not stored, and the connection ends
  ack_garbled,    // stored, and the answer cannot be read
  in_process,     // 10158: not looked at
  in_flight,      // 10164: not looked at, because a write of the key is not stored yet
  no_responders,  // 503: not looked at
  not_leader,     // 503 without an err_code: not looked at, by one that was the leader
  answered,
};

std::string name_of(fate f) {
  constexpr const char* names[] = {"ack_lost",   "ack_cut",   "write_lost",    "write_cut",  "ack_garbled",
                                   "in_process", "in_flight", "no_responders", "not_leader", "answered"};
  return names[static_cast<int>(f)];
}

/// Deals out fates to the writes of a key, in turn; all later ones are answered.
class fates {
 public:
  fates(lab& in, std::vector<fate> plan, std::string key = "k") : plan_(std::move(plan)) {
    in.server().script = [this, &in, key](server_connection& conn, const client_frame& frame) {
      if (frame.subject != "$KV.B." + key) return false;
      ++sent;
      return deal(in, conn, frame);
    };
  }
  std::size_t sent = 0;
  std::function<void()> meanwhile;  // once, after the first

 private:
  bool deal(lab& in, server_connection& conn, const client_frame& frame) {
    const fate next = at_ < plan_.size() ? plan_[at_++] : fate::answered;
    if (next == fate::answered) return false;
    client_frame mute = frame;
    mute.reply.clear();
    fake_server& server = in.server();
    if (next == fate::ack_lost || next == fate::ack_cut || next == fate::ack_garbled)
      server.carry_out(conn, mute);
    const auto answer = [&](std::string_view json) { server.deliver(frame.reply, {}, {}, json); };
    if (next == fate::ack_garbled) answer("{\"stream\":7}");
    if (next == fate::in_process) {
      answer(R"({"error":{"code":409,"err_code":10158,"description":"duplicate"},"stream":"KV_B","seq":0})");
    }
    if (next == fate::in_flight) {
      answer(
          R"({"error":{"code":400,"err_code":10164,"description":"wrong last sequence"},"stream":"KV_B","seq":0})");
    }
    if (next == fate::no_responders) server.no_responders(frame);
    if (next == fate::not_leader) {
      answer(R"({"error":{"code":503,"description":"raft: not leader"},"stream":"KV_B","seq":0})");
    }
    if (meanwhile) std::exchange(meanwhile, nullptr)();
    if (next == fate::ack_cut || next == fate::write_cut) server.close(conn);
    return true;
  }

  std::vector<fate> plan_;
  std::size_t at_ = 0;
};

struct write_case {
  std::string name;
  std::function<void(lab&, outcome&)> start;
  bool over_tombstone = false;
};

const std::vector<write_case>& writes() {
  static const std::vector<write_case> all = {
      {"put", [](lab& in, outcome& to) { in.kv.put("k", "new", {.retry = again}, note{&to}); }},
      {"create", [](lab& in, outcome& to) { in.kv.create("k", "new", {.retry = again}, note{&to}); }, true},
      {"update", [](lab& in, outcome& to) { in.kv.update("k", "new", 1, {.retry = again}, note{&to}); }},
      {"erase", [](lab& in, outcome& to) { in.kv.erase("k", {.retry = again}, note{&to}); }},
      {"erase_at",
       [](lab& in, outcome& to) { in.kv.erase("k", {.last_revision = 1, .retry = again}, note{&to}); }},
      {"purge", [](lab& in, outcome& to) { in.kv.purge("k", {.retry = again}, note{&to}); }},
      {"purge_at",
       [](lab& in, outcome& to) { in.kv.purge("k", {.last_revision = 1, .retry = again}, note{&to}); }},
  };
  return all;
}

void set_up(lab& in, const write_case& which, bool ids_first, int history = 64) {
  fake_stream& stream = in.server().create_bucket("B", history);
  stream.looks_at_ids_first = ids_first;
  in.server().put("B", "k", "", which.over_tombstone ? "NATS/1.0\r\nKV-Operation: DEL\r\n\r\n" : "");
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
}

std::size_t stored_writes(lab& in) {
  return static_cast<std::size_t>(
      std::count_if(in.server().applied.begin(), in.server().applied.end(),
                    [](const applied_write& w) { return w.subject == "$KV.B.k"; }));
}

// fault: 7, 60, 63
TEST(retry, every_loss_ends_with_the_truth) {
  const fate all[] = {fate::ack_lost,    fate::ack_cut,    fate::write_lost, fate::write_cut,
                      fate::ack_garbled, fate::in_process, fate::in_flight,  fate::no_responders,
                      fate::not_leader,  fate::answered};
  for (const write_case& which : writes()) {
    for (const bool ids_first : {true, false}) {
      for (const fate first : all) {
        for (const fate second : all) {
          SCOPED_TRACE(which.name + (ids_first ? ", ids first, " : ", revisions first, ") + name_of(first) +
                       ", " + name_of(second));
          lab in;
          ASSERT_NO_FATAL_FAILURE(set_up(in, which, ids_first));
          const fates dealt(in, {first, second});
          outcome result;
          which.start(in, result);
          ASSERT_TRUE(in.run_until([&] { return result.calls > 0; }, 30s));
          ASSERT_TRUE(succeeded(result));
          EXPECT_EQ(result.value, "ok 2");
          EXPECT_EQ(stored_writes(in), 1u);
          const stored* last = in.server().streams.at("KV_B").last_of("$KV.B.k");
          ASSERT_NE(last, nullptr);
          EXPECT_EQ(last->seq, 2u);
          in.expect_working();
        }
      }
    }
  }
}

// 10164 is no conflict yet: what is in flight may have been answered already, or may never be stored.
// fault: 60
TEST(retry, waits_for_the_write_that_is_in_flight_also_where_nothing_else_is_sent_again) {
  for (const bool stored : {false, true}) {
    for (const retry how : {retry::never, again}) {
      lab in;
      ASSERT_NO_FATAL_FAILURE(set_up(in, writes().front(), false));
      fates dealt(in, {fate::in_flight, fate::in_flight});
      if (stored) dealt.meanwhile = [&] { in.server().put("B", "k", "of another"); };
      outcome result;
      in.kv.update("k", "new", 1, {.retry = how}, note{&result});
      ASSERT_TRUE(in.run_until([&] { return result.calls > 0; }));
      if (stored) {
        EXPECT_TRUE(failed_with(result, errc::wrong_last_revision));
        EXPECT_EQ(result.code.value(), 10071);
      } else {
        EXPECT_EQ(result.value, "ok 2") << result.code.message();
      }
      EXPECT_EQ(dealt.sent, 3u);
      EXPECT_EQ(stored_writes(in), stored ? 0u : 1u);
    }
  }
}

TEST(retry, times_out_while_the_write_of_another_is_in_flight) {
  for (const retry how : {retry::never, again}) {
    lab in;
    ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
    const fates dealt(in, std::vector(1000, fate::in_flight));
    outcome update, create;
    in.kv.update("k", "new", 0, {.retry = how}, note{&update});
    in.kv.create("k", "new", {.retry = how}, note{&create});
    ASSERT_TRUE(in.run_until([&] { return update.calls + create.calls == 2; }, 30s));
    EXPECT_TRUE(failed_with(update, errc::timeout));
    EXPECT_TRUE(failed_with(create, errc::timeout));
    EXPECT_LT(dealt.sent, 100u);
  }
}

TEST(retry, a_deadline_before_the_first_pause_has_a_reason) {
  lab in;
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  const fates dealt(in, {fate::in_flight});
  outcome update;
  in.kv.update("k", "new", 0, {.timeout = 1us}, note{&update});
  ASSERT_TRUE(in.run_until([&] { return update.calls == 1; }));
  EXPECT_TRUE(failed_with(update, errc::timeout));
  EXPECT_EQ(update.detail, "another write of this key is in process");
}

// The history keeps only the last: a purge, or one entry, is found all the same.
// fault: 60
TEST(retry, every_loss_ends_with_the_truth_without_a_history) {
  for (const write_case& which : writes()) {
    for (const bool ids_first : {true, false}) {
      SCOPED_TRACE(which.name);
      lab in;
      ASSERT_NO_FATAL_FAILURE(set_up(in, which, ids_first, 1));
      const fates dealt(in, {fate::ack_cut});
      outcome result;
      which.start(in, result);
      ASSERT_TRUE(in.run_until([&] { return result.calls > 0; }, 30s));
      EXPECT_EQ(result.value, "ok 2") << result.code.message();
      EXPECT_EQ(stored_writes(in), 1u);
    }
  }
}

TEST(retry, takes_no_longer_than_it_must) {
  lab in;
  ASSERT_NO_FATAL_FAILURE(set_up(in, writes().front(), true));
  const fates dealt(in, {fate::ack_lost});
  const core::time_point begin = in.world().now();
  outcome result;
  in.kv.put("k", "new", {.retry = again}, note{&result});
  ASSERT_TRUE(in.run_until([&] { return result.calls > 0; }));
  EXPECT_LE(in.world().now() - begin, 3s) << "a silence is waited for to the deadline";
}

// Each write has an id of its own, and none when it is not asked for.
TEST(retry, ids_are_never_used_twice) {
  lab in;
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  std::vector<outcome> results(20);
  for (outcome& each : results) in.kv.put("k", "v", {.retry = again}, note{&each});
  outcome plain;
  in.kv.put("k", "v", note{&plain});
  in.run();
  std::set<std::string> ids;
  for (const applied_write& each : in.server().applied) ids.insert(header_value(each.header, "Nats-Msg-Id"));
  EXPECT_EQ(in.server().applied.size(), 21u);
  EXPECT_EQ(ids.size(), 21u);
  EXPECT_TRUE(ids.contains(""));
  EXPECT_EQ(in.server().applied.back().header, "");
}

// fault: 7
TEST(retry, is_done_only_when_it_was_asked_for) {
  for (const fate lost : {fate::ack_lost, fate::ack_cut, fate::ack_garbled, fate::write_cut}) {
    lab in;
    ASSERT_NO_FATAL_FAILURE(set_up(in, writes().front(), true));
    const fates dealt(in, {lost});
    outcome result;
    in.kv.put("k", "new", note{&result});
    ASSERT_TRUE(in.run_until([&] { return result.calls > 0; }));
    EXPECT_TRUE(failed_with(result, errc::outcome_unknown)) << name_of(lost);
    EXPECT_EQ(dealt.sent, 1u);
  }
}

// The first answer is no refusal that anything could be doubted of.
TEST(retry, a_conflict_at_once_is_definite) {
  lab in;
  ASSERT_NO_FATAL_FAILURE(set_up(in, writes().front(), false));
  in.server().put("B", "k", "2");
  outcome update, create, erase;
  in.kv.update("k", "new", 1, {.retry = again}, note{&update});
  in.kv.create("k", "new", {.retry = again}, note{&create});
  in.kv.erase("k", {.last_revision = 1, .retry = again}, note{&erase});
  in.run();
  EXPECT_TRUE(failed_with(update, errc::wrong_last_revision));
  EXPECT_TRUE(failed_with(create, errc::key_exists));
  EXPECT_TRUE(failed_with(erase, errc::wrong_last_revision));
}

// What came behind it has driven it out of the history.
// fault: 62
TEST(retry, what_the_history_has_lost_is_unknown) {
  lab in;
  ASSERT_NO_FATAL_FAILURE(set_up(in, writes().front(), false, 3));
  fates dealt(in, {fate::ack_cut});
  dealt.meanwhile = [&] {
    for (int i = 0; i < 4; ++i) in.server().put("B", "k", "foreign");
  };
  outcome result;
  in.kv.update("k", "new", 1, {.retry = again}, note{&result});
  ASSERT_TRUE(in.run_until([&] { return result.calls > 0; }));
  EXPECT_TRUE(failed_with(result, errc::outcome_unknown));
  EXPECT_EQ(stored_writes(in), 1u);
}

// It still keeps what the update was based on, and what follows is not ours: ours was never stored.
TEST(retry, a_lost_write_is_refused_when_the_history_proves_it) {
  for (const int history : {2, 1}) {
    lab in;
    ASSERT_NO_FATAL_FAILURE(set_up(in, writes().front(), false, history));
    fates dealt(in, {fate::write_cut});
    dealt.meanwhile = [&] { in.server().put("B", "k", "foreign"); };
    outcome result;
    in.kv.update("k", "new", 1, {.retry = again}, note{&result});
    ASSERT_TRUE(in.run_until([&] { return result.calls > 0; }));
    EXPECT_TRUE(failed_with(result, history == 2 ? errc::wrong_last_revision : errc::outcome_unknown));
    EXPECT_EQ(stored_writes(in), 0u);
  }
}

TEST(retry, a_lost_create_behind_somebody_elses_is_unknown) {
  lab in;
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  in.server().streams.at("KV_B").looks_at_ids_first = false;
  fates dealt(in, {fate::write_cut});
  dealt.meanwhile = [&] { in.server().put("B", "k", "foreign"); };
  outcome result;
  in.kv.create("k", "new", {.retry = again}, note{&result});
  ASSERT_TRUE(in.run_until([&] { return result.calls > 0; }));
  EXPECT_TRUE(failed_with(result, errc::outcome_unknown));
}

// Created, erased by somebody else, and then asked for again: it must not come back.
TEST(retry, a_create_is_not_stored_over_the_tombstone_of_itself) {
  for (const bool ids_first : {true, false}) {
    lab in;
    ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
    in.server().streams.at("KV_B").set_config(
        R"({"name":"KV_B","subjects":["$KV.B.>"],"max_msgs_per_subject":1,"allow_direct":true})");
    in.server().streams.at("KV_B").looks_at_ids_first = ids_first;
    fates dealt(in, {fate::ack_cut});
    dealt.meanwhile = [&] { in.server().put("B", "k", "", "NATS/1.0\r\nKV-Operation: DEL\r\n\r\n"); };
    outcome result;
    in.kv.create("k", "new", {.retry = again}, note{&result});
    ASSERT_TRUE(in.run_until([&] { return result.calls > 0; }));
    EXPECT_EQ(result.value, "ok 1") << result.code.message();
    EXPECT_EQ(stored_writes(in), 1u);
  }
}

// The server would not know the id any more.
// fault: 61
TEST(retry, ends_with_the_duplicate_window) {
  for (const fate lost : {fate::ack_lost, fate::ack_cut}) {
    for (const bool away : {false, true}) {
      lab in;
      in.server().create_bucket("B").duplicate_window_ns = 1'000'000'000;
      ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
      const fates dealt(in, std::vector(100, lost));
      const core::time_point begin = in.world().now();
      if (away) in.world().on_dial = [](const dial&) { return answer::refuse; };
      outcome result;
      in.kv.put("k", "new", {.retry = again}, note{&result});
      ASSERT_TRUE(in.run_until([&] { return result.calls > 0; }));
      EXPECT_TRUE(failed_with(result, errc::outcome_unknown));
      EXPECT_LE(in.world().now() - begin, 3s);
      in.world().on_dial = nullptr;
      in.pass(20s);
      EXPECT_EQ(stored_writes(in), 1u) << "stored twice";
    }
  }
}

// fault: 60
TEST(retry, at_the_deadline_the_outcome_is_unknown) {
  struct row {
    std::vector<fate> plan;
    errc expected;
  };
  const row rows[] = {
      {std::vector(100, fate::write_lost), errc::outcome_unknown},
      {std::vector(100, fate::write_cut), errc::outcome_unknown},
      {std::vector(1000, fate::no_responders), errc::unavailable},
      {std::vector(1000, fate::not_leader), errc::unavailable},
      {{1, fate::write_cut}, errc::outcome_unknown},
  };
  for (const row& r : rows) {
    lab in;
    ASSERT_NO_FATAL_FAILURE(set_up(in, writes().front(), true));
    std::vector<fate> plan = r.plan;
    if (plan.size() == 1) plan.insert(plan.end(), 1000, fate::no_responders);
    const fates dealt(in, plan);
    const core::time_point begin = in.world().now();
    outcome result;
    in.kv.put("k", "new", {.timeout = 4s, .retry = again}, note{&result});
    ASSERT_TRUE(in.run_until([&] { return result.calls > 0; }));
    EXPECT_TRUE(failed_with(result, r.expected)) << name_of(plan.front()) << plan.size();
    EXPECT_LE(in.world().now() - begin, 4s);
  }
}

// Before it was ever sent there is nothing to doubt.
TEST(retry, without_a_connection_it_waits_as_any_write_does) {
  lab in;
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  in.world().on_dial = [](const dial&) { return answer::refuse; };
  in.world().end_connection(asio::error::eof);
  in.run();
  outcome late, never;
  in.kv.put("k", "v", {.timeout = 60s, .retry = again}, note{&late});
  in.kv.put("k", "v", {.timeout = 4s, .retry = again}, note{&never});
  in.pass(10s);
  EXPECT_TRUE(failed_with(never, errc::timeout));
  EXPECT_EQ(late.calls, 0);
  in.world().on_dial = nullptr;
  ASSERT_TRUE(in.run_until([&] { return late.calls > 0; }));
  EXPECT_TRUE(succeeded(late));
  EXPECT_EQ(stored_writes(in), 1u);
}

TEST(retry, a_bucket_that_is_gone_says_nothing_of_what_was_in_it) {
  lab in;
  ASSERT_NO_FATAL_FAILURE(set_up(in, writes().front(), true));
  fates dealt(in, {fate::ack_cut});
  dealt.meanwhile = [&] { in.server().streams.erase("KV_B"); };
  outcome result;
  in.kv.put("k", "new", {.retry = again}, note{&result});
  ASSERT_TRUE(in.run_until([&] { return result.calls > 0; }));
  EXPECT_TRUE(failed_with(result, errc::outcome_unknown));
  EXPECT_NE(result.detail.find("bucket"), std::string::npos) << result.detail;
}

/// Cancels, closes or destroys at every step of a write whose answer is lost twice.
template <class End>
void at_every_step(const End& end) {
  for (const write_case& which : writes()) {
    for (std::size_t k = 0;; ++k) {
      SCOPED_TRACE(which.name + ", step " + std::to_string(k));
      outcome result;
      lab in;
      ASSERT_NO_FATAL_FAILURE(set_up(in, which, false));
      const fates dealt(in, {fate::ack_cut, fate::write_lost});
      which.start(in, result);
      for (std::size_t i = 0; i < k; ++i) in.step_or_wait();
      const bool over = result.calls > 0;
      end(in, result);
      EXPECT_LE(result.calls, 1);
      if (over || testing::Test::HasFailure()) {
        EXPECT_GT(k, 10u);
        break;
      }
    }
  }
}

TEST(retry, the_reactor_goes_at_every_step) {
  at_every_step([](lab& in, outcome& result) {
    const int before = result.calls;
    in.destroy_reactor();
    EXPECT_EQ(result.calls, before);
  });
}

// fault: 77
TEST(retry, the_client_goes_at_every_step) {
  at_every_step([](lab& in, outcome& result) {
    in.drop_handles();
    in.run();
    EXPECT_EQ(result.calls, 1);
    if (result.code) {
      EXPECT_TRUE(result.code == asio::error::operation_aborted || result.code == errc::closed ||
                  result.code == errc::outcome_unknown)
          << result.code.message();
    }
  });
}

// fault: 76
TEST(retry, is_cancelled_at_every_step) {
  for (std::size_t k = 0;; ++k) {
    SCOPED_TRACE(k);
    lab in;
    ASSERT_NO_FATAL_FAILURE(set_up(in, writes().front(), false));
    const fates dealt(in, {fate::ack_cut, fate::write_lost});
    asio::cancellation_signal signal;
    outcome result;
    in.kv.update("k", "new", 1, {.retry = again}, asio::bind_cancellation_slot(signal.slot(), note{&result}));
    for (std::size_t i = 0; i < k; ++i) in.step_or_wait();
    const bool over = result.calls > 0;
    signal.emit(asio::cancellation_type::terminal);
    in.run();
    ASSERT_EQ(result.calls, 1);
    // Unknown: the answer had just been lost, and nobody had begun to send it again.
    EXPECT_TRUE(!result.code || result.code == asio::error::operation_aborted ||
                result.code == errc::outcome_unknown)
        << result.code.message();
    in.server().script = nullptr;
    in.expect_working();
    if (over) break;
  }
}

// Each sending is listened for, and longer each time: what is always slow must not be unknown at last.
// fault: 60
TEST(retry, a_server_that_is_always_slow_is_heard) {
  lab in;
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  slow_answers slow(in, "$KV.B.k", 300ms);
  outcome put;
  in.kv.put("k", "v", {.timeout = 1s, .retry = again}, note{&put});
  slow.run_until_told(put);
  EXPECT_TRUE(succeeded(put));
  EXPECT_EQ(in.server().applied.size(), 1u);
}

TEST(retry, what_was_not_looked_at_is_sent_again_unasked) {
  for (const fate refusal : {fate::no_responders, fate::not_leader, fate::in_flight}) {
    lab in;
    ASSERT_NO_FATAL_FAILURE(set_up(in, writes().front(), true));
    const fates dealt(in, {refusal, refusal});
    outcome put;
    in.kv.put("k", "new", note{&put});
    ASSERT_TRUE(in.run_until([&] { return put.calls > 0; }));
    EXPECT_TRUE(succeeded(put)) << name_of(refusal);
    EXPECT_EQ(dealt.sent, 3u);
    EXPECT_EQ(stored_writes(in), 1u);
  }
}

// Asio's rule for a cancelled operation, and what error_detail() tells of it, hold on the slow way as well.
TEST(retry, a_write_that_is_cancelled_when_it_was_sent_again_says_so) {
  lab in;
  ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
  std::size_t sent = 0;
  in.server().script = [&](server_connection&, const client_frame& frame) {
    if (frame.subject != "$KV.B.k") return false;
    if (++sent == 1) in.server().no_responders(frame);
    return true;
  };
  outcome put;
  asio::cancellation_signal cancel;
  in.kv.put("k", "v", asio::bind_cancellation_slot(cancel.slot(), note{&put}));
  ASSERT_TRUE(in.run_until([&] { return sent == 2; }));
  in.run();
  cancel.emit(asio::cancellation_type::terminal);
  in.run();
  EXPECT_EQ(put.code, asio::error::operation_aborted);
  EXPECT_EQ(put.detail, "cancelled after it was sent");
}

}  // namespace
}  // namespace kvco::test
