// Values and keys as bytes, and back: the exact text, and what each codec reports of bytes that are not its own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <kvco_test/typed/order.hpp>

#include <limits>

namespace kvco::test {
namespace {

using testing::HasSubstr;

template <class T>
std::string stored_as(const T& value) {
  return std::string(value_view(default_codec<T>().encode(value)));
}
/// The reason, or "".
template <class T>
std::string refused(std::string_view stored) {
  const decoded<T> value = default_codec<T>().decode(stored);
  return value ? "" : value.error().text;
}
template <class T>
void expect_round_trip(const T& value, std::string_view stored) {
  EXPECT_EQ(stored_as(value), stored);
  const decoded<T> again = default_codec<T>().decode(stored);
  ASSERT_TRUE(again) << again.error().text;
  EXPECT_EQ(*again, value);
}

TEST(raw_codecs, store_what_other_clients_read) {
  expect_round_trip<std::string>(std::string("a\0b", 3), std::string_view("a\0b", 3));
  expect_round_trip<std::vector<std::byte>>({std::byte{0xff}, std::byte{0}}, std::string_view("\xff\0", 2));
  expect_round_trip<int>(-42, "-42");
  expect_round_trip<std::uint64_t>(std::numeric_limits<std::uint64_t>::max(), "18446744073709551615");
  expect_round_trip<double>(0.1, "0.1");
  expect_round_trip<signed char>(-128, "-128");
}

TEST(raw_codecs, take_whole_numbers_in_range) {
  EXPECT_EQ(refused<int>("2147483648"), "the number is out of range: \"2147483648\"");
  EXPECT_EQ(refused<unsigned>("-1"), "not a decimal integer: \"-1\"");
  for (const char* text : {"", " 1", "1 ", "+1", "1.5", "0x10", "one"})
    EXPECT_NE(refused<int>(text), "") << text;
  EXPECT_EQ(refused<double>("1,5"), "not a decimal number: \"1,5\"");
  EXPECT_EQ(refused<double>("1e400"), "the number is out of range: \"1e400\"");
}

TEST(json_codec, stores_declared_names) { EXPECT_EQ(stored_as(order{1}), R"({"Id":1})"); }

TEST(json_codec, stores_everything_that_is_described) {
  invoice full{
      {7}, {{"fig \"\\\n\x01 é", 0.5, 3}, {"", -1e30, {}}}, state::paid, {{"a", true}, {"b", false}}};
  const std::string text =
      R"({"Id":7,"items":[{"name":"fig \"\\\n\u0001 é","price":0.5,"count":3},{"name":"","price":-1e+30}],)"
      R"("now":"paid","flags":{"a":true,"b":false}})";
  EXPECT_EQ(stored_as(full), text);
  const decoded<invoice> again = json_codec<invoice>().decode(text);
  ASSERT_TRUE(again) << again.error().text;
  EXPECT_EQ(again->items[0].name, full.items[0].name);
  EXPECT_EQ(stored_as(*again), text);
  EXPECT_EQ(stored_as(std::vector<std::optional<int>>{1, {}}), "[1,null]");
}

TEST(json_codec, reads_what_others_write) {
  const decoded<order> spaced = json_codec<order>().decode(" { \"more\" : [1, {}], \"Id\" : 1.0 }\n");
  ASSERT_TRUE(spaced) << spaced.error().text;
  EXPECT_EQ(spaced->Id, 1);
  const decoded<item> without = json_codec<item>().decode(R"({"name":"","price":1,"count":null})");
  ASSERT_TRUE(without) << without.error().text;
  EXPECT_FALSE(without->count);
}

// As System.Text.Json, the serializer of nats.net, writes them.
TEST(json_codec, reads_enums_by_number_too) {
  const decoded<invoice> read = json_codec<invoice>().decode(R"({"Id":1,"items":[],"flags":{},"now":1})");
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->now, state::paid);
  EXPECT_EQ(json_codec<invoice>().encode(*read), R"({"Id":1,"items":[],"now":"paid","flags":{}})");
}

TEST(json_codec, names_the_place_of_what_it_cannot_read) {
  EXPECT_EQ(refused<order>(R"({"id":1})"), "Id: missing");
  EXPECT_EQ(refused<order>(R"({"Id":"1"})"), "Id: not a number");
  EXPECT_EQ(refused<order>(R"({"Id":1.5})"), "Id: not an integer");
  EXPECT_EQ(refused<order>(R"({"Id":3000000000})"), "Id: out of range");
  EXPECT_EQ(refused<order>(R"({"Id":1e300})"), "Id: out of range");
  EXPECT_EQ(refused<order>("[]"), "not an object");
  const auto with = [](std::string_view items, std::string_view now, std::string_view flags) {
    return refused<invoice>(R"({"Id":1,"items":)" + std::string(items) + R"(,"now":")" + std::string(now) +
                            R"(","flags":)" + std::string(flags) + "}");
  };
  EXPECT_EQ(with("[]", "open", "{}"), "");
  EXPECT_EQ(with(R"([{"name":"a","price":1},{"name":"b"}])", "open", "{}"), "items[1].price: missing");
  EXPECT_EQ(with(R"([{"name":"a","price":1,"count":256}])", "open", "{}"), "items[0].count: out of range");
  EXPECT_EQ(with("{}", "open", "{}"), "items: not an array");
  EXPECT_EQ(with("[]", "gone", "{}"), "now: not the name of an enumerator");
  const auto with_state = [](std::string_view now) {
    return refused<invoice>(R"({"Id":1,"items":[],"flags":{},"now":)" + std::string(now) + "}");
  };
  EXPECT_EQ(with_state("1"), "");
  EXPECT_EQ(with_state("2"), "now: not the number of an enumerator");
  EXPECT_EQ(with_state("0.5"), "now: neither the name nor the number of an enumerator");
  EXPECT_EQ(with_state("null"), "now: neither the name nor the number of an enumerator");
  EXPECT_EQ(with("[]", "open", R"({"a b":1})"), "flags[\"a b\"]: not a boolean");
}

