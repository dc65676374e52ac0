// A handle reads what it has written, and never goes back, also where a replica that lags behind answers.
#include <gtest/gtest.h>

#include <kvco_test/support/fake/lab.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/error.hpp>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view tombstone = "NATS/1.0\r\nKV-Operation: DEL\r\n\r\n";

class session_reads : public testing::Test {
 protected:
  void SetUp() override {
    in.server().create_bucket("B");
    in.server().put("B", "k", "old");
    ASSERT_NO_FATAL_FAILURE(in.connect_and_open());
    in.server().script = [this](server_connection&, const client_frame& frame) {
      leader_reads += frame.subject.find("STREAM.MSG.GET") != std::string::npos;
      return false;
    };
  }
  /// Runs one operation to its end.
  outcome outcome_of(const std::function<void(note)>& start) {
    outcome result;
    start(note{&result});
    EXPECT_TRUE(in.run_until([&] { return result.calls > 0; }));
    return result;
  }
  /// The same, and tells what it said.
  std::string end_of(const std::function<void(note)>& start) {
    const outcome result = outcome_of(start);
    EXPECT_EQ(in.nats.statistics().pending_requests, 0u);
    return result.code ? result.code.message() : result.value;
  }
  std::string get(bucket& from, get_options options = {}) {
    return end_of([&](note to) { from.get("k", options, to); });
  }
  std::string get(get_options options = {}) { return get(in.kv, options); }
  std::string put(const std::string& value) {
    return end_of([&](note to) { in.kv.put("k", value, to); });
  }
  /// Questions to the leader go to `answer`; the rest is carried out.
  void on_leader_read(std::function<void(server_connection&, const client_frame&)> answer) {
    in.server().script = [answer = std::move(answer)](server_connection& conn, const client_frame& frame) {
      if (frame.subject.find("STREAM.MSG.GET") == std::string::npos) return false;
      answer(conn, frame);
      return true;
    };
  }
  void deny(server_connection& conn, const client_frame& frame) {
    in.server().say(conn, "-ERR 'Permissions Violation for Publish to \"" + frame.subject + "\"'\r\n");
  }
  void let_lag() { in.server().let_lag("KV_B"); }
  void catch_up() { in.server().lagging.clear(); }

  lab in;
  int leader_reads = 0;
};

// --- own writes ------------------------------------------------------------------------------------------------------

struct writer {
  std::string name;
  std::function<void(bucket&, note)> write;
  std::string then;   // what get("k") gives
  bool dead = false;  // the key is deleted before
  friend std::ostream& operator<<(std::ostream& to, const writer& w) { return to << w.name; }
};

class own_write : public session_reads, public testing::WithParamInterface<writer> {};

INSTANTIATE_TEST_SUITE_P(
    of, own_write,
    testing::Values(
        writer{"put", [](bucket& b, note to) { b.put("k", "new", to); }, "ok k@2=new"},
        writer{"repeated_put",
               [](bucket& b, note to) { b.put("k", "new", {.retry = retry::idempotent}, to); }, "ok k@2=new"},
        writer{"create", [](bucket& b, note to) { b.create("k", "new", to); }, "ok k@3=new", true},
        writer{"update", [](bucket& b, note to) { b.update("k", "new", 1, to); }, "ok k@2=new"},
        writer{"erase", [](bucket& b, note to) { b.erase("k", to); }, "ok none"},
        writer{"purge", [](bucket& b, note to) { b.purge("k", to); }, "ok none"},
        writer{"put_many",
               [](bucket& b, note to) {
                 b.put_many({{"x", "1"}, {"k", "2"}, {"k", "new"}}, to);
               },
               "ok k@4=new"}),
    [](const auto& tested) { return tested.param.name; });

