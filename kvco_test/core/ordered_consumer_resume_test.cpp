// A watch that resumes behind the end of its stream: the stream is another one, or has lost its end.
#include <gtest/gtest.h>
#include <kvco_test/support/fake/watch_script.hpp>

namespace kvco::core {
namespace {

watch_script resuming(std::uint64_t from) {
  consumer_settings settings = plain_settings();
  settings.deliver = jetstream::deliver_policy::by_start_sequence;
  settings.start_sequence = from;
  watch_script s(settings);
  s.commands();
  return s;
}

// field: M10
TEST(ordered_consumer_resume, beyond_the_end_is_refused_at_once) {
  for (const std::uint64_t last : {0, 1, 49}) {
    watch_script s = resuming(51);
    s.info(last);
    EXPECT_TRUE(s.consumer.ended()) << last;
    EXPECT_EQ(s.consumer.code(), errc::bucket_recreated);
    EXPECT_EQ(s.consumer.detail(),
              "bucket b has no revision 50 before revision 51 to resume from: the last one is " +
                  std::to_string(last));
  }
}

TEST(ordered_consumer_resume, right_behind_the_end_waits_for_what_comes) {
  watch_script s = resuming(51);
  s.info(50);
  EXPECT_EQ(s.commands(), strings{"create kvco_w_1"});
  EXPECT_TRUE(s.asked_for("\"opt_start_seq\":51"));
}

TEST(ordered_consumer_resume, at_the_first_revision_of_an_empty_bucket) {
  watch_script s = resuming(1);
  s.info(0);
  EXPECT_EQ(s.commands(), strings{"create kvco_w_1"});
}

// A node that has just come back may not have caught up: that passes, or is the reason in the end.
// field: M10
TEST(ordered_consumer_resume, beyond_what_a_replica_has_waits_for_it) {
  watch_script s = resuming(51);
  s.info(48, "then", 1, 3);
  EXPECT_FALSE(s.consumer.ended());
  EXPECT_EQ(s.commands(), strings{"unsubscribe"});
  s.wait(1s);
  s.info(50, "then", 1, 3);
  EXPECT_EQ(s.commands().back(), "create kvco_w_" + std::to_string(s.consumer.epochs()));

  watch_script late = resuming(51);
  late.info(48, "then", 1, 3);
  for (const time_point begin = late.now; !late.consumer.ended(); late.wait(1s)) {
    ASSERT_LE(late.now - begin, 11s);
    const strings asked = late.commands();
    if (!asked.empty() && asked.back().starts_with("inspect")) late.info(48, "then", 1, 3);
  }
  EXPECT_EQ(late.consumer.code(), errc::bucket_recreated);
}

// What heartbeats have shown is the end of the stream as well as an entry is: nothing was given, and it is resumed there.
// field: M10
TEST(ordered_consumer_resume, beyond_the_end_after_a_reconnect_without_an_entry) {
  watch_script s;
  s.stand(50, 0);
  s.heartbeat(0, 50);
  s.consumer.disconnected();
  s.consumer.connected(true, s.now);
  s.info(30);
  EXPECT_EQ(s.consumer.code(), errc::bucket_recreated);
  EXPECT_EQ(s.consumer.detail(), "bucket b has lost its end: revision 50 is gone, the last one is 30");
}

}  // namespace
}  // namespace kvco::core
