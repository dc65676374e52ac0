// A watch step by step: what it asks for, in which order, and what ends it: core/ordered_consumer.cpp.
#include <gtest/gtest.h>

#include <chrono>
#include <kvco/core/ordered_consumer.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace kvco::core {
namespace {

using namespace std::chrono_literals;
using jetstream::deliver_policy;
using strings = std::vector<std::string>;

error_code server_says(int code) { return {code, jetstream_category()}; }

consumer_settings plain_settings() {
  consumer_settings settings;
  settings.bucket = "b";
  settings.stream = "KV_b";
  settings.key_prefix = "$KV.b.";
  settings.deliver_prefix = "_INBOX.w.";
  settings.name_prefix = "kvco_w_";
  settings.filters = {">"};
  return settings;
}

/// Talks to a consumer by hand.
struct script {
  explicit script(consumer_settings settings = plain_settings(), bool filter_lists = true)
      : lists(filter_lists), consumer(std::move(settings), now) {
    consumer.connected(lists, now);
  }

  /// The commands that wait, in short words.
  strings commands() {
    strings words;
    for (const auto& command : consumer.take_commands()) words.push_back(say(command));
    return words;
  }
  std::string say(const consumer_command::any& command) {
    if (auto* c = std::get_if<consumer_command::subscribe>(&command)) return "subscribe " + c->subject;
    if (auto* c = std::get_if<consumer_command::inspect>(&command))
      return "inspect " + std::to_string(c->epoch);
    if (auto* c = std::get_if<consumer_command::remove>(&command)) return "remove " + c->name;
    if (auto* c = std::get_if<consumer_command::flow>(&command)) return "flow " + c->subject;
    if (auto* c = std::get_if<consumer_command::create>(&command)) {
      request = c->payload;
      filter = c->filter;
      return "create " + c->name;
    }
    return "unsubscribe";
  }

  void info(std::uint64_t last, const std::string& created = "then", int history = 1) {
    jetstream::outcome<jetstream::stream_info> reply;
    reply.value.created = created;
    reply.value.status.last_revision = last;
    reply.value.status.config.history(history);
    consumer.on_stream_info(consumer.epochs(), reply, now);
  }
  void info_error(const error_code& code) {
    jetstream::outcome<jetstream::stream_info> reply;
    reply.code = code;
    reply.detail = "said the server";
    consumer.on_stream_info(consumer.epochs(), reply, now);
  }
  void created(std::uint64_t pending, std::size_t filters = 0) {
    jetstream::outcome<jetstream::consumer_info> reply;
    reply.value.num_pending = pending;
    reply.value.filter_subjects = filters;
    consumer.on_created(consumer.epochs(), reply, now);
  }
  void create_error(const error_code& code) {
    jetstream::outcome<jetstream::consumer_info> reply;
    reply.code = code;
    reply.detail = "said the server";
    consumer.on_created(consumer.epochs(), reply, now);
  }
  /// A delivery. Its key if it is an entry for the user.
  std::optional<std::string> message(const std::string& key, std::uint64_t seq, std::uint64_t cseq,
                                     std::uint64_t pending, const std::string& header = {}) {
    return event("$KV.b." + key,
                 "$JS.ACK.KV_b.c.1." + std::to_string(seq) + "." + std::to_string(cseq) + ".7." +
                     std::to_string(pending),
                 header);
  }
  std::optional<std::string> event(const std::string& subject, const std::string& reply,
                                   const std::string& header) {
    wire::event delivered;
    delivered.kind = wire::event_kind::msg;
    delivered.subject = subject;
    delivered.reply = reply;
    delivered.header = header;
    const auto* entry = consumer.on_message(delivered, now);
    if (entry == nullptr) return std::nullopt;
    return std::string(entry->key);
  }
  void heartbeat(std::uint64_t cseq, std::uint64_t sseq, const std::string& stalled = {}) {
    std::string header = "NATS/1.0 100 Idle Heartbeat\r\nNats-Last-Consumer: " + std::to_string(cseq) +
                         "\r\nNats-Last-Stream: " + std::to_string(sseq) + "\r\n";
    if (!stalled.empty()) header += "Nats-Consumer-Stalled: " + stalled + "\r\n";
    event("_INBOX.w.1", {}, header + "\r\n");
  }
  /// Up to where entries come.
  void stand(std::uint64_t last, std::uint64_t pending) {
    info(last);
    created(pending);
    commands();
  }
  void wait(duration time) {
    now += time;
    consumer.on_time(now);
  }
  bool asked_for(std::string_view text) const { return request.find(text) != std::string::npos; }

