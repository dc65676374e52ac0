// The texts of -ERR, as servers of three generations say them, and some that nobody says: core/error_line.cpp.
#include <gtest/gtest.h>
#include <kvco/core/error_line.hpp>

namespace kvco::core {
namespace {

using about = error_line::about;

TEST(error_line, what_it_is_about) {
  struct {
    std::string_view text;
    about what;
    std::string_view subject = {};
    std::uint64_t sid = 0;
  } const table[] = {
      {"Authorization Violation", about::login},
      {"authorization violation", about::login},
      {"Authentication Timeout", about::late_login},
      {"User Authentication Expired", about::login},
      {"User Authentication Revoked", about::login},
      {"Account Authentication Expired", about::login},
      {"Stale Connection", about::silence},
      {"Maximum Payload Violation", about::input},
      {"Maximum Control Line Exceeded", about::input},
      {"maximum control line exceeded", about::input},
      {"maximum connections exceeded", about::connection},
      {"maximum account active connections exceeded", about::connection},
      {"Secure Connection - TLS Required", about::connection},
      {"Slow Consumer", about::connection},
      {"Server Shutdown", about::connection},
      {"Unknown Protocol Operation", about::unknown},
      {"Parser Error", about::unknown},
      {"something that no server says", about::unknown},
      {"", about::unknown},
      {"Maximum Subscriptions Exceeded", about::some_subscription},
      {"maximum subscriptions exceeded", about::some_subscription},
      {"Invalid Subject", about::some_subscription},
      {R"(Permissions Violation for Publish to "$KV.b.k")", about::publish, "$KV.b.k"},
      {R"(permissions violation for publish to "x")", about::publish, "x"},
      {R"(Permissions Violation for Publish to "$KV.b.stale connection")", about::publish,
       "$KV.b.stale connection"},
      {R"(Permissions Violation for Publish to "x\"y\\z")", about::publish, R"(x"y\z)"},
      {R"(Permissions Violation for Publish to "q.é")", about::publish, "q.é"},
      {R"(Permissions Violation for Publish to "q.\u200b")", about::publish, "q.\xe2\x80\x8b"},
      {R"(Permissions Violation for Publish with Reply of "_R_.x")", about::reply, "_R_.x"},
      {R"(Permissions Violation for Subscription to "_INBOX.>")", about::subscription, "_INBOX.>"},
      {R"(Permissions Violation for Subscription to "x" using queue "q")", about::subscription, "x"},
      {R"(Permissions Violation for Subscription to "x" (sid "7"))", about::subscription, "x", 7},
      {R"(Permissions Violation for Subscription to "x" using queue "q" (sid "18"))", about::subscription,
       "x", 18},
      {R"(Permissions Violation for Subscription to "x" (sid "a"))", about::subscription, "x"},
      {R"(Permissions Violation for Subscription to "x" (sid "99999999999999999999"))", about::subscription,
       "x"},
      {"Permissions Violation", about::nothing},
      {"Permissions Violation for Publish to ", about::nothing},
      {R"(Permissions Violation for Publish to ")", about::nothing},
      {R"(Permissions Violation for Publish to "x\")", about::nothing},
      {R"(Permissions Violation for Publish to "\q")", about::nothing},
      {R"(Permissions Violation for Publish to "")", about::publish},
  };
  for (const auto& [text, what, subject, sid] : table) {
    const error_line line = parse_error_line(text);
    EXPECT_EQ(static_cast<int>(line.what), static_cast<int>(what)) << text;
    EXPECT_EQ(line.subject, subject) << text;
    EXPECT_EQ(line.sid, sid) << text;
    EXPECT_EQ(line.is_too_large, text.starts_with("Maximum Payload")) << text;
  }
}

}  // namespace
}  // namespace kvco::core
