// A watch step by step: what it asks for, in which order: core/ordered_consumer.cpp.
#include <gtest/gtest.h>
#include <kvco_test/support/fake/watch_script.hpp>

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace kvco::core {
namespace {

TEST(ordered_consumer, begins_in_order) {
  watch_script s;
  EXPECT_EQ(s.commands(), (strings{"subscribe _INBOX.w.1", "inspect 1"}));
  s.info(9);
  EXPECT_EQ(s.commands(), strings{"create kvco_w_1"});
  EXPECT_EQ(s.filter, "$KV.b.>");
  EXPECT_TRUE(s.asked_for(R"("deliver_policy":"last_per_subject")"));
  EXPECT_TRUE(s.asked_for(R"("deliver_subject":"_INBOX.w.1")"));
  EXPECT_FALSE(s.consumer.established());
  s.created(2);
  EXPECT_TRUE(s.consumer.established());
  EXPECT_FALSE(s.consumer.initial_complete());
  EXPECT_EQ(s.message("x", 4, 1, 1), "x");
  EXPECT_FALSE(s.consumer.initial_complete());
  EXPECT_EQ(s.message("y", 9, 2, 0), "y");
  EXPECT_TRUE(s.consumer.initial_complete());
  EXPECT_EQ(s.consumer.boundary(), 9U);
}

TEST(ordered_consumer, entries_may_overtake_the_reply) {
  watch_script s;
  s.info(9);
  EXPECT_EQ(s.message("x", 4, 1, 1), "x");
  EXPECT_EQ(s.message("y", 9, 2, 0), "y");
  EXPECT_FALSE(s.consumer.initial_complete());
  s.created(2);
  EXPECT_TRUE(s.consumer.initial_complete());
}

// fault: 32, 73
TEST(ordered_consumer, a_gap_a_repetition_and_nonsense_begin_anew_behind_the_last_entry) {
  const auto gap = [](watch_script& s) { s.message("z", 11, 3, 0); };
  const auto repetition = [](watch_script& s) { s.message("x", 9, 1, 0); };
  const auto nonsense = [](watch_script& s) { s.event("$KV.b.x", "not an ack subject", {}); };
  const auto no_reply = [](watch_script& s) { s.event("$KV.b.x", {}, {}); };
  const auto lost_before_a_heartbeat = [](watch_script& s) { s.heartbeat(2, 20); };
  for (const std::function<void(watch_script&)>& happens : std::vector<std::function<void(watch_script&)>>{
           gap, repetition, nonsense, no_reply, lost_before_a_heartbeat}) {
    watch_script s;
    s.stand(9, 1);
    s.message("x", 9, 1, 0);
    happens(s);
    EXPECT_EQ(s.commands(), (strings{"remove kvco_w_1", "unsubscribe"}));
    EXPECT_EQ(s.message("late", 12, 2, 0), std::nullopt);
    s.wait(100ms);
    EXPECT_EQ(s.commands(), (strings{"subscribe _INBOX.w.3", "inspect 3"}));
    s.info(9);
    EXPECT_EQ(s.commands(), (strings{"create kvco_w_3", "inspect 3"}));
    EXPECT_TRUE(s.asked_for(R"("deliver_policy":"by_start_sequence","opt_start_seq":10,)")) << s.request;
  }
}

// fault: 32
TEST(ordered_consumer, the_longer_ack_subject_is_understood) {
  watch_script s;
  s.stand(9, 1);
  EXPECT_EQ(s.event("$KV.b.x", "$JS.ACK._.hash.KV_b.c.1.9.1.7.0", {}), "x");
  EXPECT_EQ(s.event("$KV.b.y", "$JS.ACK._.hash.KV_b.c.1.10.2.7.0.more.tokens", {}), "y");
  EXPECT_TRUE(s.commands().empty());
}

// A publisher may store a message with an inline status: it is an entry, not a control message.
TEST(ordered_consumer, a_stored_status_line_is_no_control_message) {
  watch_script s;
  s.stand(9, 3);
  EXPECT_EQ(s.message("x", 7, 1, 2, "NATS/1.0 100 Idle Heartbeat\r\nNats-Last-Consumer: 77\r\n\r\n"), "x");
  EXPECT_EQ(s.message("y", 8, 2, 1, "NATS/1.0 503\r\n\r\n"), "y");
  EXPECT_EQ(s.message("z", 9, 3, 0), "z");
  EXPECT_TRUE(s.commands().empty());
}

// fault: 50, 73
TEST(ordered_consumer, two_missed_heartbeats_are_too_many_one_late_is_not) {
  watch_script s;
  s.stand(0, 0);
  s.wait(9s);
  s.heartbeat(0, 0);
  EXPECT_TRUE(s.commands().empty());
  s.wait(9999ms);
  EXPECT_TRUE(s.commands().empty());
  s.wait(1ms);
  EXPECT_EQ(s.commands().front(), "remove kvco_w_1");
}

TEST(ordered_consumer, flow_control_is_answered_when_its_data_was_taken) {
  watch_script s;
  s.stand(9, 3);
  s.message("x", 7, 1, 2);
  s.message("y", 8, 2, 1);
  const std::string header = "NATS/1.0 100 FlowControl Request\r\n\r\n";
  s.event("_INBOX.w.1", "$JS.FC.1", header);
  s.heartbeat(2, 8, "$JS.FC.1");
  s.heartbeat(2, 8, "$JS.FC.1");
  EXPECT_TRUE(s.commands().empty());
  s.consumer.consumed(1);
  EXPECT_TRUE(s.commands().empty());
  s.consumer.consumed(2);
  EXPECT_EQ(s.commands(), strings{"flow $JS.FC.1"});
  s.consumer.consumed(2);
  EXPECT_TRUE(s.commands().empty());
  s.event("_INBOX.w.1", "$JS.FC.2", header);
  EXPECT_EQ(s.commands(), strings{"flow $JS.FC.2"});
}

// A new consumer would begin with a new window, with each connection.
// fault: 72
TEST(ordered_consumer, a_full_watch_begins_anew_when_there_is_room) {
  watch_script s;
  s.stand(9, 3);
  s.message("x", 7, 1, 2);
  s.message("y", 8, 2, 1);
  s.event("_INBOX.w.1", "$JS.FC.1", "NATS/1.0 100 FlowControl Request\r\n\r\n");
  for (int connection = 0; connection < 3; ++connection) {
    s.consumer.disconnected();
    s.consumer.connected(true, s.now);
    EXPECT_EQ(s.commands(), (strings{"remove kvco_w_1", "unsubscribe"}));
    EXPECT_FALSE(s.consumer.deadline());
  }
  s.consumer.consumed(1);
  EXPECT_FALSE(s.consumer.has_room_again());
  s.consumer.consumed(2);
  ASSERT_TRUE(s.consumer.has_room_again());
  s.consumer.resume(s.now);
  EXPECT_FALSE(s.consumer.has_room_again());
  const std::string epoch = std::to_string(s.consumer.epochs());
  EXPECT_EQ(s.commands(), (strings{"subscribe _INBOX.w." + epoch, "inspect " + epoch}));
}

// nats-server#8488: it says that it is stalled though it has its answer.
// fault: 73
TEST(ordered_consumer, a_consumer_that_stays_stalled_is_left) {
  watch_script s;
  s.stand(9, 1);
  for (int i = 0; i < 3; ++i) {
    s.heartbeat(0, 8, "$JS.FC.1");
    EXPECT_EQ(s.commands(), strings{"flow $JS.FC.1"});
  }
  s.heartbeat(0, 8, "$JS.FC.1");
  EXPECT_EQ(s.commands(), (strings{"remove kvco_w_1", "unsubscribe"}));
}

// --- filters ------------------------------------------------------------------------------------

consumer_settings with_filters(strings filters) {
  consumer_settings settings = plain_settings();
  settings.filters = std::move(filters);
  return settings;
}

TEST(ordered_consumer, several_filters_are_a_list_where_the_server_knows_lists) {
  watch_script s(with_filters({"a", "b.*"}));
  s.info(9);
  s.commands();
  EXPECT_EQ(s.filter, "");
  EXPECT_TRUE(s.asked_for(R"("filter_subjects":["$KV.b.a","$KV.b.b.*"])"));
  s.created(2, 2);
  EXPECT_TRUE(s.consumer.established());

  watch_script old(with_filters({"a", "b.*"}), false);
  old.info(9);
  old.commands();
  EXPECT_EQ(old.filter, "$KV.b.>");
  old.created(2);
  EXPECT_EQ(old.message("c", 1, 1, 1), std::nullopt);
  EXPECT_EQ(old.message("b.x", 2, 2, 0), "b.x");
}

// fault: 58
TEST(ordered_consumer, a_refused_list_is_asked_for_as_one_filter) {
  for (const int code : {10094, 10136, 10137, 10138, 10139}) {
    watch_script s(with_filters({"a", "b.*"}));
    s.info(9);
    s.commands();
    s.create_error(server_says(code));
    EXPECT_EQ(s.commands(), strings{"create kvco_w_1"}) << code;
    EXPECT_EQ(s.filter, "$KV.b.>");
    s.create_error(server_says(code));
    EXPECT_TRUE(s.consumer.ended()) << code;
  }
}

// In a mixed cluster the server that makes the consumer may be older than the one we talk to.
// fault: 58
TEST(ordered_consumer, a_list_that_is_dropped_in_silence_lets_nothing_through) {
  watch_script s(with_filters({"a", "b.*"}));
  s.info(9);
  s.commands();
  EXPECT_EQ(s.message("c", 1, 1, 1), std::nullopt);
  EXPECT_EQ(s.message("a", 2, 2, 1), "a");
  s.created(9, 0);
  EXPECT_FALSE(s.consumer.established());
  EXPECT_EQ(s.commands(), (strings{"remove kvco_w_1", "unsubscribe"}));
  s.wait(100ms);
  s.info(9);
  s.commands();
  EXPECT_EQ(s.filter, "$KV.b.>");
}

}  // namespace
}  // namespace kvco::core
