// A consumer on a replica that is behind: what it takes for all there is, is not (py#995; found here by chaos with kill -9).
#include <gtest/gtest.h>
#include <kvco_test/support/fake/watch_script.hpp>

#include <kvco/jetstream/replies.hpp>
#include <string>
#include <utility>

namespace kvco::core {
namespace {

constexpr int kept = 64;

consumer_settings filtered() {
  consumer_settings settings = plain_settings();
  settings.filters = {"a.>"};
  return settings;
}

watch_script begun(consumer_settings settings, std::uint64_t last, int replicas, int history = kept) {
  watch_script s(std::move(settings));
  s.commands();
  s.info(last, "then", history, replicas);
  return s;
}

// fault: 59
TEST(ordered_consumer_replica, all_that_it_counts_is_not_all_that_the_leader_has) {
  for (const int history : {1, kept}) {
    watch_script s = begun(plain_settings(), 10, 3, history);
    EXPECT_EQ(s.commands(), strings{"create kvco_w_1"});
    s.created(2);
    EXPECT_EQ(s.message("a", 3, 1, 1), "a");
    EXPECT_EQ(s.message("b", 5, 2, 0), "b");
    EXPECT_FALSE(s.consumer.initial_complete()) << "revision 10 was there before";
    EXPECT_EQ(s.message("c", 6, 3, 0), "c");  // it catches up
    EXPECT_FALSE(s.consumer.initial_complete());
    EXPECT_EQ(s.message("a", 10, 4, 0), "a");
    EXPECT_TRUE(s.consumer.initial_complete());
    EXPECT_TRUE(s.commands().empty());
  }
}

TEST(ordered_consumer_replica, that_has_nothing_yet) {
  watch_script s = begun(plain_settings(), 10, 3);
  s.created(0);
  EXPECT_FALSE(s.consumer.initial_complete());
  EXPECT_EQ(s.message("a", 10, 1, 0), "a");
  EXPECT_TRUE(s.consumer.initial_complete());
}

TEST(ordered_consumer_replica, of_a_bucket_with_one_is_believed) {
  watch_script s = begun(filtered(), 10, 1);
  EXPECT_EQ(s.commands(), strings{"create kvco_w_1"});
  s.created(0);
  EXPECT_TRUE(s.consumer.initial_complete());
}

TEST(ordered_consumer_replica, the_leader_is_asked_for_the_last_message_of_a_filter) {
  watch_script s = begun(filtered(), 10, 3);
  EXPECT_EQ(s.commands(), (strings{"create kvco_w_1", "locate $KV.b.a.>"}));
  s.created(1);
  EXPECT_EQ(s.message("a.x", 3, 1, 0), "a.x");
  EXPECT_FALSE(s.consumer.initial_complete()) << "nobody has answered yet";
  s.located(7);
  EXPECT_FALSE(s.consumer.initial_complete());
  EXPECT_EQ(s.message("a.y", 7, 2, 0), "a.y");
  EXPECT_TRUE(s.consumer.initial_complete());
}

TEST(ordered_consumer_replica, a_filter_without_a_match_is_complete_when_the_leader_says_so) {
  watch_script s = begun(filtered(), 10, 3);
  s.created(0);
  EXPECT_FALSE(s.consumer.initial_complete());
  s.located(0);
  EXPECT_TRUE(s.consumer.initial_complete());
}

// It was replaced meanwhile: the newer one comes, and does as well. What was written after the beginning need not come.
TEST(ordered_consumer_replica, a_last_message_that_is_newer_than_the_beginning_is_not_waited_for) {
  watch_script s = begun(filtered(), 10, 3, 1);
  s.created(1);
  s.located(12);
  EXPECT_EQ(s.message("a.x", 10, 1, 0), "a.x");
  EXPECT_TRUE(s.consumer.initial_complete());
}

TEST(ordered_consumer_replica, a_heartbeat_from_behind_the_boundary_is_proof_enough) {
  watch_script s = begun(filtered(), 10, 3, 1);
  s.created(1);
  s.message("a.x", 3, 1, 0);
  s.consumer.on_located(s.consumer.epochs(), {0, client_error::timeout, {}}, s.now);
  EXPECT_FALSE(s.consumer.initial_complete());
  s.heartbeat(1, 9);
  EXPECT_FALSE(s.consumer.initial_complete());
  s.heartbeat(1, 10);
  EXPECT_TRUE(s.consumer.initial_complete());
}

// fault: 59
TEST(ordered_consumer_replica, one_that_stays_behind_is_left) {
  watch_script s = begun(plain_settings(), 10, 3, 1);
  s.created(1);
  s.message("a", 3, 1, 0);
  s.commands();
  s.heartbeat(1, 9);
  s.heartbeat(1, 9);
  EXPECT_TRUE(s.commands().empty());
  s.heartbeat(1, 9);
  EXPECT_EQ(s.commands().front(), "remove kvco_w_1");
}

TEST(ordered_consumer_replica, many_filters_are_left_to_the_heartbeats) {
  consumer_settings settings = plain_settings();
  settings.filters.clear();
  for (char c = 'a'; c <= 'i'; ++c) settings.filters.push_back(std::string(1, c));
  watch_script s = begun(settings, 10, 3, 1);
  EXPECT_EQ(s.commands(), strings{"create kvco_w_1"});
  s.created(0, 9);
  EXPECT_FALSE(s.consumer.initial_complete());
  s.heartbeat(0, 10);
  EXPECT_TRUE(s.consumer.initial_complete());
}

TEST(ordered_consumer_replica, a_watch_without_initial_data_needs_no_proof) {
  consumer_settings settings = filtered();
  settings.deliver = jetstream::deliver_policy::updates_only;
  watch_script s = begun(settings, 10, 3);
  EXPECT_EQ(s.commands(), strings{"create kvco_w_1"});
  s.created(0);
  EXPECT_TRUE(s.consumer.initial_complete());
}

watch_script resuming_behind_10(int replicas) {
  watch_script s = begun(plain_settings(), 10, replicas, 1);
  s.created(1);
  s.message("a", 10, 1, 0);
  s.wait(11s);  // no heartbeat
  s.commands();
  return s;
}

// Server 2.10 after kill -9 of the leader: all watches ended, as if the bucket had been created anew.
TEST(ordered_consumer_replica, a_stream_that_is_catching_up_is_not_another_stream) {
  watch_script s = resuming_behind_10(3);
  s.info(8, "then", 1, 3);
  EXPECT_FALSE(s.consumer.ended());
  EXPECT_EQ(s.commands(), strings{"unsubscribe"}) << "no consumer is made of half a stream";
  s.wait(1s);
  EXPECT_EQ(s.commands(), (strings{"subscribe _INBOX.w.4", "inspect 4"}));
  s.info(10, "then", 1, 3);
  EXPECT_EQ(s.commands(), (strings{"create kvco_w_4", "inspect 4"}));
  EXPECT_TRUE(s.asked_for("\"opt_start_seq\":11"));
}

TEST(ordered_consumer_replica, a_stream_that_never_catches_up_has_lost_its_end) {
  watch_script s = resuming_behind_10(3);
  s.info(8, "then", 1, 3);
  for (const time_point begin = s.now; !s.consumer.ended(); s.wait(1s)) {
    ASSERT_LE(s.now - begin, 300s);
    const strings asked = s.commands();
    if (!asked.empty() && asked.back().starts_with("inspect")) s.info(8, "then", 1, 3);
  }
  EXPECT_EQ(s.consumer.code(), errc::bucket_recreated);
  EXPECT_EQ(s.consumer.detail(), "bucket b has lost its end: revision 10 is gone, the last one is 8");
}

// fault: 55
TEST(ordered_consumer_replica, a_single_server_that_has_lost_the_end_of_the_stream_has_lost_it) {
  watch_script s = resuming_behind_10(1);
  s.info(8, "then", 1, 1);
  EXPECT_EQ(s.consumer.code(), errc::bucket_recreated);
}

TEST(ordered_consumer_replica, another_stream_is_another_stream) {
  watch_script s = resuming_behind_10(3);
  s.info(8, "later", 1, 3);
  EXPECT_EQ(s.consumer.code(), errc::bucket_recreated);
  EXPECT_EQ(s.consumer.detail(), "bucket b was created at then, and anew at later");
}

// Raw reads of 2.10.27: three nodes, STREAM.CREATE sent twice, and one of them restarted: it tells the second time.
TEST(ordered_consumer_replica, nodes_may_tell_different_times_of_one_creation) {
  const std::string first = "2026-01-01T00:00:01Z", again = "2026-01-01T00:00:02Z",
                    entry = "2026-01-01T00:00:03Z", anew = "2026-01-01T00:00:04Z";
  for (const auto& [replicas, told] :
       {std::pair{3, again}, {3, first}, {3, anew}, {1, again}, {1, anew}, {3, std::string("nonsense")}}) {
    watch_script s(plain_settings());
    s.info(10, first, 1, replicas);
    s.created(1);
    s.event("$KV.b.a", "$JS.ACK.KV_b.c.1.10.1." + std::to_string(jetstream::parse_time(entry).value()) + ".0",
            {});
    s.wait(11s);
    s.info(12, told, 1, replicas);
    const bool same = told == first || (replicas == 3 && told == again);
    EXPECT_EQ(!s.consumer.ended(), same) << replicas << told;
    if (!same) {
      EXPECT_EQ(s.consumer.code(), errc::bucket_recreated);
      EXPECT_EQ(s.consumer.detail(), "bucket b was created at " + first + ", and anew at " + told);
      continue;
    }
    s.created(0);
    for (const std::string& next : {first, told}) {  // nodes take turns
      s.wait(11s);
      s.info(12, next, 1, replicas);
      EXPECT_FALSE(s.consumer.ended()) << next;
      s.created(0);
    }
  }
}

TEST(ordered_consumer_replica, a_late_answer_belongs_to_its_beginning) {
  watch_script s = begun(filtered(), 10, 3, 1);
  s.created(0);
  s.consumer.on_located(s.consumer.epochs() - 1, {0, {}, {}}, s.now);
  EXPECT_FALSE(s.consumer.initial_complete());
}

// Found by chaos: what came between such a message and the boundary was lost when the consumer was lost.
TEST(ordered_consumer_replica, what_it_takes_for_new_leaves_no_gap_behind) {
  consumer_settings settings = plain_settings();
  settings.deliver = jetstream::deliver_policy::updates_only;
  watch_script s = begun(settings, 10, 3);
  s.created(0);
  s.commands();
  EXPECT_EQ(s.message("a", 6, 1, 0), "a");
  s.wait(11s);  // no heartbeat
  s.commands();
  s.info(12, "then", kept, 3);
  s.commands();
  EXPECT_TRUE(s.asked_for("\"opt_start_seq\":7")) << s.request;
}

}  // namespace
}  // namespace kvco::core