// fault: 59
TEST_P(own_write, is_read) {
  let_lag();
  if (GetParam().dead) in.server().put("B", "k", "", std::string(tombstone));
  EXPECT_TRUE(end_of([&](note to) { GetParam().write(in.kv, to); }).starts_with("ok "));
  leader_reads = 0;  // create() over a tombstone asks the leader, too
  EXPECT_EQ(get(), GetParam().then);
  EXPECT_EQ(leader_reads, 1);
  EXPECT_EQ(get({.consistency = consistency::any}), "ok k@1=old");
  EXPECT_EQ(leader_reads, 1);
  EXPECT_EQ(get({.consistency = consistency::leader}), GetParam().then);
  EXPECT_EQ(get(), GetParam().then);
  EXPECT_EQ(leader_reads, 3);
  catch_up();
  EXPECT_EQ(get(), GetParam().then);
  EXPECT_EQ(leader_reads, 3);
  in.expect_working();
}

// --- what was read ---------------------------------------------------------------------------------------------------

// fault: 59
TEST_F(session_reads, never_go_back) {
  let_lag();
  const auto early = in.server().lagging;
  in.server().put("B", "k", "2");
  let_lag();
  EXPECT_EQ(get(), "ok k@2=2");
  in.server().lagging = early;
  EXPECT_EQ(get(), "ok k@2=2");
  EXPECT_EQ(leader_reads, 1);
  bucket copy = in.kv;
  EXPECT_EQ(get(copy), "ok k@2=2");
  EXPECT_EQ(leader_reads, 2);
}

// What the replica has shown is no answer of one that ends with an error.
TEST_F(session_reads, one_that_is_cancelled_before_it_asks_the_leader_tells_nothing) {
  let_lag();
  EXPECT_EQ(put("new"), "ok 2");
  asio::cancellation_signal cancel;
  error_code code;
  std::optional<entry> told;
  int calls = 0;
  in.kv.get("other",
            [&](error_code, std::optional<entry>) { cancel.emit(asio::cancellation_type::terminal); });
  in.kv.get("k", asio::bind_cancellation_slot(cancel.slot(), [&](error_code ended, std::optional<entry> e) {
              ++calls;
              code = ended;
              told = std::move(e);
            }));
  EXPECT_TRUE(in.run_until([&] { return calls > 0; }));
  EXPECT_EQ(code, asio::error::operation_aborted);
  EXPECT_FALSE(told);
  EXPECT_EQ(leader_reads, 0);
  in.expect_working();
}

TEST_F(session_reads, an_absent_key_may_lag_too) {
  in.server().lagging.emplace("KV_B", fake_stream("KV_B", in.server().streams.at("KV_B").config(), ""));
  EXPECT_EQ(get(), "ok none");
  EXPECT_EQ(leader_reads, 0);
  EXPECT_EQ(put("new"), "ok 2");
  EXPECT_EQ(get(), "ok k@2=new");
  EXPECT_EQ(leader_reads, 1);
}

TEST_F(session_reads, of_what_this_handle_has_not_touched_may_be_old) {
  let_lag();
  in.server().put("B", "k", "2");
  EXPECT_EQ(get(), "ok k@1=old");
  EXPECT_EQ(leader_reads, 0);
  // Another handle of the same bucket knows nothing of this one.
  EXPECT_EQ(put("3"), "ok 3");
  outcome opened;
  bucket another;
  in.nats.open_bucket("B", [&](error_code code, bucket b) {
    ++opened.calls;
    opened.code = code;
    another = std::move(b);
  });
  ASSERT_TRUE(in.run_until([&] { return opened.calls > 0; }));
  EXPECT_EQ(get(another), "ok k@1=old");
  EXPECT_EQ(leader_reads, 0);
  EXPECT_EQ(get(), "ok k@3=3");
}

TEST_F(session_reads, a_read_from_the_leader_counts) {
  let_lag();
  in.server().put("B", "k", "2");
  EXPECT_EQ(get({.consistency = consistency::leader}), "ok k@2=2");
  EXPECT_EQ(get(), "ok k@2=2");
  EXPECT_EQ(leader_reads, 2);
}

