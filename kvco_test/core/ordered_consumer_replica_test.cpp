// A consumer on a replica that is behind: what it takes for all there is, is not (py#995; found here by chaos with kill -9).
#include <gtest/gtest.h>
#include <kvco_test/support/watch_script.hpp>

#include <string>

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

TEST(ordered_consumer_replica, a_late_answer_belongs_to_its_beginning) {
  watch_script s = begun(filtered(), 10, 3, 1);
  s.created(0);
  s.consumer.on_located(s.consumer.epochs() - 1, {0, {}, {}}, s.now);
  EXPECT_FALSE(s.consumer.initial_complete());
}

}  // namespace
}  // namespace kvco::core
