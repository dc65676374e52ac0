// Replies find their request; late, foreign and garbled ones find nobody: core/inbox.cpp.
#include <gtest/gtest.h>
#include <kvco/core/inbox.hpp>

#include <algorithm>
#include <functional>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace kvco::core {
namespace {

const std::string prefix = "_INBOX.Vq3xY7K.";

struct request final : waiter {
  void on_reply(const wire::event& reply) override {
    ++replies;
    last = std::string(reply.payload);
    if (reaction) reaction();
  }
  void on_deadline(time_point) override {}
  int replies = 0;
  std::string last;
  std::function<void()> reaction;
};

std::string subject_of(const inbox::token& token) { return prefix + std::string(token.begin(), token.end()); }

bool deliver(inbox& box, const std::string& subject, const std::string& payload = {}) {
  wire::event reply;
  reply.kind = wire::event_kind::msg;
  reply.subject = subject;
  reply.payload = payload;
  return box.deliver(reply);
}

TEST(inbox, a_reply_finds_its_request) {
  inbox box(prefix);
  EXPECT_EQ(box.subject(), prefix + "*");
  request a, b;
  const std::string to_a = subject_of(box.add(a)), to_b = subject_of(box.add(b));
  EXPECT_NE(to_a, to_b);
  EXPECT_TRUE(deliver(box, to_b, "for b"));
  EXPECT_TRUE(deliver(box, to_a, "for a"));
  EXPECT_TRUE(deliver(box, to_a, "and again"));
  EXPECT_EQ(a.last, "and again");
  EXPECT_EQ(a.replies, 2);
  EXPECT_EQ(b.last, "for b");
  EXPECT_EQ(box.strays(), 0U);
  EXPECT_EQ(box.size(), 2U);
}

// fault: 12, 83
TEST(inbox, a_late_reply_finds_nobody) {
  inbox box(prefix);
  request first, second;
  const std::string late = subject_of(box.add(first));
  box.remove(first);
  EXPECT_FALSE(box.contains(first));
  EXPECT_FALSE(deliver(box, late));
  const std::string current = subject_of(box.add(second));  // takes the same place
  EXPECT_FALSE(deliver(box, late));
  EXPECT_TRUE(deliver(box, current));
  EXPECT_EQ(first.replies, 0);
  EXPECT_EQ(second.replies, 1);
  EXPECT_EQ(box.strays(), 2U);
}

// fault: 83
TEST(inbox, tokens_are_one_subject_token_of_fixed_size_and_never_come_again) {
  inbox box(prefix);
  std::set<std::string> seen;
  request one;
  for (int i = 0; i < 100'000; ++i) {
    const inbox::token token = box.add(one);
    for (const char c : token)
      ASSERT_TRUE(std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_');
    ASSERT_TRUE(seen.emplace(token.begin(), token.end()).second);
    box.remove(one);
  }
  EXPECT_EQ(box.size(), 0U);
}

// fault: 83
TEST(inbox, a_slot_whose_names_are_used_up_is_left) {
  inbox box(prefix, inbox::names_per_slot - 2);
  request beside, one;
  const std::string to_beside = subject_of(box.add(beside));
  EXPECT_EQ(to_beside, prefix + "___-0000");
  const auto use = [&] {
    const std::string subject = subject_of(box.add(one));
    EXPECT_TRUE(deliver(box, subject));
    box.remove(one);
    EXPECT_FALSE(deliver(box, subject)) << "a late reply";
    return subject.substr(prefix.size());
  };
  EXPECT_EQ(use(), "___-0001");
  EXPECT_EQ(use(), "____0001");
  EXPECT_EQ(use(), "___-0002");
  box.remove(beside);  // its next name is free, and comes when its turn is
  EXPECT_EQ(use(), "____0002");
  EXPECT_EQ(use(), "____0000");
  EXPECT_EQ(use(), "___-0003");
  EXPECT_EQ(beside.replies, 0);
  EXPECT_EQ(one.replies, 6);
  EXPECT_EQ(box.strays(), 6U);
}

// Two clients whose names are the same by chance get each other's replies.
// fault: 83
TEST(inbox, of_the_same_prefix_has_other_tokens) {
  inbox box(prefix, 1'000'000), other(prefix, 2'000'000);
  request one;
  for (int i = 0; i < 1000; ++i) {
    request foreign;
    const std::string subject = subject_of(other.add(foreign));
    box.add(one);
    EXPECT_FALSE(deliver(box, subject));
    other.remove(foreign);
    box.remove(one);
  }
  EXPECT_EQ(one.replies, 0);
}

TEST(inbox, foreign_subjects_find_nobody) {
  inbox box(prefix);
  request one;
  const std::string good = subject_of(box.add(one));
  std::vector<std::string> foreign = {
      "",          prefix,     "_INBOX.other.00000000", good + "0",
      good + ".0", " " + good, "x" + good.substr(1),    std::string(good.size(), '\0')};
  for (std::size_t size = 0; size < good.size(); ++size) foreign.push_back(good.substr(0, size));
  std::uint64_t strays = 0;
  for (const std::string& subject : foreign) {
    EXPECT_FALSE(deliver(box, subject)) << subject;
    EXPECT_EQ(box.strays(), ++strays);
  }
  EXPECT_EQ(one.replies, 0);
}

// Every byte in every place of the subject.
// fault: 21
TEST(inbox, garbled_subjects_find_nobody) {
  inbox box(prefix);
  std::vector<request> requests(3);
  std::vector<std::string> subjects;
  for (request& each : requests) subjects.push_back(subject_of(box.add(each)));
  for (const std::string& good : subjects) {
    for (std::size_t place = 0; place < good.size(); ++place) {
      for (int byte = 0; byte < 256; ++byte) {
        std::string garbled = good;
        garbled[place] = static_cast<char>(byte);
        const auto whose = std::find(subjects.begin(), subjects.end(), garbled);  // may hit another open one
        ASSERT_EQ(deliver(box, garbled), whose != subjects.end()) << place << " " << byte;
      }
    }
  }
}

TEST(inbox, for_each_may_remove_what_it_is_given) {
  inbox box(prefix);
  std::vector<request> requests(50);
  for (request& each : requests) box.add(each);
  for (std::size_t i = 0; i < requests.size(); i += 4) box.remove(requests[i]);
  std::set<waiter*> visited;
  box.for_each([&](waiter& open) {
    EXPECT_TRUE(visited.insert(&open).second);
    if (visited.size() % 2 == 0) box.remove(open);
  });
  EXPECT_EQ(visited.size(), 37U);
  EXPECT_EQ(box.size(), 19U);
  box.for_each([&](waiter& open) { box.remove(open); });
  EXPECT_EQ(box.size(), 0U);
}

// A reply may remove its request, and others may come at once: the table grows under the call.
TEST(inbox, changes_from_within) {
  inbox box(prefix);
  std::vector<request> more(200);
  request one;
  const std::string subject = subject_of(box.add(one));
  one.reaction = [&] {
    box.remove(one);
    for (request& each : more) box.add(each);
  };
  EXPECT_TRUE(deliver(box, subject));
  EXPECT_FALSE(deliver(box, subject));
  EXPECT_EQ(one.replies, 1);
  EXPECT_EQ(box.size(), 200U);
}

class inbox_from : public testing::TestWithParam<std::uint32_t> {};
// From 0, and so that many slots are used up.
INSTANTIATE_TEST_SUITE_P(first_name, inbox_from, testing::Values(0, inbox::names_per_slot - 3));

// fault: 83
TEST_P(inbox_from, random_operations) {
  std::mt19937 random(5);
  inbox box(prefix, GetParam());
  std::vector<request> requests(300);
  std::map<std::string, request*> open;  // by subject
  std::map<request*, std::string> subjects;
  std::vector<std::string> ever;
  std::uint64_t strays = 0;
  for (int step = 0; step < 100'000; ++step) {
    request& chosen = requests[random() % requests.size()];
    const auto registered = subjects.find(&chosen);
    switch (random() % 3) {
      case 0:
        if (registered != subjects.end()) break;
        ever.push_back(subject_of(box.add(chosen)));
        ASSERT_TRUE(open.emplace(ever.back(), &chosen).second);
        subjects[&chosen] = ever.back();
        break;
      case 1:
        box.remove(chosen);
        if (registered == subjects.end()) break;
        open.erase(registered->second);
        subjects.erase(registered);
        break;
      case 2: {
        if (ever.empty()) break;
        // mostly recent ones: those that are open
        const std::size_t back = std::min<std::size_t>(ever.size(), random() % 2 == 0 ? 400 : ever.size());
        const std::string& subject = ever[ever.size() - 1 - random() % back];
        const auto found = open.find(subject);
        const int before = found == open.end() ? 0 : found->second->replies;
        ASSERT_EQ(deliver(box, subject), found != open.end()) << step;
        if (found == open.end()) {
          ++strays;
        } else {
          ASSERT_EQ(found->second->replies, before + 1);
        }
      }
    }
    ASSERT_EQ(box.contains(chosen), subjects.contains(&chosen));
    ASSERT_EQ(box.size(), open.size());
    ASSERT_EQ(box.strays(), strays);
  }
}

}  // namespace
}  // namespace kvco::core