TEST_F(session_reads, what_the_leader_says_counts_also_if_it_is_less) {
  EXPECT_EQ(put("2"), "ok 2");
  in.server().streams.at("KV_B").purge("$KV.B.k", 3);
  EXPECT_EQ(get(), "ok none");
  EXPECT_EQ(leader_reads, 1);
  EXPECT_EQ(get(), "ok none");
  EXPECT_EQ(leader_reads, 1) << "asked again for what is known to be gone";
}

TEST_F(session_reads, what_a_bucket_that_was_made_anew_has) {
  for (int i = 2; i < 9; ++i) EXPECT_EQ(put("x"), "ok " + std::to_string(i));
  in.server().create_bucket("B");
  in.server().put("B", "k", "fresh");
  EXPECT_EQ(get(), "ok k@1=fresh");
  EXPECT_EQ(get(), "ok k@1=fresh");
  EXPECT_EQ(leader_reads, 1);
  EXPECT_EQ(put("2"), "ok 2");
  EXPECT_EQ(get(), "ok k@2=2");
  EXPECT_EQ(get(), "ok k@2=2");
  EXPECT_EQ(leader_reads, 2);
}

// The marker is gone, too: a replica that still has the value must not bring it back.
TEST_F(session_reads, do_not_bring_back_what_was_deleted) {
  EXPECT_EQ(put("2"), "ok 2");
  let_lag();
  EXPECT_EQ(end_of([&](note to) { in.kv.erase("k", to); }), "ok 3");
  in.server().streams.at("KV_B").purge("$KV.B.k", 4);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(get(), "ok none");
  EXPECT_EQ(leader_reads, 3);
  catch_up();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(get(), "ok none");
  EXPECT_EQ(leader_reads, 3) << "what the replica shows now is what the leader has said";
}

// A leader that was cut off says less than is known. It is believed, once.
// fault: 48
TEST_F(session_reads, are_not_taken_back_for_good_by_an_old_leader) {
  for (int i = 2; i < 6; ++i) EXPECT_EQ(put(std::to_string(i)), "ok " + std::to_string(i));
  let_lag();
  EXPECT_EQ(put("6"), "ok 6");
  const auto count = in.server().script;
  in.server().script = [&](server_connection& conn, const client_frame& frame) {
    count(conn, frame);
    if (frame.subject.find("STREAM.MSG.GET") == std::string::npos) return false;
    in.server().deliver(
        frame.reply, {}, {},
        R"({"message":{"subject":"$KV.B.k","seq":3,"data":"Mw==","time":"2026-01-02T03:04:05Z"}})");
    return true;
  };
  EXPECT_EQ(get(), "ok k@3=3");
  in.server().script = count;
  EXPECT_EQ(get(), "ok k@6=6") << "what lags behind was taken";
  EXPECT_EQ(leader_reads, 2);
  catch_up();
  EXPECT_EQ(get(), "ok k@6=6");
  EXPECT_EQ(leader_reads, 2);
}

// --- what refusals tell ------------------------------------------------------------------------------------------------

TEST_F(session_reads, see_why_a_create_was_refused) {
  in.server().lagging.emplace("KV_B", fake_stream("KV_B", in.server().streams.at("KV_B").config(), ""));
  const outcome refused = outcome_of([&](note to) { in.kv.create("k", "mine", to); });
  EXPECT_TRUE(failed_with(refused, errc::key_exists));
  EXPECT_EQ(get(), "ok k@1=old");
}

// Read, update, and once more if somebody was faster: the second read must not show the same again.
TEST_F(session_reads, see_why_an_update_was_refused) {
  let_lag();
  in.server().put("B", "k", "theirs");
  EXPECT_EQ(get(), "ok k@1=old");
  const outcome refused = outcome_of([&](note to) { in.kv.update("k", "mine", 1, to); });
  EXPECT_TRUE(failed_with(refused, errc::wrong_last_revision));
  EXPECT_EQ(get(), "ok k@2=theirs");
  EXPECT_EQ(end_of([&](note to) { in.kv.update("k", "mine", 2, to); }), "ok 3");
}

