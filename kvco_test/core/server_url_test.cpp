// The URLs of servers: core/server_url.cpp.
#include <gtest/gtest.h>

#include <kvco/core/server_url.hpp>
#include <string>

namespace kvco::core {
namespace {

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

}  // namespace
}  // namespace kvco::core
