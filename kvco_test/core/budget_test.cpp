// Who gets what of a budget: core/budget.hpp.
#include <gtest/gtest.h>

#include <kvco/core/budget.hpp>
#include <string>

namespace kvco::core {
namespace {

/// Takes one amount each time that it is told of room, as often as it wants.
struct taker final : budget_waiter {
  taker(budget& from, std::size_t amount, std::size_t times) : all(from), each(amount), wanted(times) {}
  void on_room() override {
    while (wanted > 0 && all.take(each, *this)) {
      --wanted;
      ++got;
    }
  }
  budget& all;
  std::size_t each, wanted, got = 0;
};

TEST(budget, is_shared_out_in_the_order_of_asking) {
  budget all(10);
  taker first(all, 10, 1), second(all, 5, 1), third(all, 5, 1);
  first.on_room();
  second.on_room();
  third.on_room();
  EXPECT_EQ(first.got, 1u);
  EXPECT_EQ(second.got + third.got, 0u);
  all.give(5);
  EXPECT_EQ(second.got, 1u);
  EXPECT_EQ(third.got, 0u);
  all.give(5);
  EXPECT_EQ(third.got, 1u);
}

TEST(budget, who_wants_more_stands_behind_the_others) {
  budget all(2);
  taker greedy(all, 1, 100), modest(all, 1, 1);
  greedy.on_room();
  modest.on_room();
  EXPECT_EQ(greedy.got, 2u);
  all.give(1);
  EXPECT_EQ(greedy.got, 3u);
  all.give(1);
  EXPECT_EQ(modest.got, 1u);
}

TEST(budget, who_wants_much_is_not_passed_for_ever_by_those_that_want_little) {
  budget all(10);
  taker little(all, 1, 1000), much(all, 6, 1);
  little.on_room();
  much.on_room();
  ASSERT_EQ(little.got, 10u);
  for (int i = 0; i < 20 && much.got == 0; ++i) all.give(1);
  EXPECT_EQ(much.got, 1u);
}

TEST(budget, more_than_the_whole_goes_to_one_who_is_alone) {
  budget all(10);
  taker little(all, 1, 1), huge(all, 50, 1);
  little.on_room();
  huge.on_room();
  EXPECT_EQ(huge.got, 0u);
  all.give(1);
  EXPECT_EQ(huge.got, 1u);
}

}  // namespace
}  // namespace kvco::core