TEST_F(session_reads, do_not_go_behind_a_history) {
  let_lag();
  in.server().put("B", "k", "2");
  EXPECT_EQ(end_of([&](note to) { in.kv.history("k", to); }), "ok [k@1=old k@2=2 ]");
  EXPECT_EQ(get(), "ok k@2=2");
}

// --- at the same time ------------------------------------------------------------------------------------------------

// What counts is what was known when the read began.
TEST_F(session_reads, that_began_before_a_write_ended_may_miss_it) {
  let_lag();
  outcome read, written;
  in.kv.get("k", note{&read});
  in.kv.put("k", "new", note{&written});
  in.run();
  EXPECT_EQ(written.value, "ok 2");
  EXPECT_EQ(read.value, "ok k@1=old");
  EXPECT_EQ(leader_reads, 0);
  EXPECT_EQ(get(), "ok k@2=new");
}

// A leader's answer that was overtaken by the answer to a write takes nothing back.
TEST_F(session_reads, from_the_leader_that_a_write_overtakes) {
  EXPECT_EQ(put("2"), "ok 2");
  let_lag();
  std::vector<client_frame> held;
  const auto count = in.server().script;
  on_leader_read([&](server_connection&, const client_frame& frame) { held.push_back(frame); });
  in.server().streams.at("KV_B").purge("$KV.B.k", 3);
  outcome read, written;
  in.kv.get("k", {.consistency = consistency::leader}, note{&read});
  in.run();
  ASSERT_EQ(held.size(), 1u);
  in.kv.put("k", "3", note{&written});
  in.run();
  EXPECT_EQ(written.value, "ok 3");
  in.server().script = count;
  in.server().deliver(held.front().reply, {}, {},
                      R"({"error":{"code":404,"err_code":10037,"description":"no message found"}})");
  in.run();
  EXPECT_EQ(read.value, "ok none");
  EXPECT_EQ(get(), "ok k@3=3");
}

// --- a revision ------------------------------------------------------------------------------------------------------

TEST_F(session_reads, of_a_revision_that_this_handle_has_written) {
  let_lag();
  EXPECT_EQ(put("new"), "ok 2");
  const auto get_revision = [&](revision rev, get_options options = {}) {
    return end_of([&](note to) { in.kv.get_revision("k", rev, options, to); });
  };
  EXPECT_EQ(get_revision(2), "ok k@2=new");
  EXPECT_EQ(leader_reads, 1);
  EXPECT_EQ(get_revision(2, {.consistency = consistency::any}), "ok none");
  EXPECT_EQ(get_revision(3), "ok none") << "nobody has seen it yet";
  EXPECT_EQ(get_revision(1), "ok k@1=old");
  EXPECT_EQ(leader_reads, 1);
  EXPECT_EQ(get(), "ok k@2=new") << "an old revision is not the last one";
  in.server().streams.at("KV_B").purge("$KV.B.k", 2);
  catch_up();
  leader_reads = 0;
  EXPECT_EQ(get_revision(1), "ok none");
  EXPECT_EQ(leader_reads, 0) << "old revisions go: the leader knows no better";
}

// --- trouble on the way to the leader --------------------------------------------------------------------------------

TEST_F(session_reads, wait_for_a_leader_until_their_deadline) {
  let_lag();
  EXPECT_EQ(put("new"), "ok 2");
  outcome read;
  in.server().script = [&](server_connection&, const client_frame& frame) {
    if (frame.subject.find("STREAM.MSG.GET") == std::string::npos) return false;
    in.server().no_responders(frame);
    return ++leader_reads < 100;
  };
  in.kv.get("k", {.timeout = 3s}, note{&read});
  const core::time_point begin = in.world().now();
  ASSERT_TRUE(in.run_until([&] { return read.calls > 0; }));
  EXPECT_TRUE(failed_with(read, errc::unavailable));
  EXPECT_LE(in.world().now() - begin, 3s);
  EXPECT_GT(leader_reads, 3);
  in.server().script = nullptr;
  EXPECT_EQ(get(), "ok k@2=new");
}

