// The rules of keys, filters and bucket names: jetstream/keys.cpp.
#include <gtest/gtest.h>

#include <kvco/jetstream/keys.hpp>
#include <kvco/jetstream/subjects.hpp>
#include <string>

namespace kvco::jetstream {
namespace {

using enum client_error;

constexpr std::string_view key_bytes = "-/_=abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

struct name_case {
  std::string input;
  error_code expected;  // none: accepted
};

error_code ok() { return {}; }

TEST(keys, follow_the_rules) {
  const name_case cases[] = {
      {"a", ok()},
      {"order-1", ok()},
      {"a.b.c", ok()},
      {"=/_-", ok()},
      {"a/b=c.D_9-", ok()},
      {"_kv", ok()},  // ADR-6 reserves it; no client refuses it
      {"", key_empty},
      {".", key_starts_with_dot},
      {".a", key_starts_with_dot},
      {"a.", key_ends_with_dot},
      {"..", key_starts_with_dot},
      {"a..b", key_has_empty_token},
      {"*", key_has_wildcard},
      {">", key_has_wildcard},
      {"a.*", key_has_wildcard},
      {"a>", key_has_wildcard},
      {"a b", key_has_invalid_character},
      {"a\tb", key_has_invalid_character},
      {"a\n", key_has_invalid_character},  // a Python regex with $ lets this one pass
      {"k v1 5\r\nPUB $KV.b.x 1\r\nx", key_has_invalid_character},
      {std::string("a\0b", 3), key_has_invalid_character},
      {"$KV", key_has_invalid_character},
      {"a\\b", key_has_invalid_character},  // nats.c lets this one pass
      {"k\xc3\xa4se", key_has_invalid_character},
      {"a * b", key_has_invalid_character},
      {std::string(max_key_size, 'k'), ok()},
      {std::string(max_key_size + 1, 'k'), key_too_long},
      {std::string(1 << 20, '\n'), key_too_long},
  };
  for (const name_case& c : cases) {
    EXPECT_EQ(check_key(c.input).code, c.expected) << testing::PrintToString(c.input);
    EXPECT_EQ(is_valid_key(c.input), !c.expected) << testing::PrintToString(c.input);
  }
}

// fault: 64
TEST(keys, every_byte_is_judged_alike_at_every_place) {
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    const bool allowed = key_bytes.find(c) != key_bytes.npos;
    for (const char* around : {"?bc", "a?c", "ab?"}) {
      std::string key = around;
      key[key.find('?')] = c;
      const bool inside_dot = c == '.' && key[1] == '.';
      EXPECT_EQ(is_valid_key(key), allowed || inside_dot) << byte << " in " << around;
      EXPECT_EQ(!check_key(key), allowed || inside_dot) << byte << " in " << around;
    }
  }
}

TEST(keys, is_valid_key_and_check_key_agree_on_all_short_texts) {
  const std::string alphabet = "a.*> ";
  std::vector<std::string> texts{""};
  for (std::size_t i = 0; i < texts.size() && texts[i].size() < 5; ++i) {
    for (char c : alphabet) texts.push_back(texts[i] + c);
  }
  for (const std::string& text : texts) EXPECT_EQ(is_valid_key(text), !check_key(text)) << text;
}

TEST(keys, a_refusal_names_the_input_printably_and_shortened) {
  EXPECT_EQ(check_key("a b").detail, "key \"a b\" has \" \" at byte 1");
  EXPECT_EQ(check_key("a\r\nb").detail, R"(key "a\r\nb" has "\r" at byte 1)");
  EXPECT_EQ(check_key("\xff").detail, R"(key "\xff" has "\xff" at byte 0)");
  EXPECT_EQ(check_key("a..b").detail, "key \"a..b\" has \".\" at byte 1");
  EXPECT_EQ(check_key("x.*").detail, "key \"x.*\" has \"*\" at byte 2");
  EXPECT_EQ(check_key("").detail, "key \"\"");
  EXPECT_EQ(check_filter("a*").detail, "filter \"a*\" has \"*\" at byte 1");
  EXPECT_EQ(check_bucket_name("a.b").detail, "bucket name \"a.b\" has \".\" at byte 1");
  const std::string longer = check_key(std::string(5000, 'x')).detail;
  EXPECT_LT(longer.size(), 120u);
  EXPECT_TRUE(longer.ends_with("\"... (5000 bytes)")) << longer;
  EXPECT_EQ(check_key("fine").detail, "");
}

TEST(keys, refusals_mean_invalid_key) {
  for (const char* key : {"", ".a", "a.", "a..b", "a b", "*"}) {
    EXPECT_EQ(check_key(key).code, errc::invalid_key) << key;
  }
  EXPECT_EQ(check_key(std::string(5000, 'k')).code, errc::invalid_key);
}

// What others store follows the rules of NATS subjects, not those of ADR-8.
TEST(readable_keys, are_what_a_subject_can_be_and_a_request_can_name) {
  const name_case cases[] = {
      {"a~b", ok()},
      {"a:b.c", ok()},
      {"k\xc3\xa4se", ok()},
      {"\xf0\x9f\x8d\x89", ok()},
      {"\xf4\x8f\xbf\xbf", ok()},
      {"a\"\\b", ok()},
      {"a*b.c>", ok()},
      {"**", ok()},
      {std::string("\0\x01", 2), ok()},
      {std::string(max_key_size, '~'), ok()},
      {"", key_empty},
      {".~", key_starts_with_dot},
      {"~.", key_ends_with_dot},
      {"~..~", key_has_empty_token},
      {"*", key_has_wildcard},
      {"~.>", key_has_wildcard},
      {"*.~", key_has_wildcard},
      {"~ ~", key_has_invalid_character},
      {"~\t", key_has_invalid_character},
      {"~\r\nPUB x 0", key_has_invalid_character},
      {"~\n", key_has_invalid_character},
      {"\xff", key_has_invalid_character},
      {"\xc3", key_has_invalid_character},
      {"\x80", key_has_invalid_character},
      {"\xc0\xaf", key_has_invalid_character},  // overlong
      {"\xe0\x9f\xbf", key_has_invalid_character},
      {"\xf0\x8f\xbf\xbf", key_has_invalid_character},
      {"\xed\xa0\x80", key_has_invalid_character},      // a surrogate
      {"\xf4\x90\x80\x80", key_has_invalid_character},  // beyond Unicode
      {"\xe2\x82", key_has_invalid_character},
      {std::string(max_key_size + 1, '~'), key_too_long},
  };
  for (const name_case& c : cases) {
    EXPECT_EQ(check_readable_key(c.input).code, c.expected) << testing::PrintToString(c.input);
    EXPECT_EQ(is_readable_key(c.input), !c.expected) << testing::PrintToString(c.input);
  }
}

TEST(filters, follow_the_rules) {
  const name_case cases[] = {
      {"a", ok()},
      {">", ok()},
      {"*", ok()},
      {"*.*.>", ok()},
      {"a.*.c.>", ok()},
      {"order.>", ok()},
      {"", filter_empty},
      {".", filter_has_empty_token},
      {".a", filter_has_empty_token},
      {"a.", filter_has_empty_token},
      {"a..>", filter_has_empty_token},
      {"a*b", filter_wildcard_not_alone},
      {"a>", filter_wildcard_not_alone},
      {"**", filter_wildcard_not_alone},
      {">>", filter_wildcard_not_alone},
      {"*>", filter_wildcard_not_alone},
      {"a.b*.c", filter_wildcard_not_alone},
      {">.a", filter_tail_wildcard_not_last},
      {"a.>.b", filter_tail_wildcard_not_last},
      {"a b", filter_has_invalid_character},
      {"a\r\n", filter_has_invalid_character},
      {"a\tb", filter_has_invalid_character},
      {"\xff.>", filter_has_invalid_character},
      {"$KV.b.>", ok()},  // what others have stored is watched, too
      {"k\xc3\xa4se.*", ok()},
      {std::string(max_key_size, 'f'), ok()},
      {std::string(max_key_size + 1, 'f'), filter_too_long},
  };
  for (const name_case& c : cases) {
    const refusal got = check_filter(c.input);
    EXPECT_EQ(got.code, c.expected) << testing::PrintToString(c.input);
    if (got) {
      EXPECT_EQ(got.code, errc::invalid_filter) << c.input;
    }
  }
}

TEST(filters, every_key_is_a_filter) {
  for (const char* key : {"a", "a.b", "-/_=", "A.9"}) EXPECT_FALSE(check_filter(key)) << key;
}

TEST(bucket_names, follow_the_rules) {
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    const bool allowed = key_bytes.find(c) != key_bytes.npos && c != '/' && c != '=';
    EXPECT_EQ(!check_bucket_name(std::string("b") + c), allowed) << byte;
  }
  const name_case cases[] = {
      {"b", ok()},
      {"SHOP_ORDERS-2", ok()},
      {"", bucket_name_empty},
      {"a.b", bucket_name_has_invalid_character},
      {"b\n", bucket_name_has_invalid_character},
      {"*", bucket_name_has_invalid_character},
      {std::string(252, 'b'), ok()},
      {std::string(253, 'b'), bucket_name_too_long},
  };
  for (const name_case& c : cases) {
    const refusal got = check_bucket_name(c.input);
    EXPECT_EQ(got.code, c.expected) << testing::PrintToString(c.input);
    if (got) {
      EXPECT_EQ(got.code, errc::invalid_bucket_name);
    }
  }
}

