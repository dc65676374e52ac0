// .creds files and seed files are read, or refused without a look at what they hold:
// core/credentials_file.cpp.
#include <gtest/gtest.h>
#include <kvco/core/credentials_file.hpp>

#include <string>
#include <vector>

namespace kvco::core {
namespace {

constexpr std::string_view jwt = "eyJ0eXAiOiJKV1QifQ.eyJzdWIiOiJVRExWVkdBQiJ9.c2lnbmF0dXJl-_0";
constexpr std::string_view seed = "SUAJ2YNRTXX72WTAXKCEV5ES5QWMIRCJYVUXWMTJDFYDXLADDSXH6YALCA";
constexpr std::string_view public_key = "UDLVVGABQKYQVN6VJP7NHSLEA45A5YLS6PNKMIZFV4BBU2HXA5IRUVAL";

// As nsc writes it: five dashes in front of BEGIN, six in front of END, text between the blocks.
std::string file_of(std::string_view jwt_line = jwt, std::string_view seed_line = seed) {
  std::string text("-----BEGIN NATS USER JWT-----\n");
  text.append(jwt_line).append("\n------END NATS USER JWT------\n\n");
  text.append("************************* IMPORTANT *************************\n");
  text.append("NKEY Seed printed below can be used to sign and prove identity.\n\n");
  text.append("-----BEGIN USER NKEY SEED-----\n").append(seed_line);
  return text.append(
      "\n------END USER NKEY SEED------\n\n*************************************************************\n");
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != text.npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
  return text;
}

void expect_good(const std::string& text) {
  const parsed_credentials got = parse_credentials_file(text);
  ASSERT_FALSE(got.refused) << got.refused.detail << "\n" << text;
  EXPECT_EQ(got.value.jwt.view(), jwt);
  EXPECT_EQ(got.value.seed.view(), seed);
  EXPECT_EQ(got.value.key.public_key(), public_key);
}

TEST(credentials_file, is_read_as_the_tools_write_it) { expect_good(file_of()); }

// fault: 37
TEST(credentials_file, is_read_however_it_is_laid_out) {
  const std::string file = file_of();
  expect_good(replaced(file, "\n", "\r\n"));
  expect_good(replaced(replaced(file, "------", "---"), "-----", "---"));
  expect_good(replaced(file, "-----", "-------------------"));
  expect_good(replaced(file, "\n", "  \n\t"));
  expect_good(replaced(file, "JWT-----\n", "JWT-----\n\n"));
  expect_good("# a comment\n-------------\n" + file);
  const std::size_t half = file.find("-----BEGIN USER NKEY");
  expect_good(file.substr(half) + file.substr(0, half));
  expect_good(file.substr(0, file.find("SEED------") + 10));  // no line end behind it
  expect_good(replaced(file, "NATS USER JWT", "NATS ACCOUNT JWT"));
}

// fault: 37
TEST(credentials_file, is_refused_by_what_is_missing) {
  const std::string file = file_of();
  struct refused_case {
    std::string text, detail;
  };
  const std::string no_jwt = "the block NATS USER JWT has no JWT: three parts of base64url with dots between";
  const refused_case cases[] = {
      {"", "the block NATS USER JWT is missing"},
      {std::string(jwt), "the block NATS USER JWT is missing"},
      {std::string(seed), "the block NATS USER JWT is missing"},
      {file.substr(file.find("-----BEGIN USER")), "the block NATS USER JWT is missing"},
      {file.substr(0, file.find("-----BEGIN USER")), "the block USER NKEY SEED is missing"},
      {"-----BEGIN NATS USER JWT-----", "the block NATS USER JWT has no line that ENDs it"},
      {replaced(file, "------END NATS USER JWT------\n", ""),
       "the block NATS USER JWT has more than one line"},
      {"-----BEGIN NATS USER JWT-----\n" + file, "the block NATS USER JWT has no line that ENDs it"},
      {replaced(file, "--END USER NKEY SEED", ""), "the block USER NKEY SEED has more than one line"},
      {replaced(file, "------END USER NKEY SEED------", "--END--"),
       "the block USER NKEY SEED has more than one line"},
      {file_of(""), "the block NATS USER JWT is empty"},
      {file_of(jwt, " "), "the block USER NKEY SEED is empty"},
      {file_of("SECRET.SECRET"), no_jwt},
      {file_of("SECRET..SECRET"), no_jwt},
      {file_of("SEC RET.a.b"), no_jwt},
      {file_of("SEC\"RET.a.b"), no_jwt},
      {file_of("SECRET.a.b."), no_jwt},
      {file_of(jwt, "SECRET"), "the NKey seed has 6 characters instead of 58"},
      {file_of(jwt, public_key), "the NKey seed is the public key of a user, and not a seed (SU...)"},
      {file_of(seed, jwt), no_jwt},
  };
  for (const refused_case& c : cases) {
    const parsed_credentials got = parse_credentials_file(c.text);
    EXPECT_TRUE(got.refused) << c.text;
    EXPECT_EQ(got.refused.code, errc::invalid_argument);
    EXPECT_EQ(got.refused.detail, c.detail) << c.text;
    EXPECT_TRUE(got.value.jwt.empty() && got.value.seed.empty() && !got.value.key);
  }
}

// Cut short or with a byte changed, it is read or refused, and no refusal holds eight characters of a secret.
// fault: 37
TEST(credentials_file, never_shows_what_it_holds) {
  const std::string file = file_of();
  std::vector<std::string> pieces;
  for (const std::string_view secret : {jwt, seed}) {
    for (std::size_t i = 0; i + 8 <= secret.size(); ++i) pieces.emplace_back(secret.substr(i, 8));
  }
  const auto expect_silent = [&](const std::string& text) {
    const std::string got = parse_credentials_file(text).refused.detail;
    for (const std::string& piece : pieces) ASSERT_EQ(got.find(piece), std::string::npos) << got;
  };
  for (std::size_t i = 0; i < file.size(); ++i) {
    expect_silent(file.substr(0, i));
    expect_silent(file.substr(i));
    for (const char c : {' ', '\n', '-', '.', '\0', 'A', '\xff'}) {
      std::string text = file;
      text[i] = c;
      expect_silent(text);
    }
  }
}

TEST(seed_file, is_read_from_a_line_or_a_block) {
  const std::string line(seed);
  for (const std::string& text :
       {line, line + "\n", line + "\r\n", "\n\n  " + line + "\t\n", "# SUPER secret\n" + line + "\nSUFFIX\n",
        "Seed of the shop\n" + line, line + "\n" + std::string(public_key), file_of(),
        "-----BEGIN USER NKEY SEED-----\n" + line + "\n------END USER NKEY SEED------"}) {
    const parsed_credentials got = parse_seed_file(text);
    ASSERT_FALSE(got.refused) << got.refused.detail << "\n" << text;
    EXPECT_EQ(got.value.seed.view(), seed);
    EXPECT_EQ(got.value.key.public_key(), public_key);
    EXPECT_TRUE(got.value.jwt.empty());
  }
}

TEST(seed_file, is_refused_by_what_is_wrong) {
  struct refused_case {
    std::string text, detail;
  };
  const refused_case cases[] = {
      {"", "the text has no line with the seed of a user (SU...)"},
      {"hello\nworld\n", "the text has no line with the seed of a user (SU...)"},
      {std::string(jwt), "the text has no line with the seed of a user (SU...)"},
      {"SUSECRET", "the NKey seed has 8 characters instead of 58"},
      {std::string(public_key), "the NKey seed is the public key of a user, and not a seed (SU...)"},
      {"SAAJ2YNRTXX72WTAXKCEV5ES5QWMIRCJYVUXWMTJDFYDXLADDSXH6YHY3Q",
       "the NKey seed is that of an account (SA...), and not that of a user (SU...)"},
      {"-----BEGIN USER NKEY SEED-----\n", "the block USER NKEY SEED has no line that ENDs it"},
  };
  for (const refused_case& c : cases) {
    const parsed_credentials got = parse_seed_file(c.text);
    EXPECT_EQ(got.refused.detail, c.detail);
    EXPECT_EQ(got.refused.code, errc::invalid_argument);
    EXPECT_TRUE(got.value.seed.empty() && !got.value.key);
  }
}

TEST(jwt, has_three_parts) {
  EXPECT_TRUE(is_jwt("a.b.c"));
  EXPECT_TRUE(is_jwt(jwt));
  for (const std::string_view text :
       {"", ".", "..", "a.b", "a.b.", ".b.c", "a..c", "a.b.c.d", "a b.c.d", "a.b.c\n"}) {
    EXPECT_FALSE(is_jwt(text)) << text;
  }
}

}  // namespace
}  // namespace kvco::core