TEST_F(session_reads, are_told_when_the_leader_is_silent) {
  let_lag();
  EXPECT_EQ(put("new"), "ok 2");
  on_leader_read([](server_connection&, const client_frame&) {});
  const core::time_point begin = in.world().now();
  const outcome read = outcome_of([&](note to) { in.kv.get("k", {.timeout = 3s}, to); });
  EXPECT_TRUE(failed_with(read, errc::timeout));
  EXPECT_EQ(in.world().now() - begin, 3s);
}

TEST_F(session_reads, take_a_replica_that_has_caught_up_while_the_leader_is_silent) {
  let_lag();
  EXPECT_EQ(put("new"), "ok 2");
  on_leader_read([this](server_connection&, const client_frame&) { catch_up(); });
  const core::time_point begin = in.world().now();
  EXPECT_EQ(get(), "ok k@2=new");
  EXPECT_LT(in.world().now() - begin, 3s);
}

TEST_F(session_reads, take_a_replica_that_has_caught_up_while_there_is_no_leader) {
  let_lag();
  EXPECT_EQ(put("new"), "ok 2");
  on_leader_read([&](server_connection&, const client_frame& frame) {
    in.server().no_responders(frame);
    if (++leader_reads == 3) catch_up();
  });
  EXPECT_EQ(get(), "ok k@2=new");
  EXPECT_EQ(leader_reads, 3);
}

// A user may be allowed to read keys, but not to ask the leader.
TEST_F(session_reads, that_may_not_ask_the_leader_give_what_there_is) {
  let_lag();
  EXPECT_EQ(put("new"), "ok 2");
  on_leader_read([this](server_connection& conn, const client_frame& frame) {
    ++leader_reads;
    deny(conn, frame);
  });
  EXPECT_EQ(end_of([&](note to) { in.kv.get_revision("k", 2, to); }), "ok none");
  EXPECT_EQ(leader_reads, 1);
  EXPECT_EQ(get(), "ok k@1=old");
  EXPECT_EQ(get(), "ok k@1=old");
  EXPECT_EQ(leader_reads, 2) << "asked again for the same";
  const outcome asked =
      outcome_of([&](note to) { in.kv.get("k", {.consistency = consistency::leader}, to); });
  EXPECT_TRUE(failed_with(asked, errc::permission_denied));
  catch_up();
  EXPECT_EQ(get(), "ok k@2=new");
}

// --- many ------------------------------------------------------------------------------------------------------------

class many_session_reads : public session_reads, public testing::WithParamInterface<std::string> {
 protected:
  void SetUp() override {
    in.server().version = GetParam();
    session_reads::SetUp();
  }
  std::string get_many(const std::vector<std::string>& keys, get_options options = {}) {
    return end_of([&](note to) { in.kv.get_many(keys, options, to); });
  }
};

INSTANTIATE_TEST_SUITE_P(on, many_session_reads, testing::Values("2.9.10", "2.10.27", "2.15.1"),
                         [](const auto& tested) {
                           return "server_" +
                                  tested.param.substr(0, tested.param.rfind('.')).replace(1, 1, "_");
                         });

