// Wildcards and filter plans against brute force over a small alphabet: jetstream/filters.cpp.
#include <gtest/gtest.h>

#include <algorithm>
#include <kvco/jetstream/keys.hpp>
#include <random>
#include <string>
#include <vector>

namespace kvco::jetstream {
namespace {

using strings = std::vector<std::string>;

// Every subject of 1 to `depth` tokens out of `words`.
strings all_subjects(const strings& words, std::size_t depth) {
  strings all = words;
  for (std::size_t begin = 0; depth > 1; --depth) {
    const std::size_t end = all.size();
    for (; begin < end; ++begin) {
      for (const std::string& word : words) all.push_back(all[begin] + "." + word);
    }
  }
  return all;
}

// One token deeper than the filters: `a.>` and `a.*.>` differ there only.
const strings& all_keys() {
  static const strings keys = all_subjects({"a", "b", "ab"}, 4);
  return keys;
}

const strings& all_filters() {
  static const strings filters = [] {
    strings valid = all_subjects({"a", "b", "*", ">"}, 3);
    std::erase_if(valid, [](const std::string& f) { return static_cast<bool>(check_filter(f)); });
    return valid;
  }();
  return filters;
}

strings split(const std::string& subject) {
  strings tokens(1);
  for (char c : subject) {
    if (c == '.') {
      tokens.emplace_back();
    } else {
      tokens.back() += c;
    }
  }
  return tokens;
}

// The rule of NATS, told once more in the plainest way.
bool plainly_matches(const strings& filter, const strings& key) {
  for (std::size_t i = 0; i < filter.size(); ++i) {
    if (filter[i] == ">" && i + 1 == filter.size()) return key.size() > i;
    if (i >= key.size()) return false;
    if (filter[i] != "*" && filter[i] != key[i]) return false;
  }
  return filter.size() == key.size();
}

// Which of all_keys() each of all_filters() matches.
const std::vector<std::vector<bool>>& matched() {
  static const auto table = [] {
    std::vector<std::vector<bool>> rows;
    for (const std::string& filter : all_filters()) {
      auto& row = rows.emplace_back();
      for (const std::string& key : all_keys()) row.push_back(matches(filter, key));
    }
    return rows;
  }();
  return table;
}

TEST(filters, there_are_enough_of_them) {
  EXPECT_EQ(all_keys().size(), 3u + 9 + 27 + 81);
  EXPECT_EQ(all_filters().size(), 4u + 3 * 4 + 9 * 4);
}

TEST(filters, match_as_in_nats) {
  for (const std::string& filter : all_filters()) {
    const strings tokens = split(filter);
    for (const std::string& key : all_keys()) {
      EXPECT_EQ(matches(filter, key), plainly_matches(tokens, split(key))) << filter << " " << key;
    }
  }
}

TEST(filters, match_whole_subjects_too) {
  EXPECT_TRUE(matches("$KV.b.>", "$KV.b.a.c"));
  EXPECT_TRUE(matches("$KV.b.*", "$KV.b.a"));
  EXPECT_FALSE(matches("$KV.b.*", "$KV.c.a"));
  EXPECT_FALSE(matches("$KV.b.>", "$KV.b"));
}

// A key that somebody stored under a literal wildcard is a key like others.
TEST(filters, literal_wildcards_in_a_key_are_matched_by_wildcards_only) {
  EXPECT_TRUE(matches("*", "*"));
  EXPECT_TRUE(matches("*", ">"));
  EXPECT_TRUE(matches(">", "*"));
  EXPECT_FALSE(matches("a", "*"));
  EXPECT_FALSE(matches("a", ">"));
}

TEST(filters, cover_where_no_key_is_left_out) {
  const auto& rows = matched();
  for (std::size_t o = 0; o < rows.size(); ++o) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      bool expected = true;
      for (std::size_t k = 0; k < rows[i].size(); ++k) expected = expected && (!rows[i][k] || rows[o][k]);
      EXPECT_EQ(covers(all_filters()[o], all_filters()[i]), expected)
          << all_filters()[o] << " " << all_filters()[i];
    }
  }
}