TEST(json_codec, names_the_byte_of_what_is_no_json) {
  EXPECT_THAT(refused<order>("[1, nope]"), HasSubstr("no JSON at byte 4: "));
  EXPECT_THAT(refused<order>(R"({"Id":1} x)"), HasSubstr("no JSON at byte 9: "));
  EXPECT_THAT(refused<order>(""), HasSubstr("no JSON at byte 0: "));
  EXPECT_THAT(refused<order>("{\"Id\":1,\"\xff\":1}"), HasSubstr("no JSON at byte 9: "));
  EXPECT_THAT(refused<order>(std::string(1000, '[')), HasSubstr("no JSON at byte "));
}

TEST(json_codec, throws_for_what_json_lacks) {
  EXPECT_THROW(stored_as(item{"", std::numeric_limits<double>::quiet_NaN(), {}}), std::invalid_argument);
  EXPECT_THROW(stored_as(item{"\xff", 0, {}}), std::invalid_argument);
  EXPECT_THROW(stored_as(static_cast<state>(9)), std::invalid_argument);
}

// --- keys ---------------------------------------------------------------------------------------------------------------

using paths_in_base64 = key_codec_chain<path_key_codec, base64_key_codec>;

// The vectors of orbit.go's kvcodec.
TEST(key_codecs, agree_with_orbit) {
  const base64_key_codec base64;
  const std::string special = "test.key.with.special.chars!@#$%^&*()";
  EXPECT_EQ(base64.encode(special), "dGVzdA.a2V5.d2l0aA.c3BlY2lhbA.Y2hhcnMhQCMkJV4mKigp");
  EXPECT_EQ(*base64.decode(base64.encode(special)), special);
  EXPECT_EQ(base64.encode_filter("app.*.config.>"), "YXBw.*.Y29uZmln.>");
  const path_key_codec path;
  EXPECT_EQ(path.encode("/foo/bar"), "_root_.foo.bar");
  EXPECT_EQ(path.decode("_root_.foo.bar"), "/foo/bar");
  EXPECT_EQ(path.encode("foo/bar/"), "foo.bar");
  EXPECT_EQ(path.decode("foo.bar"), "foo/bar");
  EXPECT_EQ(path.encode("/"), "_root_");
  EXPECT_EQ(path.decode("_root_"), "/");
  EXPECT_EQ(path.encode_filter("/app/*/config/>"), "_root_.app.*.config.>");
}

TEST(key_codecs, take_any_text_in_base64) {
  const base64_key_codec base64;
  std::string bytes;
  for (int c = 0; c < 256; ++c) {
    if (c != '.') bytes += static_cast<char>(c);
    EXPECT_EQ(*base64.decode(base64.encode(bytes)), bytes) << c;
  }
  EXPECT_EQ(base64.encode("*"), "Kg") << "a key has no wildcards";
}

TEST(key_codecs, refuse_what_would_not_come_back) {
  for (const char* stored : {"a", "dGVzdA==", "dGVzdA.a+b_", "dGVzdB", "ä"})
    EXPECT_EQ(base64_key_codec().decode(stored).error().code, client_error::key_not_decoded) << stored;
  EXPECT_THROW(path_key_codec().encode("a.b/c"), std::invalid_argument);
  EXPECT_THROW(path_key_codec().encode("_root_/c"), std::invalid_argument);
}

TEST(key_codecs, are_chained) {
  const paths_in_base64 chain;
  EXPECT_EQ(paths_in_base64::name, "path+base64url");
  EXPECT_EQ(chain.encode("/user/a b"), "X3Jvb3Rf.dXNlcg.YSBi");
  EXPECT_EQ(*chain.decode("X3Jvb3Rf.dXNlcg.YSBi"), "/user/a b");
  EXPECT_EQ(chain.encode_filter("/user/*"), "X3Jvb3Rf.dXNlcg.*");
  EXPECT_EQ(chain.decode("a!").error().code, client_error::key_not_decoded);
}

TEST(codecs, without_state_cost_nothing) {
  EXPECT_EQ(sizeof(typed_bucket<order>), sizeof(bucket));
  EXPECT_EQ(sizeof(typed_bucket<order, json_codec<order>, paths_in_base64>), sizeof(bucket));
}

}  // namespace
}  // namespace kvco::test
