// Many filters: the same answers as by comparing each with each, and in time: jetstream/filter_set.cpp and filters.cpp.
#include <gtest/gtest.h>
#include <kvco/jetstream/filter_set.hpp>
#include <kvco/jetstream/keys.hpp>

#include <algorithm>
#include <ctime>
#include <random>
#include <string>
#include <vector>

namespace kvco::jetstream {
namespace {

using strings = std::vector<std::string>;

// --- how it was done before: each with each ---------------------------------------------------------------------------

strings tokens_of(const std::string& subject) {
  strings all;
  std::size_t at = 0;
  for (std::size_t dot; (dot = subject.find('.', at)) != subject.npos; at = dot + 1)
    all.push_back(subject.substr(at, dot - at));
  all.push_back(subject.substr(at));
  return all;
}

std::string common_ancestor(const std::string& a, const std::string& b) {
  const strings x = tokens_of(a), y = tokens_of(b);
  std::string ancestor;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const auto tail = [i](const strings& t) { return i + 1 == t.size() && t[i] == ">"; };
    if (i > 0) ancestor += '.';
    if (tail(x) || tail(y) || (i + 1 == x.size()) != (i + 1 == y.size())) return ancestor + '>';
    ancestor += x[i] == y[i] ? x[i] : "*";
  }
  return ancestor;
}

filter_plan plan_by_comparison(const strings& filters, bool lists) {
  strings wanted;
  for (const std::string& filter : filters) {
    if (std::any_of(wanted.begin(), wanted.end(), [&](const auto& other) { return covers(other, filter); }))
      continue;
    std::erase_if(wanted, [&](const auto& other) { return covers(filter, other); });
    wanted.push_back(filter);
  }
  filter_plan plan;
  for (std::string filter : wanted) {
    while (true) {
      const auto it = std::find_if(plan.server.begin(), plan.server.end(),
                                   [&](const auto& other) { return overlaps(other, filter); });
      if (it == plan.server.end()) break;
      filter = common_ancestor(filter, *it);
      plan.server.erase(it);
    }
    plan.server.push_back(filter);
  }
  if (!lists && plan.server.size() > 1) {
    std::string all = plan.server.front();
    for (const std::string& filter : plan.server) all = common_ancestor(all, filter);
    plan.server = {all};
  }
  if (plan.server.size() != wanted.size()) plan.client = wanted;
  return plan;
}

// --- the same answers -------------------------------------------------------------------------------------------------

class random_filters {
 public:
  explicit random_filters(unsigned seed) : random_(seed) {}
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(random_() % n); }
  /// @param wild  of a hundred tokens
  std::string filter(std::size_t depth, std::size_t words, std::size_t wild) {
    std::string text;
    const std::size_t count = 1 + below(depth);
    for (std::size_t i = 0; i < count; ++i) {
      if (i > 0) text += '.';
      const bool any = below(100) < wild;
      if (any && i + 1 == count && below(2) == 0) return text + '>';
      text += any ? "*" : std::string(1, static_cast<char>('a' + below(words)));
    }
    return text;
  }

 private:
  std::mt19937 random_;
};

// field: L2
TEST(filter_set, plans_as_by_comparing_each_with_each) {
  random_filters random(11);
  for (int round = 0; round < 6'000; ++round) {
    const std::size_t depth = 1 + random.below(5), words = 1 + random.below(4), wild = random.below(60);
    strings filters(random.below(24));
    for (std::string& each : filters) each = random.filter(depth, words, wild);
    for (const bool lists : {true, false}) {
      const filter_plan plan = plan_filters(filters, lists), expected = plan_by_comparison(filters, lists);
      ASSERT_EQ(plan.server, expected.server) << testing::PrintToString(filters);
      ASSERT_EQ(plan.client, expected.client) << testing::PrintToString(filters);
    }
  }
}

