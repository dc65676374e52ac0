// The queue of deadlines against a sorted map that does the same: core/deadlines.cpp.
#include <gtest/gtest.h>
#include <kvco/core/deadlines.hpp>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <random>
#include <vector>

namespace kvco::core {
namespace {

using namespace std::chrono_literals;

constexpr time_point zero{};

struct item final : timed {
  void on_deadline(time_point now) override { passed = now; }
  time_point passed{};
};

/// The same operations on a std::multimap.
class model {
 public:
  void set(item& what, time_point at) {
    remove(what);
    places_[&what] = sorted_.emplace(at, &what);
  }
  void remove(item& what) {
    const auto found = places_.find(&what);
    if (found == places_.end()) return;
    sorted_.erase(found->second);
    places_.erase(found);
  }
  std::optional<time_point> next() const {
    if (sorted_.empty()) return std::nullopt;
    return sorted_.begin()->first;
  }
  bool contains(const item& what) const { return places_.contains(const_cast<item*>(&what)); }
  std::size_t size() const { return sorted_.size(); }

 private:
  std::multimap<time_point, item*> sorted_;
  std::map<item*, std::multimap<time_point, item*>::iterator> places_;
};

void expect_same(const deadlines& heap, const model& truth) {
  ASSERT_EQ(heap.next(), truth.next());
  ASSERT_EQ(heap.size(), truth.size());
}

TEST(deadlines, empty) {
  deadlines heap;
  item never;
  EXPECT_FALSE(heap.next());
  EXPECT_EQ(heap.take_due(time_point::max()), nullptr);
  heap.remove(never);
  EXPECT_FALSE(never.has_deadline());
}

TEST(deadlines, due_is_what_is_not_after_now) {
  deadlines heap;
  item one;
  heap.set(one, zero + 5ns);
  EXPECT_TRUE(one.has_deadline());
  EXPECT_EQ(one.deadline(), zero + 5ns);
  EXPECT_EQ(heap.take_due(zero + 4ns), nullptr);
  EXPECT_EQ(heap.take_due(zero + 5ns), &one);
  EXPECT_FALSE(one.has_deadline());
  EXPECT_EQ(heap.size(), 0U);
}

TEST(deadlines, random_operations) {
  for (unsigned seed = 1; seed <= 60; ++seed) {
    std::mt19937 random(seed);
    std::vector<item> items(1 + random() % 200);
    const auto span = static_cast<unsigned>(1 + random() % 300);  // small ones make many ties
    deadlines heap;
    model truth;
    time_point now = zero;
    for (int step = 0; step < 2000; ++step) {
      item& chosen = items[random() % items.size()];
      switch (random() % 4) {
        case 0:
        case 1: {
          const time_point at = now + duration(random() % span);
          heap.set(chosen, at);
          truth.set(chosen, at);
          break;
        }
        case 2:
          heap.remove(chosen);
          truth.remove(chosen);
          break;
        case 3:
          now += duration(random() % 20);
          while (timed* due = heap.take_due(now)) {
            ASSERT_EQ(due->deadline(), truth.next()) << "seed " << seed;
            ASSERT_FALSE(due->has_deadline());
            truth.remove(static_cast<item&>(*due));
          }
          ASSERT_FALSE(truth.next() && *truth.next() <= now);
      }
      expect_same(heap, truth);
      ASSERT_EQ(chosen.has_deadline(), truth.contains(chosen)) << "seed " << seed << ", step " << step;
    }
  }
}

// Every pair of a size and a position: remove it, move it to the front, to the end, to where it stands.
TEST(deadlines, each_position) {
  for (std::size_t size = 1; size <= 40; ++size) {
    for (std::size_t position = 0; position < size; ++position) {
      for (int action = 0; action < 4; ++action) {
        std::vector<item> items(size);
        deadlines heap;
        model truth;
        for (std::size_t i = 0; i < size; ++i) {
          const time_point at = zero + duration(10 + i * 7919 % 50);
          heap.set(items[i], at);
          truth.set(items[i], at);
        }
        item& chosen = items[position];
        if (action == 0) {
          heap.remove(chosen);
          truth.remove(chosen);
        } else {
          const time_point at = action == 1 ? zero : action == 2 ? zero + 1s : chosen.deadline();
          heap.set(chosen, at);
          truth.set(chosen, at);
        }
        expect_same(heap, truth);
        while (timed* due = heap.take_due(time_point::max())) {
          ASSERT_EQ(due->deadline(), truth.next());
          truth.remove(static_cast<item&>(*due));
        }
        ASSERT_EQ(truth.size(), 0U);
      }
    }
  }
}

// In lanes and in the heap.
TEST(deadlines, cleared_items_do_not_know_each_other) {
  deadlines heap;
  std::vector<std::unique_ptr<item>> items;
  for (int i = 0; i < 100; ++i) {
    items.push_back(std::make_unique<item>());
    heap.set(*items.back(), zero + std::chrono::seconds(i % 13) * (i % 2 == 0 ? 1 : -1));
  }
  heap.clear();
  EXPECT_EQ(heap.size(), 0u);
  EXPECT_EQ(heap.next(), std::nullopt);
  while (!items.empty()) {
    EXPECT_FALSE(items.back()->has_deadline());
    heap.remove(*items.back());
    items.pop_back();
  }
}

TEST(deadlines, a_hundred_thousand) {
  constexpr std::size_t count = 100'000;
  std::mt19937 random(1);
  std::vector<item> items(count);
  deadlines heap;
  for (item& each : items) heap.set(each, zero + duration(random() % 1'000'000));
  for (std::size_t i = 0; i < count; i += 3) heap.remove(items[i]);
  for (std::size_t i = 1; i < count; i += 3)
    heap.set(items[i], items[i].deadline() + duration(random() % 1000));
  EXPECT_EQ(heap.size(), count - (count + 2) / 3);
  time_point last = zero;
  std::size_t taken = 0;
  while (timed* due = heap.take_due(time_point::max())) {
    ASSERT_GE(due->deadline(), last);
    last = due->deadline();
    ++taken;
  }
  EXPECT_EQ(taken, count - (count + 2) / 3);
}

// Taking one may set others, and itself again, as a timer does.
TEST(deadlines, items_that_come_again) {
  std::vector<item> items(10);
  deadlines heap;
  for (std::size_t i = 0; i < items.size(); ++i) heap.set(items[i], zero + duration(i));
  int taken = 0;
  for (time_point now = zero; now < zero + 100ns; now += 1ns) {
    while (timed* due = heap.take_due(now)) {
      ++taken;
      heap.set(*due, now + 10ns);
      ASSERT_EQ(heap.size(), items.size());
    }
  }
  EXPECT_EQ(taken, 100);
}

}  // namespace
}  // namespace kvco::core
