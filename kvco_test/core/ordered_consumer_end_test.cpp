// The end of the initial data where messages are replaced or removed before their turn: the leader is asked for it.
#include <gtest/gtest.h>
#include <kvco_test/support/fake/watch_script.hpp>

namespace kvco::core {
namespace {

constexpr auto the_end = "locate $KV.b.>";

// Three keys at revisions 1, 2, 3. The third is written again as 4 before its turn: the server has taken 3 off what is
// pending, and not counted 4 yet.
watch_script after_a_replacement() {
  watch_script s;
  s.stand(3, 3);
  s.message("a", 1, 1, 1);
  s.message("b", 2, 2, 0);
  return s;
}

TEST(ordered_consumer_end, no_pending_message_is_no_proof_while_fewer_came_than_were_counted) {
  watch_script s = after_a_replacement();
  EXPECT_FALSE(s.consumer.initial_complete());
  EXPECT_EQ(s.commands(), strings{the_end});
  s.located(4);
  EXPECT_FALSE(s.consumer.initial_complete());
  EXPECT_EQ(s.message("c", 4, 3, 0), "c");
  EXPECT_FALSE(s.consumer.initial_complete()) << "another key may have slipped behind 4";
  EXPECT_EQ(s.commands(), strings{the_end});
  s.located(4);
  EXPECT_TRUE(s.consumer.initial_complete());
  EXPECT_TRUE(s.commands().empty());
}

TEST(ordered_consumer_end, the_leader_is_asked_again_where_more_came_than_it_had_named) {
  watch_script s = after_a_replacement();
  s.commands();
  s.message("c", 4, 3, 0);
  s.located(4);  // between its answer and now others may have written
  EXPECT_FALSE(s.consumer.initial_complete());
  EXPECT_EQ(s.commands(), strings{the_end});
  s.located(4);
  EXPECT_TRUE(s.consumer.initial_complete());
}

TEST(ordered_consumer_end, of_keys_that_were_purged_without_a_marker) {
  watch_script s = after_a_replacement();
  s.commands();
  s.located(2);
  EXPECT_TRUE(s.consumer.initial_complete());
}

TEST(ordered_consumer_end, of_keys_that_were_all_purged_is_asked_for_at_the_first_heartbeat) {
  watch_script s;
  s.stand(3, 3);
  EXPECT_TRUE(s.commands().empty());
  s.heartbeat(0, 3);
  EXPECT_EQ(s.commands(), strings{the_end});
  s.located(0);
  EXPECT_TRUE(s.consumer.initial_complete());
}

TEST(ordered_consumer_end, what_came_from_behind_the_beginning_does_not_count) {
  watch_script s;
  s.stand(3, 2);
  s.message("a", 1, 1, 1);
  s.message("x", 4, 2, 1);  // new; b is still to come as 5
  EXPECT_FALSE(s.consumer.initial_complete());
  EXPECT_EQ(s.commands(), strings{the_end});
}

TEST(ordered_consumer_end, each_filter_is_asked_for) {
  consumer_settings settings = plain_settings();
  settings.filters = {"a", "b.*"};
  watch_script s(settings);
  s.info(9);
  s.created(3, 2);
  s.commands();
  s.message("a", 1, 1, 0);
  EXPECT_EQ(s.commands(), (strings{"locate $KV.b.a", "locate $KV.b.b.*"}));
  s.located(1);
  EXPECT_FALSE(s.consumer.initial_complete());
  s.located(0);
  EXPECT_TRUE(s.consumer.initial_complete());
}

TEST(ordered_consumer_end, a_leader_that_does_not_answer_is_asked_again_at_the_next_heartbeat) {
  watch_script s = after_a_replacement();
  s.commands();
  s.consumer.on_located(s.consumer.epochs(), {0, client_error::timeout, {}}, s.now);
  EXPECT_FALSE(s.consumer.initial_complete());
  EXPECT_TRUE(s.commands().empty());
  s.heartbeat(2, 3);
  EXPECT_EQ(s.commands(), strings{the_end});
  s.located(2);
  EXPECT_TRUE(s.consumer.initial_complete());
}

TEST(ordered_consumer_end, a_leader_that_never_answers_leaves_the_consumer_for_another_one) {
  watch_script s = after_a_replacement();
  for (int beats = 0; s.commands() == strings{the_end}; ++beats) {
    ASSERT_LT(beats, 10);
    s.consumer.on_located(s.consumer.epochs(), {0, client_error::timeout, {}}, s.now);
    s.heartbeat(2, 3);
  }
  EXPECT_FALSE(s.consumer.initial_complete());
  s.wait(1s);
  EXPECT_EQ(s.commands().back(), "inspect " + std::to_string(s.consumer.epochs()));
}

// Where the end of the stream has to do, others who write other keys move it on for ever.
TEST(ordered_consumer_end, is_shown_by_a_consumer_that_is_idle_behind_it) {
  watch_script s = after_a_replacement();
  s.commands();
  s.located(10);
  EXPECT_FALSE(s.consumer.initial_complete());
  s.heartbeat(2, 12);
  EXPECT_TRUE(s.consumer.initial_complete());
  EXPECT_TRUE(s.commands().empty());
}

TEST(ordered_consumer_end, is_asked_for_again_where_the_consumer_is_idle_before_it) {
  watch_script s = after_a_replacement();
  s.commands();
  s.located(10);
  s.heartbeat(2, 9);
  EXPECT_FALSE(s.consumer.initial_complete());
  EXPECT_EQ(s.commands(), strings{the_end});
}

TEST(ordered_consumer_end, is_asked_for_again_where_something_came_since_it_was_named) {
  watch_script s = after_a_replacement();
  s.commands();
  s.located(10);
  EXPECT_EQ(s.message("c", 4, 3, 0), "c");
  s.heartbeat(3, 12);
  EXPECT_FALSE(s.consumer.initial_complete());
  EXPECT_EQ(s.commands(), strings{the_end});
}

// Others who write for ever: after eight answers a key would have to be replaced before its turn nine times.
TEST(ordered_consumer_end, comes_though_others_never_stop) {
  watch_script s = after_a_replacement();
  int asked = 0;
  for (std::uint64_t last = 4; !s.consumer.initial_complete(); ++last) {
    ASSERT_LT(last, 20U);
    ASSERT_EQ(s.commands(), strings{the_end});
    ++asked;
    s.located(last);
    s.message("c", last, last - 1, 1);
  }
  EXPECT_EQ(asked, 8);
}

}  // namespace
}  // namespace kvco::core
