// What waits, what goes again, what was refused: core/item_queue.hpp.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <kvco/core/item_queue.hpp>
#include <vector>

namespace kvco::core {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<item_queue::place> take(item_queue& queue, std::size_t count = 100) {
  std::vector<item_queue::place> taken;
  for (; queue.has_next() && taken.size() < count; queue.take()) taken.push_back(queue.next());
  return taken;
}

bool every(item_queue::place) { return true; }

TEST(item_queue, gives_all_in_their_order) {
  item_queue queue(3);
  EXPECT_THAT(take(queue), ElementsAre(0, 1, 2));
  EXPECT_FALSE(queue.has_next());
  EXPECT_FALSE(queue.complete());
  for (int i = 0; i < 3; ++i) queue.settle();
  EXPECT_TRUE(queue.complete());
}

TEST(item_queue, of_nothing_is_complete) {
  item_queue queue(0);
  EXPECT_FALSE(queue.has_next());
  EXPECT_TRUE(queue.complete());
}

TEST(item_queue, gives_those_that_go_again_before_the_rest) {
  item_queue queue(5);
  take(queue, 3);
  EXPECT_EQ(queue.untaken(), 3u);
  queue.again(2);
  queue.again(0);
  EXPECT_THAT(take(queue, 1), ElementsAre(2));
  queue.again(2);
  EXPECT_EQ(queue.untaken(), 3u);
  EXPECT_THAT(take(queue), ElementsAre(0, 2, 3, 4));
  queue.again(4);
  EXPECT_THAT(take(queue), ElementsAre(4));
}

TEST(item_queue, keeps_what_was_refused_until_it_is_retried) {
  item_queue queue(4);
  take(queue, 3);
  queue.refuse(2);
  queue.refuse(1);
  EXPECT_THAT(queue.refused(), ElementsAre(2, 1));
  EXPECT_EQ(queue.next(), 3u);
  queue.retry(every);
  EXPECT_THAT(queue.refused(), IsEmpty());
  EXPECT_THAT(take(queue), ElementsAre(1, 2, 3));
}

TEST(item_queue, retries_before_what_was_to_go_again_already) {
  item_queue queue(6);
  take(queue, 5);
  for (item_queue::place i = 1; i < 5; ++i) queue.refuse(i);
  queue.retry(every);
  take(queue, 2);  // 1 and 2, of which one is refused once more
  queue.refuse(2);
  queue.retry(every);
  EXPECT_THAT(take(queue), ElementsAre(2, 3, 4, 5));
}

TEST(item_queue, retries_what_is_still_wanted) {
  item_queue queue(3);
  take(queue);
  for (item_queue::place i = 0; i < 3; ++i) queue.refuse(i);
  queue.retry([](item_queue::place item) { return item != 1; });
  EXPECT_THAT(take(queue), ElementsAre(0, 2));
}

TEST(item_queue, gives_up_what_was_refused) {
  item_queue queue(2);
  take(queue);
  queue.refuse(1);
  EXPECT_THAT(queue.take_refused(), ElementsAre(1));
  EXPECT_THAT(queue.refused(), IsEmpty());
  EXPECT_FALSE(queue.has_next());
}

}  // namespace
}  // namespace kvco::core
