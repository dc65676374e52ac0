// The files for operators: their metrics are those that kvco has.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <kvco_test/support/judges/source_tree.hpp>

#include <boost/json.hpp>
#include <regex>
#include <set>
#include <string>

namespace kvco::test {
namespace {

std::set<std::string> metrics_in(const std::string& text) {
  static const std::regex name("kvco_[a-z_]+");
  std::set<std::string> out;
  for (std::sregex_iterator it(text.begin(), text.end(), name), end; it != end; ++it) out.insert(it->str());
  return out;
}

class operating : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(files, operating, testing::Values("alerts.yml", "grafana.json"),
                         [](const auto& file) {
                           return std::string(file.param).substr(0, std::string(file.param).find('.'));
                         });

TEST_P(operating, uses_metrics_that_exist) {
  const std::set<std::string> known = metrics_in(text_of("kvco/observe/prometheus.cpp"));
  const std::set<std::string> used = metrics_in(text_of(std::string("kvco/doc/operating/") + GetParam()));
  EXPECT_GT(used.size(), 5u);
  for (const std::string& name : used) EXPECT_TRUE(known.contains(name)) << name;
}

TEST(operating_page, explains_every_alert) {
  const std::string page = text_of("kvco/doc/operating.md"), rules = text_of("kvco/doc/operating/alerts.yml");
  static const std::regex alert("- alert: (\\w+)");
  std::size_t count = 0;
  for (std::sregex_iterator it(rules.begin(), rules.end(), alert), end; it != end; ++it, ++count) {
    EXPECT_NE(page.find("\n| `" + (*it)[1].str() + "` |"), std::string::npos) << (*it)[1];
  }
  EXPECT_GT(count, 5u);
}

TEST(operating_page, has_a_dashboard_that_can_be_read) {
  const boost::json::value dashboard = boost::json::parse(text_of("kvco/doc/operating/grafana.json"));
  std::set<std::int64_t> ids;
  for (const boost::json::value& panel : dashboard.at("panels").as_array()) {
    EXPECT_FALSE(panel.at("targets").as_array().empty());
    EXPECT_TRUE(ids.insert(panel.at("id").as_int64()).second);
  }
  EXPECT_GT(ids.size(), 5u);
}

}  // namespace
}  // namespace kvco::test
