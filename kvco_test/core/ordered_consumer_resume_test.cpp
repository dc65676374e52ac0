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

// --- a resume token: the stream is known by the time when it was created ------------------------------

constexpr std::int64_t made_ns = 1'767'225'600'000'000'000, newest_ns = made_ns + 10'000'000'000;
const std::string made = "2026-01-01T00:00:00Z";

watch_script resuming_of(std::int64_t created_ns, std::uint64_t from = 51) {
  consumer_settings settings = plain_settings();
  settings.deliver = jetstream::deliver_policy::by_start_sequence;
  settings.start_sequence = from;
  settings.created_ns = created_ns;
  settings.newest_ns = newest_ns;
  watch_script s(settings);
  s.commands();
  return s;
}

TEST(ordered_consumer_resume, knows_its_stream_by_when_it_was_created) {
  for (const char* same : {"2026-01-01T00:00:00Z", "2026-01-01T00:00:00.000Z", "2026-01-01T01:00:00+01:00"}) {
    watch_script s = resuming_of(made_ns);
    s.info(60, same);
    EXPECT_EQ(s.commands(), strings{"create kvco_w_1"}) << same;
  }
  for (const char* other : {"2026-01-01T00:00:00.000000001Z", "2025-12-31T23:59:59Z", "then"}) {
    watch_script s = resuming_of(made_ns);
    s.info(60, other);
    EXPECT_EQ(s.consumer.code(), errc::bucket_recreated) << other;
    EXPECT_EQ(s.consumer.detail(),
              std::string("bucket b was created at 2026-01-01T00:00:00.000000000Z, and anew at ") + other);
  }
}

// Nodes of a 2.10 cluster may each have their own time: one that is older than the last entry is of the same stream.
TEST(ordered_consumer_resume, takes_the_time_of_another_node_for_the_same_stream) {
  watch_script s = resuming_of(made_ns);
  s.info(60, "2026-01-01T00:00:10Z", 1, 3);
  EXPECT_EQ(s.commands(), strings{"create kvco_w_1"});
  watch_script other = resuming_of(made_ns);
  other.info(60, "2026-01-01T00:00:10.1Z", 1, 3);
  EXPECT_EQ(other.consumer.code(), errc::bucket_recreated);
}

TEST(ordered_consumer_resume, counts_the_revisions_that_the_stream_has_no_more) {
  watch_script s = resuming_of(made_ns);
  s.info(60, made, 1, 1, 55);
  EXPECT_EQ(s.consumer.missed(), 4u);
  s.create_error(server_says(10008));
  s.wait(1s);
  s.info(60, made, 1, 1, 55);
  EXPECT_EQ(s.consumer.missed(), 4u) << "the same ones";
  s.created(6);
  s.message("k", 55, 1, 5);
  s.consumer.disconnected();
  s.consumer.connected(true, s.now);
  s.info(90, made, 1, 1, 58);
  EXPECT_EQ(s.consumer.missed(), 6u) << "and 56, 57";

  watch_script none = resuming_of(made_ns);
  none.info(60, made, 1, 1, 51);
  EXPECT_EQ(none.consumer.missed(), 0u);
}

TEST(ordered_consumer_resume, misses_nothing_where_it_asks_for_last_entries) {
  watch_script s;
  s.info(60, made, 5, 1, 55);
  s.created(6);
  s.message("k", 56, 1, 5);
  s.consumer.disconnected();
  s.consumer.connected(true, s.now);
  s.info(90, made, 5, 1, 80);
  s.commands();
  EXPECT_TRUE(s.asked_for("last_per_subject"));
  EXPECT_EQ(s.consumer.missed(), 0u);
}

}  // namespace
}  // namespace kvco::core
