// The text of a resume token: what is written is read again, and nothing else is.
#include <gtest/gtest.h>

#include <kvco/resume_token.hpp>
#include <string>

namespace kvco {
namespace {

constexpr std::int64_t created = 1'767'225'600'000'000'001, newest = 1'767'225'700'000'000'000;

resume_token token_of(std::string_view bucket, revision rev) {
  return resume_token({.bucket = bucket, .rev = rev, .created_ns = created, .newest_ns = newest});
}

TEST(resume_token, is_read_from_its_text) {
  for (const resume_token& token :
       {token_of("ORDERS", 42), token_of("a", 0), token_of("-_0Z", 1), token_of(std::string(252, 'b'), 1)}) {
    const std::string text = to_string(token);
    const auto read = resume_token::parse(text);
    ASSERT_TRUE(read) << text;
    EXPECT_EQ(*read, token);
    EXPECT_TRUE(*read);
    EXPECT_EQ(read->bucket(), token.bucket());
    EXPECT_EQ(read->revision(), token.revision());
    EXPECT_EQ(read->fields().created_ns, created);
    EXPECT_EQ(read->fields().newest_ns, newest);
    EXPECT_EQ(read->bucket_created().time_since_epoch(), std::chrono::nanoseconds(created));
  }
}

// A text of an earlier version of kvco is read by each later one.
TEST(resume_token, has_a_text_that_stays) {
  const std::string text = "kvco1.ORDERS.1767225600000000001.42.1767225700000000000.1d20ab36";
  EXPECT_EQ(to_string(token_of("ORDERS", 42)), text);
}

TEST(resume_token, is_empty_of_no_text) {
  EXPECT_EQ(to_string(resume_token()), "");
  ASSERT_TRUE(resume_token::parse(""));
  EXPECT_FALSE(*resume_token::parse(""));
  EXPECT_EQ(*resume_token::parse(""), resume_token());
  EXPECT_NE(resume_token(), token_of("a", 0));
}

TEST(resume_token, is_not_read_from_a_text_that_was_damaged) {
  const std::string text = to_string(token_of("ORDERS", 42));
  for (std::size_t size = 1; size < text.size(); ++size) {
    EXPECT_FALSE(resume_token::parse(std::string_view(text).substr(0, size))) << size;
    EXPECT_FALSE(resume_token::parse(std::string_view(text).substr(size))) << size;
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    for (const char other : {'0', '9', 'a', '.', ' ', '\0', '\xff'}) {
      std::string changed = text;
      changed[i] = other;
      EXPECT_EQ(resume_token::parse(changed).has_value(), changed == text) << changed;
    }
    EXPECT_FALSE(resume_token::parse(std::string(text).insert(i, 1, '0'))) << i;
  }
  for (const char* more : {"\n", " ", "0", "."}) EXPECT_FALSE(resume_token::parse(text + more));
}

}  // namespace
}  // namespace kvco
