// Deliveries find their subscriber, late ones nobody: core/dispatcher.cpp.
#include <gtest/gtest.h>
#include <kvco/core/dispatcher.hpp>

#include <functional>
#include <map>
#include <memory>
#include <random>
#include <vector>

namespace kvco::core {
namespace {

struct target final : subscriber {
  void on_message(const wire::event& message) override {
    ++received;
    last = message.sid;
    if (reaction) reaction();
  }
  int received = 0;
  std::uint64_t last = 0;
  std::function<void()> reaction;
};

wire::event message_to(std::uint64_t sid) {
  wire::event message;
  message.kind = wire::event_kind::msg;
  message.sid = sid;
  return message;
}

TEST(dispatcher, each_to_its_own) {
  dispatcher table;
  target a, b;
  const auto first = table.add(a, "a"), second = table.add(b, "b");
  EXPECT_NE(first, second);
  EXPECT_NE(first, 0U);
  for (const std::uint64_t sid : {first, first, second, first, second})
    EXPECT_TRUE(table.dispatch(message_to(sid)));
  EXPECT_EQ(a.received, 3);
  EXPECT_EQ(b.received, 2);
  EXPECT_EQ(table.strays(), 0U);
}

// fault: 28
TEST(dispatcher, strays_are_counted) {
  dispatcher table;
  target a;
  EXPECT_FALSE(table.dispatch(message_to(0)));
  EXPECT_FALSE(table.dispatch(message_to(7)));
  const auto sid = table.add(a, "a");
  table.dispatch(message_to(sid));
  table.remove(sid);
  table.remove(sid);
  EXPECT_FALSE(table.dispatch(message_to(sid)));
  EXPECT_FALSE(table.dispatch(message_to(0)));
  EXPECT_EQ(a.received, 1);
  EXPECT_EQ(table.strays(), 4U);
  EXPECT_EQ(table.size(), 0U);
}

// A subscriber may leave, and others may come, while it is told.
TEST(dispatcher, changes_from_within) {
  dispatcher table;
  std::vector<std::unique_ptr<target>> late;
  target a;
  std::uint64_t sid = table.add(a, "a");
  a.reaction = [&] {
    table.remove(sid);
    for (int i = 0; i < 100; ++i) table.add(*late.emplace_back(std::make_unique<target>()), "late");
    sid = table.add(a, "a");
  };
  for (int i = 0; i < 5; ++i) {
    const std::uint64_t before = sid;
    EXPECT_TRUE(table.dispatch(message_to(before)));
    EXPECT_FALSE(table.dispatch(message_to(before)));
  }
  EXPECT_EQ(a.received, 5);
  EXPECT_EQ(table.size(), 501U);
}

TEST(dispatcher, random_operations) {
  for (unsigned seed = 1; seed <= 40; ++seed) {
    std::mt19937 random(seed);
    dispatcher table;
    std::vector<target> targets(20);
    std::map<std::uint64_t, target*> truth;
    std::vector<std::uint64_t> ever;
    std::uint64_t strays = 0;
    for (int step = 0; step < 2000; ++step) {
      target& chosen = targets[random() % targets.size()];
      const int action = static_cast<int>(random() % 8);
      if (action == 0) {
        const std::uint64_t sid = table.add(chosen, "s");
        ASSERT_TRUE(ever.empty() || sid > ever.back());  // never used twice
        ever.push_back(sid);
        truth[sid] = &chosen;
      } else if (!ever.empty() && action == 1) {
        const std::uint64_t sid = ever[random() % ever.size()];
        table.remove(sid);
        truth.erase(sid);
      } else if (!ever.empty()) {
        const std::uint64_t sid = ever[random() % ever.size()];
        const auto found = truth.find(sid);
        const int before = found == truth.end() ? 0 : found->second->received;
        ASSERT_EQ(table.dispatch(message_to(sid)), found != truth.end());
        if (found == truth.end()) {
          ++strays;
        } else {
          ASSERT_EQ(found->second->received, before + 1);
          ASSERT_EQ(found->second->last, sid);
        }
      }
      ASSERT_EQ(table.size(), truth.size());
      ASSERT_EQ(table.strays(), strays);
    }
  }
}

}  // namespace
}  // namespace kvco::core
