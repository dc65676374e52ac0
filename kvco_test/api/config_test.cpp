// Settings: their URLs and ranges (core/server_url.cpp, core/check_config.cpp) and their setters (config.hpp).
#include <gtest/gtest.h>

#include <chrono>
#include <kvco/config.hpp>
#include <kvco/core/check_config.hpp>
#include <kvco/core/server_url.hpp>
#include <kvco/credentials.hpp>
#include <string>

namespace kvco::core {
namespace {

using namespace std::chrono_literals;

struct url_case {
  std::string_view url, host;
  std::uint16_t port;
  std::string_view user, password, token;
};

TEST(server_urls, are_read) {
  const url_case cases[] = {
      {"nats://127.0.0.1:4222", "127.0.0.1", 4222, "", "", ""},
      {"localhost", "localhost", 4222, "", "", ""},
      {"localhost:14222", "localhost", 14222, "", "", ""},
      {"nats://a_b-c.example.org", "a_b-c.example.org", 4222, "", "", ""},
      {"NATS://Host:1", "Host", 1, "", "", ""},
      {"  nats://h:65535\t", "h", 65535, "", "", ""},
      {"nats://h/", "h", 4222, "", "", ""},
      {"nats://[::1]", "::1", 4222, "", "", ""},
      {"[fe80::1%eth0]:4333", "fe80::1%eth0", 4333, "", "", ""},
      {"nats://user:secret@h", "h", 4222, "user", "secret", ""},
      {"user:secret@h:4333", "h", 4333, "user", "secret", ""},
      {"nats://user:@h", "h", 4222, "user", "", ""},
      {"nats://tok-en@h", "h", 4222, "", "", "tok-en"},
      {"nats://u%40x:p%3A%2f%25%2C@[::1]:5", "::1", 5, "u@x", "p:/%,", ""},
      {"nats://u:a:b@c@h", "h", 4222, "u", "a:b@c", ""},
      {"u:p://q@h", "h", 4222, "u", "p://q", ""},
      {"nats://%c3%a4@h", "h", 4222, "", "", "\xc3\xa4"},
  };
  for (const url_case& c : cases) {
    const parsed_urls got = parse_server_urls(c.url);
    ASSERT_EQ(got.servers.size(), 1u) << c.url << ": " << got.refused.detail;
    EXPECT_FALSE(got.refused);
    EXPECT_EQ(got.servers[0].host, c.host) << c.url;
    EXPECT_EQ(got.servers[0].port, c.port) << c.url;
    EXPECT_EQ(got.servers[0].user, c.user) << c.url;
    EXPECT_EQ(got.servers[0].password, c.password) << c.url;
    EXPECT_EQ(got.servers[0].token, c.token) << c.url;
  }
}

TEST(server_urls, are_read_as_a_list_in_their_order) {
  const parsed_urls got = parse_server_urls("nats://u:p@a:1, b ,nats://[::1]:3");
  ASSERT_EQ(got.servers.size(), 3u) << got.refused.detail;
  EXPECT_EQ(got.servers[0].host, "a");
  EXPECT_EQ(got.servers[0].user, "u");
  EXPECT_EQ(got.servers[1].host, "b");
  EXPECT_EQ(got.servers[1].port, 4222);
  EXPECT_EQ(got.servers[1].user, "");
  EXPECT_EQ(got.servers[2].port, 3);
}

TEST(server_urls, have_a_scheme_with_its_port_and_path) {
  const parsed_urls got = parse_server_urls("TLS://h, ws://h, wss://u:p@h/nats?x=@y, ws://[::1]:8080/");
  ASSERT_FALSE(got.refused) << got.refused.detail;
  ASSERT_EQ(got.servers.size(), 4u);
  EXPECT_TRUE(got.servers[0].secure() && !got.servers[0].websocket());
  EXPECT_EQ(got.servers[0].port, 4222);
  EXPECT_TRUE(got.servers[1].websocket() && !got.servers[1].secure());
  EXPECT_EQ(got.servers[1].port, 80);
  EXPECT_EQ(got.servers[1].path, "/");
  EXPECT_TRUE(got.servers[2].websocket() && got.servers[2].secure());
  EXPECT_EQ(got.servers[2].port, 443);
  EXPECT_EQ(got.servers[2].path, "/nats?x=@y");
  EXPECT_EQ(got.servers[2].password, "p");
  EXPECT_EQ(got.servers[3].host, "::1");
  EXPECT_EQ(got.servers[3].port, 8080);
}

struct refusal_case {
  std::string_view urls;
  client_error code;
  std::string_view detail;
};

TEST(server_urls, are_refused_with_a_reason) {
  using enum client_error;
  constexpr std::string_view no_host = "has no host, or a malformed one";
  constexpr std::string_view bad_port = "has a port that is no number from 1 to 65535";
  constexpr std::string_view colons = "has several colons in its host: an IPv6 address stands in brackets";
  constexpr std::string_view credentials = "has malformed credentials before the '@'";
  constexpr std::string_view path = "has a path with characters that a URL may not have";
  constexpr std::string_view scheme = "has a scheme that is none of nats, tls, ws and wss";
  const refusal_case cases[] = {
      {"", url_malformed, no_host},
      {"nats://", url_malformed, no_host},
      {"a,", url_malformed, no_host},
      {",a", url_malformed, no_host},
      {"a b", url_malformed, no_host},
      {"a\r\nPUB", url_malformed, no_host},
      {"h/path", url_malformed, no_host},
      {"h?x=1", url_malformed, no_host},
      {"[::1", url_malformed, no_host},
      {"[]", url_malformed, no_host},
      {"[::1 ]", url_malformed, no_host},
      {"u:p@", url_malformed, no_host},
      {":4222", url_malformed, no_host},
      {"::1", url_malformed, colons},
      {"fe80::1:4222", url_malformed, colons},
      {"h:", url_malformed, bad_port},
      {"h:0", url_malformed, bad_port},
      {"h:65536", url_malformed, bad_port},
      {"h:-1", url_malformed, bad_port},
      {"h:42x", url_malformed, bad_port},
      {"[::1]4222", url_malformed, bad_port},
      {"[::1]:", url_malformed, bad_port},
      {"@h", url_malformed, credentials},
      {":p@h", url_malformed, credentials},
      {"u:%@h", url_malformed, credentials},
      {"u:%4@h", url_malformed, credentials},
      {"u:%zz@h", url_malformed, credentials},
      {"u:%0d%0a@h", url_malformed, credentials},
      {"tls://h/path", url_malformed, no_host},
      {"ws://h/a b", url_malformed, path},
      {"wss://h/a#b", url_malformed, path},
      {"ws://h:x/path", url_malformed, bad_port},
      {"http://h", url_scheme_unsupported, scheme},
      {"://h", url_scheme_unsupported, scheme},
  };
  for (const refusal_case& c : cases) {
    const parsed_urls got = parse_server_urls(c.urls);
    EXPECT_EQ(got.refused.code, c.code) << c.urls;
    EXPECT_EQ(got.refused.code, errc::invalid_url) << c.urls;
    EXPECT_TRUE(got.refused.detail.ends_with(c.detail)) << c.urls << ": " << got.refused.detail;
    EXPECT_TRUE(got.servers.empty()) << c.urls;
  }
  EXPECT_FALSE(parse_server_urls(std::string(253, 'h')).refused);
  EXPECT_TRUE(parse_server_urls(std::string(254, 'h')).refused);
}

TEST(server_urls, are_named_in_a_refusal_without_credentials) {
  EXPECT_EQ(parse_server_urls("a,http://b:1,c").refused.detail,
            "server 2 (\"http://b\") has a scheme that is none of nats, tls, ws and wss");
  EXPECT_EQ(parse_server_urls("nats://u:p@h:99999").refused.detail,
            "server 1 (\"h\") has a port that is no number from 1 to 65535");
  EXPECT_EQ(parse_server_urls("x y,u:p@h").refused.detail, "server 1 has no host, or a malformed one");
  EXPECT_EQ(parse_server_urls("nats://user:secret").refused.detail,  // "@host" was forgotten
            "server 1 (\"nats://user\") has a port that is no number from 1 to 65535");
}

// Whatever stands in a password or token, and whatever is wrong behind it.
TEST(server_urls, never_show_a_secret) {
  const std::string before[] = {"nats://user:", "user:", "nats://", "", "a,nats://user:", "tls://u:"};
  const std::string after[] = {"@h", "@h:x", "@", "@h,http://b", "@h, b c", "@[::1"};
  for (const std::string& head : before) {
    for (const std::string& tail : after) {
      for (int byte = 0; byte < 256; ++byte) {
        for (const std::string& middle :
             {std::string(1, static_cast<char>(byte)), std::string("%") + static_cast<char>(byte),
              "://" + std::string(1, static_cast<char>(byte)), std::string(",@") + static_cast<char>(byte)}) {
          const parsed_urls got = parse_server_urls(head + "SEC" + middle + "RET" + tail);
          EXPECT_EQ(got.refused.detail.find("SEC"), std::string::npos) << got.refused.detail;
          EXPECT_EQ(got.refused.detail.find("RET"), std::string::npos) << got.refused.detail;
          EXPECT_EQ(got.refused.detail.find("sec"), std::string::npos) << got.refused.detail;
        }
      }
    }
  }
}

struct setting_case {
  config settings;
  std::string_view detail;  // empty: accepted
};

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
      {config(c).max_pings_out(1), ""},
      {config(c).max_pings_out(0), "max_pings_out must be at least 1, not 0"},
      {config(c).reconnect_delay(1ms, 1ms), ""},
      {config(c).reconnect_delay(0s, 1s), "the first reconnect_delay must be more than 0, not 0 ns"},
      {config(c).reconnect_delay(2ns, 1ns), "the most reconnect_delay must be at least the first, not 1 ns"},
      {config(c).inbox_prefix("_INBOX.app"), ""},
      {config(c).inbox_prefix(""),
       "inbox_prefix must be a subject without wildcards of at most 128 bytes, not \"\""},
      {config(c).domain("hub"), ""},
      {config(c).domain("a.b"), "domain must be one token of a subject of at most 128 bytes, not \"a.b\""},
      {config(c).name("my app").user("u", "p w"), ""},
      {config(c).token("\xc3\xa4"), ""},
      {config(c).nkey_seed(seed), ""},
      {config(c).nkey_seed_file("~/a.nk"), ""},
      {config(c).credentials_file("a.creds"), ""},
      {config(c).jwt("a.b.c", seed), ""},
      {config(c).jwt("a.b.c", ""), ""},
      {config(c).tls_ca_file("a").tls_certificate("b", "c").tls_server_name("d").tls_verify(false), ""},
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
      {config(c).tls_ca_file("a\nb"), "tls_ca_file must not contain control characters"},
      {config(c).tls_certificate("a\nb", "c"),
       "tls_certificate's cert_file must not contain control characters"},
      {config(c).tls_certificate("a", "b\n"),
       "tls_certificate's key_file must not contain control characters"},
      {config(c).tls_server_name("a\nb"), "tls_server_name must not contain control characters"},
      {config(c).tls_certificate("a", ""), "tls_certificate must have both a cert_file and a key_file"},
      {config(c).tls_certificate("", "b"), "tls_certificate must have both a cert_file and a key_file"},
      {config(c).websocket_header("X-Tenant", "a shop\xc3\xa9"), ""},
      {config(c).websocket_header("X Tenant", "a"),
       "websocket_header's field must be a token of HTTP, not \"X Tenant\""},
      {config(c).websocket_header("", "a"), "websocket_header's field must be a token of HTTP, not \"\""},
      {config(c).websocket_header("X", "a\r\nY: b"),
       "websocket_header X must not contain control characters"},
      {config(c).websocket_header("Authorization", "Bearer SECRET\n"),
       "websocket_header Authorization must not contain control characters"},
      {config(c).websocket_header("X", std::string(8191, 'a')), ""},
      {config(c).websocket_header("X", std::string(8192, 'a')),
       "websocket_header \"X\" must have at most 8192 bytes"},
      {config(c).max_payload(1048576), ""},
      {config(c).max_payload(1048575), "max_payload must be at least 1048576, not 1048575 bytes"},
      {config(c).max_discovered_servers(0), ""},
      {config(c).retry_refused_credentials(0s), ""},
      {config(c).retry_refused_credentials(-1ns),
       "retry_refused_credentials must not be negative, not -1 ns"},
      {config(c).write_buffer(4096), ""},
      {config(c).write_buffer(4095), "write_buffer must be at least 4096, not 4095 bytes"},
  };
  for (const setting_case& s : cases) {
    const detail::refusal got = check_config(s.settings);
    EXPECT_EQ(got.detail, s.detail);
    EXPECT_EQ(static_cast<bool>(got), !s.detail.empty());
    if (got) {
      EXPECT_EQ(got.code, errc::invalid_argument);
    }
  }
  for (const char* subject : {".a", "a.", "a..b", "a b", "a\r\nb", "*", "a.>", "a*"}) {
    EXPECT_TRUE(check_config(config(c).inbox_prefix(subject))) << subject;
    EXPECT_TRUE(check_config(config(c).domain(subject))) << subject;
  }
  EXPECT_TRUE(check_config(config(c).inbox_prefix(wide)) && check_config(config(c).domain(wide)));
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

TEST(settings, have_the_documented_defaults) {
  const config c;
  EXPECT_EQ(c.urls(), "nats://127.0.0.1:4222");
  EXPECT_EQ(c.timeout(), 10s);
  EXPECT_EQ(c.connect_timeout(), 5s);
  EXPECT_EQ(c.ping_interval(), 30s);
  EXPECT_EQ(c.max_pings_out(), 2);
  EXPECT_TRUE(c.reconnect());
  EXPECT_EQ(c.reconnect_first(), 50ms);
  EXPECT_EQ(c.reconnect_most(), 5s);
  EXPECT_EQ(c.inbox_prefix(), "_INBOX");
  EXPECT_EQ(c.domain(), "");
  EXPECT_EQ(c.nkey_seed_file() + c.nkey_seed() + c.credentials_file() + c.jwt() + c.jwt_seed(), "");
  EXPECT_EQ(c.tls_ca_file() + c.tls_certificate_file() + c.tls_key_file() + c.tls_server_name(), "");
  EXPECT_FALSE(c.tls_first());
  EXPECT_TRUE(c.tls_verify());
  EXPECT_EQ(c.write_buffer(), 8u << 20);
  EXPECT_FALSE(c.ignore_discovered_servers());
  EXPECT_EQ(c.max_discovered_servers(), 256u);
  EXPECT_EQ(c.max_payload(), 64u << 20);
  EXPECT_EQ(c.retry_refused_credentials(), 0s);
}

TEST(settings, are_set_in_a_chain_and_on_a_name) {
  config named = config("h").name("n").user("u", "p").token("t").timeout(1s).connect_timeout(2s);
  named.ping_interval(3s).max_pings_out(4).reconnect(false).reconnect_delay(5s, 6s);
  const config c = std::move(named).inbox_prefix("i").domain("d").write_buffer(7777);
  EXPECT_EQ(c.urls() + c.name() + c.user() + c.password() + c.token(), "hnupt");
  EXPECT_EQ(c.inbox_prefix() + c.domain(), "id");
  EXPECT_EQ(c.timeout() + c.connect_timeout() + c.ping_interval(), 6s);
  EXPECT_EQ(c.reconnect_first() + c.reconnect_most(), 11s);
  EXPECT_EQ(c.max_pings_out(), 4);
  EXPECT_FALSE(c.reconnect());
  EXPECT_EQ(c.write_buffer(), 7777u);
  const config bounds = config("a")
                            .ignore_discovered_servers(true)
                            .max_discovered_servers(7)
                            .max_payload(2u << 20)
                            .retry_refused_credentials(3s);
  EXPECT_TRUE(bounds.ignore_discovered_servers());
  EXPECT_EQ(bounds.max_discovered_servers(), 7u);
  EXPECT_EQ(bounds.max_payload(), 2u << 20);
  EXPECT_EQ(bounds.retry_refused_credentials(), 3s);
}

TEST(settings, of_authentication_and_tls_are_set_in_a_chain_and_on_a_name) {
  config named = config("h").nkey_seed_file("1").nkey_seed("2").credentials_file("3").jwt("4", "5");
  named.tls_ca_file("6").tls_certificate("7", "8").tls_server_name("9").tls_first(true).tls_verify(false);
  EXPECT_EQ(named.nkey_seed_file() + named.nkey_seed() + named.credentials_file(), "123");
  EXPECT_EQ(named.jwt() + named.jwt_seed(), "45");
  EXPECT_EQ(named.tls_ca_file() + named.tls_certificate_file() + named.tls_key_file(), "678");
  EXPECT_EQ(named.tls_server_name(), "9");
  EXPECT_TRUE(named.tls_first());
  EXPECT_FALSE(named.tls_verify());
  named.nkey_seed_file("a").nkey_seed("b").credentials_file("c").jwt("d", "e");
  const config c = std::move(named).tls_ca_file("f").tls_certificate("g", "h").tls_server_name("i");
  EXPECT_EQ(c.nkey_seed_file() + c.nkey_seed() + c.credentials_file() + c.jwt() + c.jwt_seed(), "abcde");
  EXPECT_EQ(c.tls_ca_file() + c.tls_certificate_file() + c.tls_key_file() + c.tls_server_name(), "fghi");
}

TEST(settings, of_a_bucket_have_the_documented_defaults) {
  const bucket_config b("b");
  EXPECT_EQ(b.history(), 1);
  EXPECT_EQ(b.replicas(), 1);
  EXPECT_EQ(b.ttl() + b.limit_marker_ttl(), 0s);
  EXPECT_EQ(b.max_bytes() + b.max_value_size(), 0);
  EXPECT_EQ(b.storage(), storage::file);
  EXPECT_FALSE(b.compression());
  EXPECT_TRUE(b.metadata().empty() && b.description().empty());
}

}  // namespace
}  // namespace kvco::core
