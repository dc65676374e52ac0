// Which errors a watch survives, what ends it, and what it leaves behind: core/ordered_consumer.cpp.
#include <gtest/gtest.h>
#include <kvco_test/support/fake/watch_script.hpp>

#include <string>

namespace kvco::core {
namespace {

// fault: 52
TEST(ordered_consumer_errors, which_errors_pass) {
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
        watch_script s;
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

// field: X3
TEST(ordered_consumer_errors, the_limits_of_a_stream_are_kept_to_once_it_has_refused) {
  for (const int code : {10153, 10082}) {
    watch_script s;
    s.info(0);
    s.commands();
    EXPECT_TRUE(s.asked_for("inactive_threshold"));
    s.create_error(server_says(code));
    EXPECT_EQ(s.commands(), strings{"create kvco_w_1"}) << "at once, in the same epoch";
    EXPECT_FALSE(s.asked_for("inactive_threshold"));
    s.created(0);
    EXPECT_TRUE(s.consumer.live());
    s.wait(11s);  // no heartbeat
    s.info(0);
    s.commands();
    EXPECT_FALSE(s.asked_for("inactive_threshold")) << "it knows";
    s.create_error(server_says(code));
    EXPECT_EQ(s.consumer.code(), server_says(code)) << "there is no other way";
  }
}

TEST(ordered_consumer_errors, a_stream_that_is_no_bucket_ends_it) {
  for (const bool stood : {false, true}) {
    watch_script s;
    if (stood) {
      s.stand(0, 0);
      s.wait(11s);
    }
    jetstream::outcome<jetstream::stream_info> other;
    other.value.created = "then";
    other.value.why_no_bucket = "it is a mirror";
    s.consumer.on_stream_info(s.consumer.epochs(), other, s.now);
    EXPECT_EQ(s.consumer.code(), errc::not_a_bucket);
    EXPECT_EQ(s.consumer.detail(), "it is a mirror");
    EXPECT_EQ(s.commands().back(), "unsubscribe");
  }
}

// fault: 57
TEST(ordered_consumer_errors, jetstream_that_is_off_passes_only_for_a_watch_that_stood) {
  for (const int code : {10039, 10076}) {
    watch_script fresh;
    fresh.info_error(server_says(code));
    EXPECT_TRUE(fresh.consumer.ended());
    watch_script stood;
    stood.stand(0, 0);
    stood.wait(11s);
    stood.info_error(server_says(code));
    EXPECT_FALSE(stood.consumer.ended());
  }
}

// fault: 52
TEST(ordered_consumer_errors, a_first_beginning_has_a_deadline_and_tells_the_last_error) {
  watch_script silent;
  EXPECT_EQ(silent.consumer.deadline(), silent.now + 10s);
  silent.wait(9999ms);
  EXPECT_FALSE(silent.consumer.ended());
  silent.wait(1ms);
  EXPECT_EQ(silent.consumer.code(), errc::timeout);

  watch_script refused;
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

// 10026: the limit of consumers is reached.
void refuse_until(watch_script& s, int code, time_point until) {
  while (!s.consumer.ended() && s.now < until) {
    s.info(0);
    s.create_error(server_says(code));
    const auto next = s.consumer.deadline();
    if (next) s.wait(*next - s.now);
  }
}

// field: X9
TEST(ordered_consumer_errors, a_refusal_that_is_only_repeated_ends_a_beginning_soon) {
  for (const int code : {10026, 10074}) {
    watch_script s;
    const time_point begin = s.now;
    refuse_until(s, code, begin + 1h);
    EXPECT_EQ(s.consumer.code(), server_says(code));
    EXPECT_EQ(s.consumer.detail(), "said the server");
    EXPECT_GE(s.now - begin, 1s) << "others may go meanwhile";
    EXPECT_LE(s.now - begin, 3s);
  }
}

TEST(ordered_consumer_errors, a_refusal_that_is_lifted_in_time_is_forgotten) {
  watch_script s;
  for (int i = 0; i < 5; ++i) {
    refuse_until(s, 10026, s.now + 500ms);
    s.info(0);
    s.created(0);
    EXPECT_FALSE(s.consumer.code());
    s.wait(11s);  // no heartbeat
    ASSERT_FALSE(s.consumer.ended());
  }
}

// Consumers that were left behind go after their inactive_threshold.
TEST(ordered_consumer_errors, a_watch_that_stood_waits_longer_for_a_refusal_to_be_lifted) {
  watch_script s;
  s.stand(0, 0);
  s.wait(11s);
  const time_point begin = s.now;
  refuse_until(s, 10026, begin + 45s);
  EXPECT_FALSE(s.consumer.ended());
  refuse_until(s, 10026, begin + 1h);
  EXPECT_EQ(s.consumer.code(), server_says(10026));
  EXPECT_LE(s.now - begin, 80s);
}

// field: X9
TEST(ordered_consumer_errors, what_the_server_has_said_outlives_its_silence) {
  for (const error_code silence :
       {error_code(client_error::timeout), error_code(client_error::outcome_unknown)}) {
    watch_script s;
    s.info_error(server_says(10023));
    while (!s.consumer.ended()) {
      s.wait(*s.consumer.deadline() - s.now);
      if (!s.consumer.ended()) s.info_error(silence);
    }
    EXPECT_EQ(s.consumer.code(), server_says(10023));
    EXPECT_EQ(s.consumer.detail(), "said the server");
  }
}

TEST(ordered_consumer_errors, a_list_of_filters_that_fits_no_request_is_refused_before_anything_is_sent) {
  consumer_settings settings = plain_settings();
  settings.filters.clear();
  for (int i = 0; i < 100; ++i) settings.filters.push_back("key." + std::to_string(i));
  const auto begun = [&](bool lists, std::uint64_t max_request) {
    ordered_consumer consumer(settings, time_point(1h));
    consumer.connected(lists, time_point(1h), max_request);
    return consumer;
  };
  ordered_consumer refused = begun(true, 1500);
  EXPECT_EQ(refused.code(), client_error::filter_list_too_long);
  EXPECT_EQ(refused.code(), errc::invalid_filter);
  EXPECT_NE(refused.detail().find("100 filters"), std::string::npos) << refused.detail();
  for (const auto& command : refused.take_commands()) {
    EXPECT_TRUE(std::holds_alternative<consumer_command::unsubscribe>(command));
  }
  EXPECT_FALSE(begun(true, 5000).ended());
  EXPECT_FALSE(begun(false, 1500).ended()) << "it asks for one";
  // Another server takes less than the first one.
  ordered_consumer moved = begun(true, 5000);
  moved.disconnected();
  moved.connected(true, time_point(1h), 1500);
  EXPECT_EQ(moved.code(), client_error::filter_list_too_long);
}

// fault: 54
TEST(ordered_consumer_errors, the_stream_must_stay_the_same) {
  const auto resumed = [] {
    watch_script s;
    s.stand(9, 1);
    s.message("x", 9, 1, 0);
    s.wait(11s);
    s.commands();
    return s;
  };
  watch_script same = resumed();
  same.info(9);
  EXPECT_FALSE(same.consumer.ended());
  watch_script another = resumed();
  another.info(20, "later");
  EXPECT_EQ(another.consumer.code(), errc::bucket_recreated);
  watch_script shorter = resumed();
  shorter.info(8);
  EXPECT_EQ(shorter.consumer.code(), errc::bucket_recreated);
  watch_script meanwhile = resumed();
  meanwhile.info(9);
  meanwhile.created(0);
  meanwhile.info(9, "later");
  EXPECT_EQ(meanwhile.consumer.code(), errc::bucket_recreated);
}

// The reply to the second look at the stream may come behind entries that are newer than it.
TEST(ordered_consumer_errors, a_late_reply_about_the_stream_is_no_proof) {
  watch_script s;
  s.stand(9, 1);
  s.message("x", 9, 1, 0);
  s.wait(11s);
  s.info(9);
  s.created(1);
  s.message("x", 10, 1, 0);
  s.info(9);
  EXPECT_FALSE(s.consumer.ended());
}

// fault: 28
TEST(ordered_consumer_errors, replies_of_an_earlier_beginning_are_ignored) {
  watch_script s;
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

// fault: 53
TEST(ordered_consumer_errors, what_a_lost_connection_left_behind_is_removed_on_the_next) {
  watch_script s;
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
