// When a watch is established: by what comes on its own deliver subject, never by a create reply that may come from elsewhere.
#include <gtest/gtest.h>
#include <kvco_test/support/fake/watch_script.hpp>

namespace kvco::core {
namespace {

watch_script accepted(std::uint64_t pending,
                      jetstream::deliver_policy deliver = jetstream::deliver_policy::last_per_subject) {
  consumer_settings settings = plain_settings();
  settings.deliver = deliver;
  watch_script s(settings);
  s.info(9);
  s.created_unbound(pending);
  s.commands();
  return s;
}

// field: X10
TEST(ordered_consumer_established, not_by_a_reply_alone) {
  for (const auto deliver : {jetstream::deliver_policy::last_per_subject, jetstream::deliver_policy::all,
                             jetstream::deliver_policy::updates_only}) {
    for (const std::uint64_t pending : {0, 2}) {
      watch_script s = accepted(pending, deliver);
      EXPECT_FALSE(s.consumer.established());
      EXPECT_FALSE(s.consumer.initial_complete());
      EXPECT_FALSE(s.consumer.live());
    }
  }
}

TEST(ordered_consumer_established, by_the_server_that_sees_the_subscription) {
  watch_script s;
  s.info(9);
  s.created(0);
  EXPECT_TRUE(s.consumer.established());
  EXPECT_TRUE(s.consumer.initial_complete());
  EXPECT_TRUE(s.consumer.live());
}

// field: X10
TEST(ordered_consumer_established, by_a_message) {
  watch_script s = accepted(2);
  EXPECT_EQ(s.message("a", 8, 1, 1), "a");
  EXPECT_TRUE(s.consumer.established());
  EXPECT_FALSE(s.consumer.initial_complete());
  EXPECT_EQ(s.message("b", 9, 2, 0), "b");
  EXPECT_TRUE(s.consumer.initial_complete());
}

TEST(ordered_consumer_established, by_a_message_that_overtakes_the_reply) {
  watch_script s;
  s.info(9);
  EXPECT_EQ(s.message("a", 8, 1, 1), "a");
  EXPECT_FALSE(s.consumer.established());
  s.created_unbound(2);
  EXPECT_TRUE(s.consumer.established());
}

// The interest of a client may reach the consumer's node of a cluster behind the request: the next attempt is soon.
TEST(ordered_consumer_established, soon_where_the_subscription_was_only_late) {
  watch_script s = accepted(0);
  s.wait(100ms);
  s.info(9);
  s.created(0);
  EXPECT_TRUE(s.consumer.established());
  EXPECT_TRUE(s.consumer.initial_complete());
}

// A server that never reports a subscription: its heartbeats show that it delivers.
TEST(ordered_consumer_established, by_a_heartbeat) {
  for (const auto deliver :
       {jetstream::deliver_policy::last_per_subject, jetstream::deliver_policy::updates_only}) {
    watch_script s = accepted(0, deliver);
    s.wait(100ms);
    s.info(9);
    s.created_unbound(0);
    EXPECT_FALSE(s.consumer.established());
    s.wait(5s);
    s.heartbeat(0, 9);
    EXPECT_TRUE(s.consumer.established());
    EXPECT_TRUE(s.consumer.initial_complete());
    EXPECT_TRUE(s.consumer.live());
  }
}

// field: X10
TEST(ordered_consumer_established, never_ends_it_with_the_reason) {
  for (const std::uint64_t pending : {0, 2}) {
    watch_script s = accepted(pending);
    for (const time_point begin = s.now; s.now < begin + 10s; s.wait(100ms)) {
      const strings asked = s.commands();
      if (asked.empty()) continue;
      if (asked.back().starts_with("inspect")) s.info(9);
      if (s.consumer.has_commands()) s.created_unbound(pending);
      EXPECT_FALSE(s.consumer.established());
    }
    EXPECT_TRUE(s.consumer.ended());
    EXPECT_EQ(s.consumer.code(), errc::timeout);
    EXPECT_NE(s.consumer.detail().find("nothing came on its deliver subject _INBOX.w."), std::string::npos)
        << s.consumer.detail();
    EXPECT_LE(s.consumer.epochs(), 6U) << "few consumers are made of it";
  }
}

// field: X10
TEST(ordered_consumer_established, again_after_a_reconnect_by_what_comes) {
  watch_script s;
  s.stand(9, 0);
  s.consumer.disconnected();
  s.consumer.connected(true, s.now);
  s.info(9);
  s.created_unbound(0);
  EXPECT_FALSE(s.consumer.live());
  s.heartbeat(0, 9);
  EXPECT_TRUE(s.consumer.live());
}

}  // namespace
}  // namespace kvco::core