// The server closes the connection on a control line over 4096 bytes, and the parser takes no longer one.
// fault: 64
TEST(keys, the_longest_key_fits_every_control_line) {
  const std::string bucket(252, 'b'), key(max_key_size, 'k'), domain(128, 'd'), token(22, 't');
  ASSERT_FALSE(check_bucket_name(bucket) || check_key(key));
  const std::string stream = stream_name(bucket), subject = key_prefix(bucket) + key;
  const std::string inbox = std::string(128, 'i') + "." + token + "." + token;
  const std::string number = "18446744073709551615";
  const api_subjects api(domain);

  const std::string write = "HPUB " + api.write_prefix() + subject + " " + inbox + " 1048576 1048576";
  const std::string read = "HPUB " + api.direct_get_last(stream, subject) + " " + inbox + " 99 99";
  const std::string watch = "PUB " + api.consumer_create(stream, token, subject) + " " + inbox + " 10000";
  std::string ack = "$JS.ACK." + domain + ".acchash8." + stream + "." + token;
  for (int i = 0; i < 5; ++i) ack += "." + number;
  const std::string delivery = "HMSG " + subject + " " + number + " " + ack + " 1048576 1048576";
  for (const std::string& line : {write, read, watch, delivery}) {
    EXPECT_LE(line.size(), 4096u) << line.substr(0, 60);
  }
}

}  // namespace
}  // namespace kvco::jetstream
