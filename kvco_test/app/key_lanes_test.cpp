// The order of calls: of one key one after the other, of several at once; and the mark below which all is handled.
#include <gmock/gmock.h>

#include <kvco/app/key_lanes.hpp>
#include <kvco/app/low_water.hpp>
#include <random>
#include <set>

namespace kvco::test {
namespace {

using handling::key_lanes;
using handling::low_water;
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::uint64_t> start_all(key_lanes& lanes) {
  std::vector<std::uint64_t> out;
  while (const auto number = lanes.start()) out.push_back(*number);
  return out;
}

TEST(key_lanes, of_one_key_run_one_after_the_other) {
  key_lanes lanes(8, 16);
  for (const std::uint64_t each : {1, 2, 3}) lanes.push("a", each);
  EXPECT_THAT(start_all(lanes), ElementsAre(1));
  lanes.finish(1);
  EXPECT_THAT(start_all(lanes), ElementsAre(2));
  lanes.push("a", 4);
  lanes.finish(2);
  EXPECT_THAT(start_all(lanes), ElementsAre(3));
}

TEST(key_lanes, of_several_keys_run_at_once_up_to_the_concurrency) {
  key_lanes lanes(2, 16);
  lanes.push("a", 1);
  lanes.push("a", 2);
  lanes.push("b", 3);
  lanes.push("c", 4);
  EXPECT_THAT(start_all(lanes), ElementsAre(1, 3));
  lanes.finish(3);
  EXPECT_THAT(start_all(lanes), ElementsAre(4)) << "a still runs";
  lanes.finish(1);
  EXPECT_THAT(start_all(lanes), ElementsAre(2));
}

TEST(key_lanes, with_a_concurrency_of_one_keep_the_order_of_all) {
  key_lanes lanes(1, 16);
  const char* keys[] = {"a", "b", "a", "c", "b", "a"};
  for (std::uint64_t i = 0; i < 6; ++i) lanes.push(keys[i], i + 1);
  std::vector<std::uint64_t> order;
  while (const auto number = lanes.start()) {
    order.push_back(*number);
    lanes.finish(*number);
  }
  EXPECT_THAT(order, ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_TRUE(lanes.is_idle());
}

TEST(key_lanes, are_full_at_their_capacity) {
  key_lanes lanes(1, 2);
  lanes.push("a", 1);
  EXPECT_FALSE(lanes.is_full());
  lanes.push("b", 2);
  EXPECT_TRUE(lanes.is_full());
  EXPECT_THAT(start_all(lanes), ElementsAre(1));
  EXPECT_TRUE(lanes.is_full()) << "what runs has its place";
  lanes.finish(1);
  EXPECT_FALSE(lanes.is_full());
}

TEST(key_lanes, know_the_last_item_of_a_key_that_waits) {
  key_lanes lanes(1, 9);
  EXPECT_EQ(lanes.last_waiting("a"), std::nullopt);
  lanes.push("a", 1);
  EXPECT_EQ(lanes.last_waiting("a"), 1u);
  EXPECT_THAT(start_all(lanes), ElementsAre(1));
  EXPECT_EQ(lanes.last_waiting("a"), std::nullopt) << "it runs";
  lanes.push("a", 2);
  lanes.push("a", 3);
  EXPECT_EQ(lanes.last_waiting("a"), 3u);
  EXPECT_EQ(lanes.last_waiting("b"), std::nullopt);
}

TEST(key_lanes, keep_what_runs_when_the_others_are_dropped) {
  key_lanes lanes(1, 9);
  lanes.push("a", 1);
  lanes.push("a", 2);
  lanes.push("b", 3);
  EXPECT_THAT(start_all(lanes), ElementsAre(1));
  lanes.drop_queued();
  EXPECT_EQ(lanes.queued(), 0u);
  EXPECT_EQ(lanes.running(), 1u);
  lanes.finish(1);
  EXPECT_THAT(start_all(lanes), IsEmpty());
  EXPECT_TRUE(lanes.is_idle());
}

// Random pushes, starts and ends: never two of a key, never more than the concurrency, in order for each key, and all of them.
TEST(key_lanes, hold_their_promises_in_any_order) {
  std::mt19937 random(7);
  for (std::size_t concurrency = 1; concurrency <= 5; ++concurrency) {
    key_lanes lanes(concurrency, 12);
    std::map<std::uint64_t, std::string> running;
    std::map<std::string, std::uint64_t> last;
    std::map<std::uint64_t, std::string> keys;
    std::uint64_t pushed = 0, ended = 0;
    while (ended < 2000) {
      if (pushed < 2000 && !lanes.is_full() && random() % 2 == 0) {
        const std::string key(1, static_cast<char>('a' + random() % 6));
        lanes.push(key, ++pushed);
        keys[pushed] = key;
      } else if (const auto number = random() % 2 == 0 ? lanes.start() : std::nullopt) {
        const std::string& key = keys[*number];
        for (const auto& [other, its_key] : running) EXPECT_NE(its_key, key);
        EXPECT_GT(*number, std::exchange(last[key], *number));
        running[*number] = key;
        EXPECT_LE(running.size(), concurrency);
      } else if (!running.empty()) {
        const auto one = std::next(running.begin(), static_cast<std::ptrdiff_t>(random() % running.size()));
        lanes.finish(one->first);
        running.erase(one);
        ++ended;
      }
      EXPECT_LE(lanes.queued() + lanes.running(), 12u);
    }
    EXPECT_TRUE(lanes.is_idle());
  }
}

TEST(low_water, follows_the_oldest_that_is_not_handled) {
  low_water water;
  for (const revision each : {3, 5, 9, 12}) water.begin(each, each);
  water.finish(5);
  water.finish(9);
  EXPECT_EQ(water.mark(), 0u) << "3 is not handled";
  water.finish(3);
  EXPECT_EQ(water.mark(), 9u);
  EXPECT_EQ(water.size(), 1u);
  water.finish(12);
  EXPECT_EQ(water.mark(), 12u);
  EXPECT_EQ(water.size(), 0u);
}

TEST(low_water, stays_below_one_that_is_never_handled) {
  low_water water(41);
  EXPECT_EQ(water.mark(), 41u);
  for (revision each = 42; each < 100; ++each) water.begin(each, each);
  for (revision each = 43; each < 100; ++each) water.finish(each);
  EXPECT_EQ(water.mark(), 41u);
  EXPECT_EQ(water.size(), 58u);
  water.finish(7);
  EXPECT_EQ(water.mark(), 41u) << "one that was not taken";
}

// Conflated updates do not come in the order of their revisions.
TEST(low_water, is_at_the_revision_up_to_which_all_were_taken) {
  low_water water;
  water.begin(1, 2);  // revision 5 of a key, while revision 3 of another one waits
  water.begin(2, 5);
  water.finish(1);
  EXPECT_EQ(water.mark(), 2u);
  water.finish(2);
  EXPECT_EQ(water.mark(), 5u);
}

}  // namespace
}  // namespace kvco::test