TEST(filter_set, matches_and_covers_as_by_comparing_with_each) {
  random_filters random(12);
  for (int round = 0; round < 3'000; ++round) {
    strings filters(1 + random.below(12));
    for (std::string& each : filters) each = random.filter(4, 3, 40);
    filter_set set;
    strings in;
    for (const std::string& each : filters) {
      const bool is_new = std::find(in.begin(), in.end(), each) == in.end();
      ASSERT_EQ(set.add(each, static_cast<std::uint32_t>(in.size())), is_new) << each;
      if (is_new) in.push_back(each);
    }
    const std::size_t left = random.below(in.size() + 1);
    for (std::size_t i = left; i < in.size(); ++i) set.remove(in[i]);
    in.resize(left);
    ASSERT_EQ(set.empty(), in.empty());
    for (int i = 0; i < 30; ++i) {
      const std::string key = random.filter(4, 3, i % 3 == 0 ? 20 : 0);
      const auto any = [&](const auto& test) { return std::any_of(in.begin(), in.end(), test); };
      const std::string about = testing::PrintToString(in) + " " + key;
      ASSERT_EQ(set.matches(key), any([&](const std::string& f) { return matches(f, key); })) << about;
      ASSERT_EQ(set.is_covered(key), any([&](const std::string& f) { return f != key && covers(f, key); }))
          << about;
      std::vector<std::uint32_t> covered;
      std::optional<std::uint32_t> across;
      for (std::uint32_t n = 0; n < in.size(); ++n) {
        if (covers(key, in[n])) {
          covered.push_back(n);
        } else if (overlaps(key, in[n]) && !across) {
          across = n;
        }
      }
      auto found = set.covered_by(key);
      std::sort(found.begin(), found.end());
      ASSERT_EQ(found, covered) << about;
      ASSERT_EQ(set.first_across(key), across) << about;
    }
  }
}

// --- in time ----------------------------------------------------------------------------------------------------------

double planned_in(const strings& filters, bool lists, filter_plan& plan) {
  const std::clock_t begin = std::clock();
  plan = plan_filters(filters, lists);
  return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
}

// By comparison 20 000 take minutes; a build without optimisation takes ten times what another one does.
constexpr double in_time = 2;

// field: L2
TEST(filter_set, twenty_thousand_filters_of_each_kind_are_planned_in_time) {
  const char* const kinds[] = {"k", "a.b.c.k", "k.*", "k.>", "*.k", "a.*.k.>"};
  for (const std::string kind : kinds) {
    strings filters;
    for (int i = 0; i < 20'000; ++i) {
      std::string filter = kind;
      filters.push_back(filter.replace(filter.find('k'), 1, "key" + std::to_string(i)));
    }
    for (const bool lists : {true, false}) {
      filter_plan plan;
      const double cost = planned_in(filters, lists, plan);
      std::printf("%s: %.3f s\n", kind.c_str(), cost);
      EXPECT_LT(cost, in_time) << kind;
      EXPECT_EQ(plan.server.size(), lists ? filters.size() : 1u) << kind;
    }
  }
}

TEST(filter_set, twenty_thousand_filters_that_one_covers_or_overlaps_are_planned_in_time) {
  for (const std::string last : {">", "*.*", "key7.*", "*.x"}) {
    strings filters;
    for (int i = 0; i < 20'000; ++i)
      filters.push_back("key" + std::to_string(i) + (i % 2 == 0 ? ".x" : ".y"));
    filters.push_back(last);
    filter_plan plan;
    EXPECT_LT(planned_in(filters, true, plan), in_time) << last;
    std::reverse(filters.begin(), filters.end());
    EXPECT_LT(planned_in(filters, true, plan), in_time) << last;
  }
  strings crossing;
  for (int i = 0; i < 10'000; ++i) {
    crossing.push_back("key" + std::to_string(i) + ".*");
    crossing.push_back("*.other" + std::to_string(i));
  }
  filter_plan plan;
  EXPECT_LT(planned_in(crossing, true, plan), in_time);
  EXPECT_EQ(plan.server, strings{"*.*"});
}

TEST(filter_set, a_key_is_found_among_many_filters) {
  strings filters;
  for (int i = 0; i < 20'000; ++i) filters.push_back("a.key" + std::to_string(i));
  filter_set set;
  set.add_all(filters);
  const std::clock_t begin = std::clock();
  for (int i = 0; i < 100'000; ++i) ASSERT_EQ(set.matches("a.key" + std::to_string(i)), i < 20'000);
  EXPECT_LT(static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC, in_time);
}

TEST(filter_set, a_filter_may_have_as_many_tokens_as_fit) {
  std::string deep = "a";
  while (deep.size() < max_key_size - 2) deep += ".a";
  const strings filters = {deep, deep + ".b", deep.substr(0, deep.size() - 2) + ".*", "*.>"};
  EXPECT_EQ(plan_filters(filters, true).server, strings{"*.>"});
  filter_set set;
  set.add_all(filters);
  EXPECT_TRUE(set.matches(deep));
}

}  // namespace
}  // namespace kvco::jetstream
