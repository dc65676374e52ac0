// Patterns with captures: what they are as filters, what they take out of a key, and how they are refused.
#include <gmock/gmock.h>

#include <boost/system/system_error.hpp>
#include <kvco/app/app_error.hpp>
#include <kvco/app/pattern.hpp>
#include <stdexcept>
#include <tuple>

namespace kvco::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(key_pattern, is_a_filter_with_names) {
  const key_pattern orders("orders.{region}.{id}");
  EXPECT_EQ(orders.filter(), "orders.*.*");
  EXPECT_EQ(orders.text(), "orders.{region}.{id}");
  EXPECT_THAT(orders.names(), ElementsAre("region", "id"));
}

TEST(key_pattern, without_captures_is_itself) {
  for (const char* each : {"key", "a.b", "*", ">", "a.*.c", "a.>", "a.=/_-", "über.*"}) {
    EXPECT_EQ(key_pattern(each).filter(), each);
    EXPECT_THAT(key_pattern(each).names(), IsEmpty());
    EXPECT_THAT(key_pattern(each).captured(each), IsEmpty());
  }
}

TEST(key_pattern, takes_its_tokens_out_of_a_key) {
  EXPECT_THAT(key_pattern("orders.{region}.{id}").captured("orders.eu.17"), ElementsAre("eu", "17"));
  EXPECT_THAT(key_pattern("{all}").captured("k"), ElementsAre("k"));
  EXPECT_THAT(key_pattern("{a}.*.{b}.>").captured("1.2.3.4.5"), ElementsAre("1", "3"));
}

TEST(key_pattern, matches_as_its_filter_does) {
  for (const auto& [pattern, key] : std::vector<std::pair<const char*, const char*>>{{"a", "a"},
                                                                                     {"a.*", "a.b"},
                                                                                     {"a.{x}", "a.b"},
                                                                                     {"a.>", "a.b"},
                                                                                     {"a.>", "a.b.c"},
                                                                                     {">", "a"},
                                                                                     {"*.b", "a.b"}})
    EXPECT_TRUE(key_pattern(pattern).matches(key)) << pattern << " " << key;
  for (const auto& [pattern, key] : std::vector<std::pair<const char*, const char*>>{
           {"a", "b"}, {"a", "a.b"}, {"a.*", "a"}, {"a.*", "a.b.c"}, {"a.>", "a"}, {"*.b", "a.c"}})
    EXPECT_FALSE(key_pattern(pattern).matches(key)) << pattern << " " << key;
}

TEST(captures, are_found_by_name_and_by_place) {
  const key_pattern orders("orders.{region}.{id}");
  const captures found(orders, "orders.eu.17");
  EXPECT_EQ(found.size(), 2u);
  EXPECT_EQ(found["region"], "eu");
  EXPECT_EQ(found[1], "17");
  EXPECT_THROW(std::ignore = found["customer"], std::out_of_range);
  EXPECT_THROW(std::ignore = captures()["region"], std::out_of_range);
}

struct refused_pattern {
  const char* text;
  app_error why;
};

void expect_refused(const refused_pattern& each) {
  try {
    const key_pattern made(each.text);
    ADD_FAILURE() << each.text << " is " << made.filter();
  } catch (const boost::system::system_error& error) {
    EXPECT_EQ(error.code(), make_error_code(each.why)) << each.text << ": " << error.what();
    EXPECT_EQ(error.code(), errc::invalid_filter) << each.text;
    EXPECT_THAT(error.what(), HasSubstr(each.text));
  }
}

TEST(key_pattern, is_refused_with_a_name_for_each_rule) {
  for (const refused_pattern& each : std::initializer_list<refused_pattern>{
           {"", app_error::pattern_malformed},          {"a..b", app_error::pattern_malformed},
           {".a", app_error::pattern_malformed},        {"a.", app_error::pattern_malformed},
           {"a b", app_error::pattern_malformed},       {"a\r\nb", app_error::pattern_malformed},
           {"a*", app_error::wildcard_inside_token},    {"a.b*c.d", app_error::wildcard_inside_token},
           {"**", app_error::wildcard_inside_token},    {">.a", app_error::wildcard_inside_token},
           {"a>", app_error::wildcard_inside_token},    {"a{b}", app_error::capture_inside_token},
           {"{a}b", app_error::capture_inside_token},   {"{a}{b}", app_error::capture_inside_token},
           {"}a{", app_error::capture_inside_token},    {"{a", app_error::capture_unclosed},
           {"a}", app_error::capture_unclosed},         {"{a.b}", app_error::capture_unclosed},
           {"{{a}", app_error::capture_unclosed},       {"a.{}", app_error::capture_unnamed},
           {"{1a}", app_error::capture_name_malformed}, {"{a-b}", app_error::capture_name_malformed},
           {"{*}", app_error::capture_name_malformed},  {"{id}.{id}", app_error::capture_twice},
       }) {
    expect_refused(each);
  }
}

TEST(app_error, has_a_text_and_a_meaning) {
  for (int i = 1; i <= static_cast<int>(app_error::drain_timeout); ++i) {
    const error_code code = make_error_code(static_cast<app_error>(i));
    EXPECT_NE(code.message(), "unknown error") << i;
    EXPECT_TRUE(meaning(code)) << code.message();
  }
  EXPECT_EQ(error_code(999, app_category()).message(), "unknown error");
}

}  // namespace
}  // namespace kvco::test