  time_point now{1h};
  bool lists;
  ordered_consumer consumer;
  std::string request, filter;
};

TEST(ordered_consumer, begins_in_order) {
  script s;
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
  script s;
  s.info(9);
  EXPECT_EQ(s.message("x", 4, 1, 1), "x");
  EXPECT_EQ(s.message("y", 9, 2, 0), "y");
  EXPECT_FALSE(s.consumer.initial_complete());
  s.created(2);
  EXPECT_TRUE(s.consumer.initial_complete());
}

TEST(ordered_consumer, a_gap_a_repetition_and_nonsense_begin_anew_behind_the_last_entry) {
  const auto gap = [](script& s) { s.message("z", 11, 3, 0); };
  const auto repetition = [](script& s) { s.message("x", 9, 1, 0); };
  const auto nonsense = [](script& s) { s.event("$KV.b.x", "not an ack subject", {}); };
  const auto no_reply = [](script& s) { s.event("$KV.b.x", {}, {}); };
  const auto lost_before_a_heartbeat = [](script& s) { s.heartbeat(2, 20); };
  for (const std::function<void(script&)>& happens : std::vector<std::function<void(script&)>>{
           gap, repetition, nonsense, no_reply, lost_before_a_heartbeat}) {
    script s;
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

TEST(ordered_consumer, the_longer_ack_subject_is_understood) {
  script s;
  s.stand(9, 1);
  EXPECT_EQ(s.event("$KV.b.x", "$JS.ACK._.hash.KV_b.c.1.9.1.7.0", {}), "x");
  EXPECT_EQ(s.event("$KV.b.y", "$JS.ACK._.hash.KV_b.c.1.10.2.7.0.more.tokens", {}), "y");
  EXPECT_TRUE(s.commands().empty());
}

// A publisher may store a message with an inline status: it is an entry, not a control message.
TEST(ordered_consumer, a_stored_status_line_is_no_control_message) {
  script s;
  s.stand(9, 3);
  EXPECT_EQ(s.message("x", 7, 1, 2, "NATS/1.0 100 Idle Heartbeat\r\nNats-Last-Consumer: 77\r\n\r\n"), "x");
  EXPECT_EQ(s.message("y", 8, 2, 1, "NATS/1.0 503\r\n\r\n"), "y");
  EXPECT_EQ(s.message("z", 9, 3, 0), "z");
  EXPECT_TRUE(s.commands().empty());
}

TEST(ordered_consumer, two_missed_heartbeats_are_too_many_one_late_is_not) {
  script s;
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
  script s;
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

// nats-server#8488: it says that it is stalled though it has its answer.
TEST(ordered_consumer, a_consumer_that_stays_stalled_is_left) {
  script s;
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
  script s(with_filters({"a", "b.*"}));
  s.info(9);
  s.commands();
  EXPECT_EQ(s.filter, "");
  EXPECT_TRUE(s.asked_for(R"("filter_subjects":["$KV.b.a","$KV.b.b.*"])"));
  s.created(2, 2);
  EXPECT_TRUE(s.consumer.established());

  script old(with_filters({"a", "b.*"}), false);
  old.info(9);
  old.commands();
  EXPECT_EQ(old.filter, "$KV.b.>");
  old.created(2);
  EXPECT_EQ(old.message("c", 1, 1, 1), std::nullopt);
  EXPECT_EQ(old.message("b.x", 2, 2, 0), "b.x");
}

TEST(ordered_consumer, a_refused_list_is_asked_for_as_one_filter) {
  for (const int code : {10094, 10136, 10137, 10138, 10139}) {
    script s(with_filters({"a", "b.*"}));
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
TEST(ordered_consumer, a_list_that_is_dropped_in_silence_lets_nothing_through) {
  script s(with_filters({"a", "b.*"}));
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

// --- errors and ends ------------------------------------------------------------------------------

TEST(ordered_consumer, which_errors_pass) {
  struct {
    error_code code;
    bool passes;
  } const table[] = {
      {client_error::no_responders, true},
      {client_error::timeout, true},
      {client_error::outcome_unknown, true},
      {client_error::connection_lost, true},
      {client_error::permission_denied, false},
      {client_error::malformed_reply, false},
      {server_says(10008), true},
      {server_says(10009), true},
      {server_says(10013), true},
      {server_says(10023), true},
      {server_says(10026), true},
      {server_says(10074), true},
      {server_says(10118), true},
      {server_says(10148), true},
      {server_says(10003), false},
      {server_says(10025), false},
      {server_says(10059), false},
      {server_says(10131), false},
      {server_says(10094), false},
  };
  for (const auto& [code, passes] : table) {
    for (const bool stood : {false, true}) {
      for (const bool at_create : {false, true}) {
        script s;
        if (stood) {
          s.stand(0, 0);
          s.wait(11s);  // no heartbeat
        }
        if (at_create) {
          s.info(0);
          s.create_error(code);
        } else {
          s.info_error(code);
        }
        EXPECT_EQ(!s.consumer.ended(), passes) << code << code.message() << stood << at_create;
        if (passes) continue;
        const bool deleted = stood && code.value() == 10059;
        EXPECT_EQ(s.consumer.code(), deleted ? error_code(client_error::bucket_deleted) : code);
        EXPECT_EQ(s.commands().back(), "unsubscribe");
      }
    }
  }
}

TEST(ordered_consumer, jetstream_that_is_off_passes_only_for_a_watch_that_stood) {
  for (const int code : {10039, 10076}) {
    script fresh;
    fresh.info_error(server_says(code));
    EXPECT_TRUE(fresh.consumer.ended());
    script stood;
    stood.stand(0, 0);
    stood.wait(11s);
    stood.info_error(server_says(code));
    EXPECT_FALSE(stood.consumer.ended());
  }
}

TEST(ordered_consumer, a_first_beginning_has_a_deadline_and_tells_the_last_error) {
  script silent;
  EXPECT_EQ(silent.consumer.deadline(), silent.now + 10s);
  silent.wait(9999ms);
  EXPECT_FALSE(silent.consumer.ended());
  silent.wait(1ms);
  EXPECT_EQ(silent.consumer.code(), errc::timeout);

  script refused;
  while (!refused.consumer.ended()) {
    refused.info_error(server_says(10008));
    ASSERT_TRUE(refused.consumer.deadline());
    refused.wait(*refused.consumer.deadline() - refused.now);
  }
  EXPECT_EQ(refused.consumer.code(), server_says(10008));
  EXPECT_EQ(refused.consumer.detail(), "said the server");
  EXPECT_LE(refused.now, time_point(1h) + 10s);
  EXPECT_FALSE(refused.consumer.deadline());
}

TEST(ordered_consumer, the_stream_must_stay_the_same) {
  const auto resumed = [] {
    script s;
    s.stand(9, 1);
    s.message("x", 9, 1, 0);
    s.wait(11s);
    s.commands();
    return s;
  };
  script same = resumed();
  same.info(9);
  EXPECT_FALSE(same.consumer.ended());
  script another = resumed();
  another.info(20, "later");
  EXPECT_EQ(another.consumer.code(), errc::bucket_recreated);
  script shorter = resumed();
  shorter.info(8);
  EXPECT_EQ(shorter.consumer.code(), errc::bucket_recreated);
  script meanwhile = resumed();
  meanwhile.info(9);
  meanwhile.created(0);
  meanwhile.info(9, "later");
  EXPECT_EQ(meanwhile.consumer.code(), errc::bucket_recreated);
}

// The reply to the second look at the stream may come behind entries that are newer than it.
TEST(ordered_consumer, a_late_reply_about_the_stream_is_no_proof) {
  script s;
  s.stand(9, 1);
  s.message("x", 9, 1, 0);
  s.wait(11s);
  s.info(9);
  s.created(1);
  s.message("x", 10, 1, 0);
  s.info(9);
  EXPECT_FALSE(s.consumer.ended());
}

TEST(ordered_consumer, replies_of_an_earlier_beginning_are_ignored) {
  script s;
  s.consumer.disconnected();
  s.info(9);
  s.created(0);
  s.consumer.connected(true, s.now);
  jetstream::outcome<jetstream::stream_info> old;
  old.code = client_error::connection_lost;
  s.consumer.on_stream_info(1, old, s.now);
  EXPECT_EQ(s.commands(), (strings{"subscribe _INBOX.w.2", "inspect 2"}));
  EXPECT_FALSE(s.consumer.ended());
}

TEST(ordered_consumer, what_a_lost_connection_left_behind_is_removed_on_the_next) {
  script s;
  s.stand(0, 0);
  s.consumer.disconnected();
  EXPECT_TRUE(s.commands().empty());
  s.consumer.connected(true, s.now);
  EXPECT_EQ(s.commands(), (strings{"remove kvco_w_1", "subscribe _INBOX.w.2", "inspect 2"}));
  s.consumer.disconnected();  // was it read? nobody knows
  s.consumer.connected(true, s.now);
  EXPECT_EQ(s.commands(), (strings{"remove kvco_w_1", "subscribe _INBOX.w.3", "inspect 3"}));
  s.info(0);
  s.created(0);
  s.commands();
  s.consumer.stop();
  EXPECT_EQ(s.commands(), (strings{"remove kvco_w_3", "unsubscribe"}));
}

}  // namespace
}  // namespace kvco::core