// fault: 59
TEST_P(many_session_reads, ask_the_leader_for_what_lags_behind) {
  in.server().put("B", "same", "2");
  in.server().put("B", "gone", "3");
  let_lag();
  EXPECT_EQ(put("new"), "ok 4");
  EXPECT_EQ(end_of([&](note to) { in.kv.erase("gone", to); }), "ok 5");
  EXPECT_EQ(end_of([&](note to) { in.kv.put("fresh", "6", to); }), "ok 6");
  const std::vector<std::string> keys = {"k", "same", "none", "gone", "k", "fresh"};
  EXPECT_EQ(get_many(keys), "ok [k@4=new same@2=2 none none k@4=new fresh@6=6 ]");
  EXPECT_EQ(leader_reads, 4);
  EXPECT_EQ(get_many(keys, {.consistency = consistency::any}),
            "ok [k@1=old same@2=2 none gone@3=3 k@1=old none ]");
  EXPECT_EQ(get_many(keys, {.consistency = consistency::leader}),
            "ok [k@4=new same@2=2 none none k@4=new fresh@6=6 ]");
  leader_reads = 0;
  catch_up();
  EXPECT_EQ(get_many(keys), "ok [k@4=new same@2=2 none none k@4=new fresh@6=6 ]");
  EXPECT_EQ(leader_reads, 0);
  in.expect_working();
}

TEST_P(many_session_reads, are_remembered) {
  in.server().put("B", "x", "2");
  let_lag();
  const auto early = in.server().lagging;
  in.server().put("B", "k", "3");
  let_lag();
  EXPECT_EQ(get_many({"k", "x"}), "ok [k@3=3 x@2=2 ]");
  in.server().lagging = early;
  EXPECT_EQ(get(), "ok k@3=3");
  EXPECT_EQ(get_many({"x", "k"}), "ok [x@2=2 k@3=3 ]");
  EXPECT_EQ(leader_reads, 2);
}

TEST_P(many_session_reads, of_thousands_that_lag_behind) {
  let_lag();
  std::vector<std::string> keys, values;
  for (int i = 0; i < 2000; ++i) keys.push_back("many." + std::to_string(i));
  std::vector<put_item> items;
  for (const std::string& key : keys) items.push_back({key, key});
  EXPECT_TRUE(end_of([&](note to) { in.kv.put_many(items, to); }).starts_with("ok [2, 3, "));
  std::string all = "ok [";
  for (std::size_t i = 0; i < keys.size(); ++i)
    all += keys[i] + '@' + std::to_string(i + 2) + '=' + keys[i] + ' ';
  EXPECT_EQ(get_many(keys), all + ']');
  EXPECT_EQ(leader_reads, 2000);
}

TEST_P(many_session_reads, that_may_not_ask_the_leader_give_what_there_is) {
  in.server().put("B", "x", "2");
  let_lag();
  EXPECT_EQ(put("new"), "ok 3");
  EXPECT_EQ(end_of([&](note to) { in.kv.put("fresh", "4", to); }), "ok 4");
  on_leader_read([this](server_connection& conn, const client_frame& frame) { deny(conn, frame); });
  EXPECT_EQ(get_many({"fresh", "k", "x", "k"}), "ok [none k@1=old x@2=2 k@1=old ]");
  catch_up();
  EXPECT_EQ(get_many({"fresh", "k", "x", "k"}), "ok [fresh@4=4 k@3=new x@2=2 k@3=new ]");
  in.expect_working();
}

TEST_P(many_session_reads, take_a_replica_that_has_caught_up_while_the_leader_is_silent) {
  let_lag();
  EXPECT_EQ(put("new"), "ok 2");
  on_leader_read([this](server_connection&, const client_frame&) { catch_up(); });
  EXPECT_EQ(get_many({"none", "k"}), "ok [none k@2=new ]");
}

TEST_P(many_session_reads, wait_for_a_leader) {
  let_lag();
  EXPECT_EQ(put("new"), "ok 2");
  const auto count = in.server().script;
  in.server().script = [&, left = 3](server_connection& conn, const client_frame& frame) mutable {
    if (frame.subject.find("STREAM.MSG.GET") == std::string::npos || left == 0) return count(conn, frame);
    --left;
    in.server().no_responders(frame);
    return true;
  };
  EXPECT_EQ(get_many({"none", "k"}), "ok [none k@2=new ]");
  EXPECT_EQ(leader_reads, 1);
}

}  // namespace
}  // namespace kvco::test