TEST(filters, overlap_where_a_key_is_shared) {
  const auto& rows = matched();
  for (std::size_t a = 0; a < rows.size(); ++a) {
    for (std::size_t b = 0; b < rows.size(); ++b) {
      bool expected = false;
      for (std::size_t k = 0; k < rows[a].size(); ++k) expected = expected || (rows[a][k] && rows[b][k]);
      EXPECT_EQ(overlaps(all_filters()[a], all_filters()[b]), expected)
          << all_filters()[a] << " " << all_filters()[b];
    }
  }
}

bool any_matches(const strings& filters, const std::string& key) {
  return std::any_of(filters.begin(), filters.end(), [&](const std::string& f) { return matches(f, key); });
}

// What the server refuses (10138, 10139) is not in a plan, and each wanted key is delivered once, others not.
void expect_good_plan(const strings& wanted, bool lists) {
  const filter_plan plan = plan_filters(wanted, lists);
  const std::string about = testing::PrintToString(wanted) + " -> " + testing::PrintToString(plan.server);
  ASSERT_FALSE(plan.server.empty()) << about;
  ASSERT_TRUE(lists || plan.server.size() == 1) << about;
  for (std::size_t a = 0; a < plan.server.size(); ++a) {
    ASSERT_FALSE(check_filter(plan.server[a])) << about;
    for (std::size_t b = 0; b < a; ++b) {
      ASSERT_FALSE(overlaps(plan.server[a], plan.server[b])) << about;
    }
  }
  for (const std::string& key : all_keys()) {
    const bool kept = plan.client.empty() || any_matches(plan.client, key);
    ASSERT_EQ(any_matches(plan.server, key) && kept, any_matches(wanted, key)) << about << " " << key;
  }
}

TEST(filter_plans, deliver_exactly_what_is_wanted_for_every_pair) {
  for (const std::string& a : all_filters()) {
    for (const std::string& b : all_filters()) {
      expect_good_plan({a, b}, true);
      expect_good_plan({a, b}, false);
    }
  }
}

TEST(filter_plans, deliver_exactly_what_is_wanted_for_many_filters) {
  std::mt19937 random(7);
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  for (int round = 0; round < 3000; ++round) {
    strings wanted(1 + below(6));
    for (std::string& filter : wanted) filter = all_filters()[below(all_filters().size())];
    expect_good_plan(wanted, round % 2 == 0);
  }
}

struct plan_case {
  strings wanted;
  bool lists;
  strings server, client;
};

TEST(filter_plans, are_as_narrow_as_they_can_be) {
  const plan_case cases[] = {
      {{"a.>"}, true, {"a.>"}, {}},
      {{"a.>"}, false, {"a.>"}, {}},
      {{"a.>", "a.b"}, true, {"a.>"}, {}},
      {{"a.b", "a.>"}, false, {"a.>"}, {}},
      {{"a", "a"}, true, {"a"}, {}},
      {{"a", "b"}, true, {"a", "b"}, {}},
      {{"a", "b"}, false, {"*"}, {"a", "b"}},
      {{"a.x", "a.y"}, false, {"a.*"}, {"a.x", "a.y"}},
      {{"a.x", "a.y.z"}, false, {"a.>"}, {"a.x", "a.y.z"}},
      {{"a.*", "*.b"}, true, {"*.*"}, {"a.*", "*.b"}},
      {{"a.*", "*.b", "c"}, true, {"*.*", "c"}, {"a.*", "*.b", "c"}},
      {{"a.*.c", "a.b.*", "a.b.c"}, true, {"a.*.*"}, {"a.*.c", "a.b.*"}},
      {{"a.b.>", "*.b.c"}, true, {"*.b.>"}, {"a.b.>", "*.b.c"}},
      {{">", "a", "b.*"}, true, {">"}, {}},
      {{}, true, {}, {}},
  };
  for (const plan_case& c : cases) {
    const filter_plan plan = plan_filters(c.wanted, c.lists);
    strings server = plan.server, expected = c.server;
    std::sort(server.begin(), server.end());
    std::sort(expected.begin(), expected.end());
    EXPECT_EQ(server, expected) << testing::PrintToString(c.wanted);
    EXPECT_EQ(plan.client, c.client) << testing::PrintToString(c.wanted);
  }
}

}  // namespace
}  // namespace kvco::jetstream
