// The ranges of settings: core/check_config.cpp.
#include <gtest/gtest.h>

#include <chrono>
#include <kvco/auth/credentials.hpp>
#include <kvco/config.hpp>
#include <kvco/core/check_config.hpp>
#include <memory>
#include <string>
#include <utility>

namespace kvco::core {
namespace {

using namespace std::chrono_literals;

struct setting_case {
  config settings;
  std::string_view detail;  // empty: accepted
};

void expect_checked(const setting_case& s) {
  const detail::refusal got = check_config(s.settings);
  EXPECT_EQ(got.detail, s.detail);
  EXPECT_EQ(static_cast<bool>(got), !s.detail.empty());
  if (got) {
    EXPECT_EQ(got.code, errc::invalid_argument);
  }
}

// fault: 64
TEST(settings, are_checked) {
  const config c;
  const std::string wide(129, 'd');
  const std::string seed = "SUAJ2YNRTXX72WTAXKCEV5ES5QWMIRCJYVUXWMTJDFYDXLADDSXH6YALCA";  // RFC 8032, 7.1
  const setting_case cases[] = {
      {c, ""},
      {config(c).timeout(1ns), ""},
      {config(c).timeout(0s), "timeout must be more than 0, not 0 ns"},
      {config(c).timeout(-1s), "timeout must be more than 0, not -1000000000 ns"},
      {config(c).connect_timeout(0s), "connect_timeout must be more than 0, not 0 ns"},
      {config(c).ping_interval(10ms), ""},
      {config(c).ping_interval(10ms - 1ns), "ping_interval must be at least 10 ms, not 9999999 ns"},
      {config(c).max_pings_outstanding(1), ""},
      {config(c).max_pings_outstanding(0), "max_pings_outstanding must be at least 1, not 0"},
      {config(c).reconnect([](auto& r) { r.initial_delay(1ms).max_delay(1ms); }), ""},
      {config(c).reconnect([](auto& r) { r.initial_delay(0s); }),
       "reconnect.initial_delay must be more than 0, not 0 ns"},
      {config(c).reconnect([](auto& r) { r.initial_delay(2ns).max_delay(1ns); }),
       "reconnect.max_delay must be at least initial_delay, not 1 ns"},
      {config(c).inbox_prefix("_INBOX.app"), ""},
      {config(c).inbox_prefix(""),
       "inbox_prefix must be a subject without wildcards of at most 128 bytes, not \"\""},
      {config(c).domain("hub"), ""},
      {config(c).domain("a.b"), "domain must be one token of a subject of at most 128 bytes, not \"a.b\""},
      {config(c).api_prefix("FROM.HUB"), ""},
      {config(c).api_prefix("$JS.API."), ""},
      {config(c).api_prefix("."),
       "api_prefix must be a subject without wildcards of at most 128 bytes, not \".\""},
      {config(c).domain("hub").api_prefix("FROM.HUB"), "domain and api_prefix are both set"},
      {config(c).name("my app").user("u", "p w"), ""},
      {config(c).token("\xc3\xa4"), ""},
      {config(c).nkey_seed(seed), ""},
      {config(c).nkey_seed_file("~/a.nk"), ""},
      {config(c).credentials_file("a.creds"), ""},
      {config(c).jwt("a.b.c", seed), ""},
      {config(c).jwt("a.b.c", ""), ""},
      {config(c).name("a\nb"), "name must not contain control characters"},
      {config(c).user("a\rb", ""), "user must not contain control characters"},
      {config(c).user("u", "SECRET\n"), "password must not contain control characters"},
      {config(c).token("SECRET\x7f"), "token must not contain control characters"},
      {config(c).nkey_seed("SECRET"), "nkey_seed: the NKey seed has 6 characters instead of 58"},
      {config(c).jwt("a.b.c", "SECRET"), "jwt: the NKey seed has 6 characters instead of 58"},
      {config(c).jwt("", seed), "jwt must be three parts of base64url with dots between"},
      {config(c).jwt("SECRET", seed), "jwt must be three parts of base64url with dots between"},
      {config(c).nkey_seed_file("a\nb"), "nkey_seed_file must not contain control characters"},
      {config(c).credentials_file("a\nb"), "credentials_file must not contain control characters"},
      {config(c).max_payload(1048576), ""},
      {config(c).max_payload(1048575), "max_payload must be at least 1048576, not 1048575 bytes"},
      {config(c).max_discovered_servers(0), ""},
      {config(c).reconnect([](auto& r) { r.retry_refused_credentials(0s); }), ""},
      {config(c).reconnect([](auto& r) { r.retry_refused_credentials(-1ns); }),
       "reconnect.retry_refused_credentials must not be negative, not -1 ns"},
      {config(c).write_buffer(4096), ""},
      {config(c).write_buffer(4095), "write_buffer must be at least 4096, not 4095 bytes"},
  };
  for (const setting_case& s : cases) expect_checked(s);
  for (const char* subject : {".a", "a.", "a..b", "a b", "a\r\nb", "*", "a.>", "a*"}) {
    EXPECT_TRUE(check_config(config(c).inbox_prefix(subject))) << subject;
    EXPECT_TRUE(check_config(config(c).domain(subject))) << subject;
    if (subject == std::string_view("a.")) continue;
    EXPECT_TRUE(check_config(config(c).api_prefix(subject))) << subject;
  }
  EXPECT_TRUE(check_config(config(c).inbox_prefix(wide)) && check_config(config(c).domain(wide)));
  EXPECT_TRUE(check_config(config(c).api_prefix(wide)));
}

// fault: 64
// contract: 9
TEST(settings, of_tls_are_checked) {
  using tls = config::tls_settings;
  struct row {
    void (*set)(tls&);
    std::string_view detail;
  };
  const row rows[] = {
      {[](tls& t) { t.ca_file("a").certificate_files("b", "c").server_name("d").verify(false); }, ""},
      {[](tls& t) { t.ca_pem("a\n").certificate_pem("b\n", "c\n"); }, ""},
      {[](tls& t) { t.ca_pem("a\n").certificate_files("b", "c"); }, ""},
      {[](tls& t) { t.ca_file("a\nb"); }, "tls.ca_file must not contain control characters"},
      {[](tls& t) { t.certificate_files("a\nb", "c"); },
       "tls.certificate_files' certificate must not contain control characters"},
      {[](tls& t) { t.certificate_files("a", "b\n"); },
       "tls.certificate_files' key must not contain control characters"},
      {[](tls& t) { t.server_name("a\nb"); }, "tls.server_name must not contain control characters"},
      {[](tls& t) { t.certificate_files("a", ""); },
       "tls.certificate_files must have both a certificate and a key"},
      {[](tls& t) { t.certificate_files("", "b"); },
       "tls.certificate_files must have both a certificate and a key"},
      {[](tls& t) { t.certificate_pem("a", ""); },
       "tls.certificate_pem must have both a certificate and a key"},
      {[](tls& t) { t.certificate_pem("", "SECRET"); },
       "tls.certificate_pem must have both a certificate and a key"},
  };
  for (const row& r : rows) expect_checked({config().tls(r.set), r.detail});
}

/// What a boost::asio::ssl::context has, for settings that only look whether there is one.
struct any_tls_context {
  ssl_ctx_st* native_handle() { return reinterpret_cast<ssl_ctx_st*>(this); }
};

// fault: 64
// contract: 9
TEST(settings, of_tls_have_one_source) {
  using tls = config::tls_settings;
  struct source {
    std::string_view name;
    void (*set)(tls&);
  };
  const source ca_file{"tls.ca_file", [](tls&t) { t.ca_file("a"); }},
      ca_pem{"tls.ca_pem", [](tls&t) { t.ca_pem("a"); }},
      files{"tls.certificate_files", [](tls&t) { t.certificate_files("a", "b"); }},
      pem{"tls.certificate_pem", [](tls&t) { t.certificate_pem("a", "SECRET"); }},
      context{"tls.context", [](tls&t) { t.context(std::make_shared<any_tls_context>()); }};
  const std::pair<source, source> rivals[] = {{ca_file, ca_pem}, {files, pem},     {context, ca_file},
                                              {context, ca_pem}, {context, files}, {context, pem}};
  for (const auto& [one, other] : rivals) {
    config settings;
    settings.tls(one.set).tls(other.set);
    const detail::refusal got = check_config(settings);
    EXPECT_EQ(got.code, client_error::options_conflict);
    EXPECT_EQ(got.detail, std::string(one.name) + " and " + std::string(other.name) + " are both set");
  }
}

// fault: 64
// contract: 9
TEST(settings, of_websockets_are_checked) {
  struct row {
    std::string field, value;
    std::string_view detail;
  };
  const row rows[] = {
      {"X-Tenant", "a shop\xc3\xa9", ""},
      {"X Tenant", "a", "websocket.header's field must be a token of HTTP, not \"X Tenant\""},
      {"", "a", "websocket.header's field must be a token of HTTP, not \"\""},
      {"X", "a\r\nY: b", "websocket.header X must not contain control characters"},
      {"Authorization", "Bearer SECRET\n",
       "websocket.header Authorization must not contain control characters"},
      {"X", std::string(8191, 'a'), ""},
      {"X", std::string(8192, 'a'), "websocket.header \"X\" must have at most 8192 bytes"},
  };
  for (const row& r : rows) {
    config settings;
    settings.websocket().header(r.field, r.value);
    expect_checked({settings, r.detail});
  }
}

// Every two kinds of credentials are one too many.
TEST(settings, take_one_kind_of_credentials) {
  struct kind {
    std::string_view name;
    void (*set)(config&);
  };
  const kind kinds[] = {{"user", [](config& c) { c.user("SECRET", ""); }},
                        {"token", [](config& c) { c.token("SECRET"); }},
                        {"nkey_seed_file", [](config& c) { c.nkey_seed_file("SECRET"); }},
                        {"nkey_seed", [](config& c) { c.nkey_seed("SECRET"); }},
                        {"credentials_file", [](config& c) { c.credentials_file("SECRET"); }},
                        {"jwt", [](config& c) { c.jwt("SECRET", ""); }},
                        {"credentials", [](config& c) {
                           c.credentials([](credentials_request) -> boost::asio::awaitable<credentials> {
                             co_return credentials();
                           });
                         }}};
  for (const kind& a : kinds) {
    for (const kind& b : kinds) {
      if (&a >= &b) continue;
      config both;
      a.set(both);
      b.set(both);
      const detail::refusal got = check_config(both);
      EXPECT_EQ(got.code, client_error::options_conflict);
      EXPECT_EQ(got.detail, std::string(a.name) + " and " + std::string(b.name) +
                                " are both set: one kind of credentials may be");
    }
  }
}

}  // namespace
}  // namespace kvco::core
