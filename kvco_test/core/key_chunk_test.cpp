// Which keys are known when a series has ended: core/key_chunk.cpp; and who gets a share: core/budget.hpp.
#include <gtest/gtest.h>

#include <functional>
#include <kvco/core/budget.hpp>
#include <kvco/core/key_chunk.hpp>
#include <string>
#include <vector>

namespace kvco::core {
namespace {

using jetstream::multi_get_reply;

multi_get_reply message(std::string_view key, revision rev, revision previous, std::uint64_t pending) {
  multi_get_reply reply;
  reply.kind = jetstream::multi_get_kind::message;
  reply.fields.key = key;
  reply.fields.rev = rev;
  reply.previous = previous;
  reply.pending = pending;
  return reply;
}

multi_get_reply end(revision previous, std::uint64_t pending = 0) {
  multi_get_reply reply = message({}, 0, previous, pending);
  reply.kind = jetstream::multi_get_kind::end;
  return reply;
}

class chunk : public testing::Test {
 protected:
  chunk() {
    EXPECT_TRUE(keys.add(10, "a"));
    EXPECT_TRUE(keys.add(11, "b"));
    EXPECT_FALSE(keys.add(12, "a"));
    EXPECT_TRUE(keys.add(13, "c"));
  }
  key_chunk keys;
};

TEST_F(chunk, knows_whose_a_message_is_and_what_is_absent) {
  EXPECT_FALSE(keys.has_come());
  const auto* c = keys.on_message(message("c", 3, 0, 1));
  ASSERT_NE(c, nullptr);
  EXPECT_EQ(c->index, 13u);
  EXPECT_EQ(keys.on_message(message("a", 9, 3, 0))->index, 10u);
  EXPECT_TRUE(keys.on_end(end(9)));
  EXPECT_TRUE(keys.keys()[0].came);
  EXPECT_FALSE(keys.keys()[1].came);
  ASSERT_EQ(keys.duplicates().size(), 1u);
  EXPECT_EQ(keys.duplicates()[0].index, 12u);
  EXPECT_EQ(keys.keys()[keys.duplicates()[0].of].index, 10u);
}

// The last message says that more would come: an end that counts otherwise is not believed.
TEST_F(chunk, sees_an_early_end) {
  keys.on_message(message("c", 3, 0, 2));
  EXPECT_FALSE(keys.on_end(end(3, 2)));
  EXPECT_FALSE(keys.on_end(end(3, 0)));
}

TEST_F(chunk, sees_each_lost_message) {
  const std::vector<multi_get_reply> all = {message("a", 3, 0, 2), message("b", 5, 3, 1),
                                            message("c", 9, 5, 0)};
  for (std::size_t lost = 0; lost < all.size(); ++lost) {
    key_chunk fresh;
    for (const char* key : {"a", "b", "c"}) fresh.add(0, key);
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (i != lost) fresh.on_message(all[i]);
    }
    EXPECT_FALSE(fresh.on_end(end(9))) << lost;
  }
}

TEST_F(chunk, begins_anew_with_a_new_series) {
  keys.on_message(message("a", 3, 0, 2));
  keys.on_message(message("c", 9, 5, 0));  // a gap, then the connection was lost
  keys.on_message(message("a", 3, 0, 1));
  keys.on_message(message("b", 5, 3, 0));
  EXPECT_TRUE(keys.on_end(end(5)));
}

TEST_F(chunk, a_message_of_no_key_stands_in_the_place_of_one) {
  EXPECT_EQ(keys.on_message(message("foreign", 3, 0, 0)), nullptr);
  EXPECT_FALSE(keys.on_end(end(3)));
  EXPECT_FALSE(keys.has_come());
}

TEST_F(chunk, can_be_used_again) {
  keys.on_message(message("a", 3, 0, 2));
  keys.clear();
  EXPECT_TRUE(keys.keys().empty() && keys.duplicates().empty() && !keys.has_come());
  EXPECT_TRUE(keys.add(1, "a"));
  keys.on_message(message("a", 4, 0, 0));
  EXPECT_TRUE(keys.on_end(end(4)));
}

// --- the budget ------------------------------------------------------------------------------------------------------

struct taker final : budget_waiter {
  taker(budget& of, std::size_t each) : from(of), amount(each) {}
  void on_room() override { take_all(); }
  void take_all() {
    while (wants > 0 && from.take(amount, *this)) --wants, ++has;
  }
  budget& from;
  std::size_t amount, wants = 0, has = 0;
};

TEST(budget, is_given_in_the_order_of_asking) {
  budget whole(10);
  taker first(whole, 4), second(whole, 4);
  first.wants = 5;
  second.wants = 2;
  first.take_all();
  second.take_all();
  EXPECT_EQ(first.has, 2u);
  EXPECT_EQ(second.has, 0u);
  EXPECT_EQ(whole.taken(), 8u);
  EXPECT_TRUE(whole.is_waited_for());
  whole.give(4);  // the first one stands before the second one
  EXPECT_EQ(first.has, 3u);
  whole.give(4);
  EXPECT_EQ(first.has, 3u);
  EXPECT_EQ(second.has, 1u) << "who has had its turn goes to the end of the line";
  EXPECT_LE(whole.taken(), 10u);
}

TEST(budget, more_than_all_is_given_to_one_alone) {
  budget whole(10);
  taker large(whole, 100), small(whole, 1);
  large.wants = 2;
  large.take_all();
  EXPECT_EQ(large.has, 1u);
  small.wants = 1;
  small.take_all();
  EXPECT_EQ(small.has, 0u);
  whole.give(100);
  EXPECT_EQ(large.has, 2u);
  whole.give(100);
  EXPECT_EQ(small.has, 1u);
  whole.give(1);
  EXPECT_EQ(whole.taken(), 0u);
}

TEST(budget, who_is_destroyed_leaves_the_line) {
  budget whole(1);
  taker first(whole, 1), last(whole, 1);
  first.wants = last.wants = 1;
  first.take_all();
  {
    taker gone(whole, 1);
    gone.wants = 1;
    gone.take_all();
    last.take_all();
  }
  whole.give(1);
  EXPECT_EQ(last.has, 1u);
}

}  // namespace
}  // namespace kvco::core
