// INFO's JSON -> server_info, junk included; CONNECT's JSON.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <kvco/wire/info.hpp>

#include <boost/json.hpp>
#include <string>

namespace kvco::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

server_info read(std::string_view json) {
  const auto result = wire::parse_info(json);
  EXPECT_FALSE(result.has_error()) << json;
  return result.has_value() ? *result : server_info{};
}

TEST(parse_info, of_a_real_server) {
  const server_info info = read(
      R"({"server_id":"NDWHTY","server_name":"n1","version":"2.12.1","proto":1,"git_commit":"db3ae99","go":"go1.25.3",)"
      R"("host":"0.0.0.0","port":4222,"headers":true,"auth_required":true,"tls_required":true,"tls_available":true,)"
      R"("max_payload":2097152,"jetstream":true,"client_id":18446744073709551615,"client_ip":"127.0.0.1",)"
      R"("nonce":"NSl3xJmKqlzLCyI","cluster":"C1","domain":"hub","connect_urls":["10.0.0.1:4222","[::1]:4222"],)"
      R"("ws_connect_urls":["10.0.0.1:80"],"ldm":true,"xkey":"XAFX","api_lvl":2,"feature_flags":{"x":[1]}})");
  EXPECT_EQ(info.id, "NDWHTY");
  EXPECT_EQ(info.name, "n1");
  EXPECT_EQ(info.version, "2.12.1");
  EXPECT_EQ(info.cluster, "C1");
  EXPECT_EQ(info.domain, "hub");
  EXPECT_EQ(info.host, "0.0.0.0");
  EXPECT_EQ(info.client_ip, "127.0.0.1");
  EXPECT_EQ(info.nonce, "NSl3xJmKqlzLCyI");
  EXPECT_THAT(info.connect_urls, ElementsAre("10.0.0.1:4222", "[::1]:4222"));
  EXPECT_EQ(info.max_payload, 2097152u);
  EXPECT_EQ(info.client_id, 18446744073709551615u);
  EXPECT_EQ(info.proto, 1);
  EXPECT_EQ(info.api_level, 2);
  EXPECT_EQ(info.port, 4222);
  EXPECT_TRUE(info.headers && info.jetstream && info.auth_required && info.tls_required &&
              info.tls_available && info.lame_duck);
}

// field: X16
TEST(read_version, of_servers_and_of_junk) {
  using version = std::pair<int, int>;
  EXPECT_EQ(wire::read_version("2.10.27"), version(2, 10));
  EXPECT_EQ(wire::read_version("2.15.1-beta.2"), version(2, 15));
  EXPECT_EQ(wire::read_version("3.0"), version(3, 0));
  for (const char* junk : {"", "2", "2.", ".10", "v2.10.1", " 2.10", "-2.10.1", "2.-1", "2147483648.1.1",
                           "2.99999999999999999999"}) {
    EXPECT_EQ(wire::read_version(junk), version(0, 0)) << junk;
  }
}

// fault: 26
TEST(parse_info, missing_fields_keep_their_defaults) {
  for (const char* json :
       {"{}", " { } ", R"({"unknown":[{"server_id":7}]})", R"({"server_id":null,"ldm":null,"port":null})"}) {
    const server_info info = read(json);
    EXPECT_EQ(info.id, "");
    EXPECT_EQ(info.max_payload, 1u << 20);
    EXPECT_FALSE(info.headers || info.jetstream || info.lame_duck);
    EXPECT_THAT(info.connect_urls, IsEmpty());
  }
}

TEST(parse_info, connect_urls_that_are_no_strings_are_left_out) {
  EXPECT_THAT(read(R"({"connect_urls":["a:1",2,null,{},["b"],"c"]})").connect_urls, ElementsAre("a:1", "c"));
  EXPECT_THAT(read(R"({"connect_urls":[]})").connect_urls, IsEmpty());
}

// fault: 26
TEST(parse_info, ten_thousand_connect_urls) {
  std::string json = R"({"connect_urls":["a")";
  for (int i = 1; i < 10000; ++i) json += ",\"a\"";
  EXPECT_EQ(read(json + "]}").connect_urls.size(), 10000u);
}

// fault: 26
TEST(parse_info, of_duplicate_fields_the_last) {
  EXPECT_EQ(read(R"({"server_id":"a","port":1,"server_id":"b"})").id, "b");
}

TEST(parse_info, numbers_up_to_their_limits) {
  EXPECT_EQ(read(R"({"max_payload":18446744073709551615})").max_payload, 18446744073709551615u);
  EXPECT_EQ(read(R"({"max_payload":9223372036854775808})").max_payload, 9223372036854775808u);
  EXPECT_EQ(read(R"({"proto":2147483647})").proto, 2147483647);
  EXPECT_EQ(read(R"({"port":65535})").port, 65535);
  EXPECT_EQ(read(R"({"port":0})").port, 0);
}

class parse_info_refuses : public testing::TestWithParam<std::string> {};

// fault: 26
TEST_P(parse_info_refuses, malformed_json) {
  const auto result = wire::parse_info(GetParam());
  ASSERT_TRUE(result.has_error()) << GetParam();
  EXPECT_EQ(result.error(), client_error::malformed_info);
}

INSTANTIATE_TEST_SUITE_P(no_object, parse_info_refuses,
                         testing::Values("", " ", "null", "1", "\"x\"", "[]", "[{}]", "{", "}", "{}}",
                                         "{} {}", R"({"server_id":"a)", R"({"server_id":"a",})",
                                         R"({server_id:"a"})", R"({"server_id":'a'})", "{\"a\":\"\xff\"}",
                                         "{\"a\":\"\n\"}", std::string("{}\0", 3), "// x\n{}",
                                         std::string(100000, '{')));

INSTANTIATE_TEST_SUITE_P(wrong_types, parse_info_refuses,
                         testing::Values(R"({"server_id":1})", R"({"version":true})", R"({"nonce":[]})",
                                         R"({"connect_urls":"a:1"})", R"({"connect_urls":{}})",
                                         R"({"headers":1})", R"({"ldm":"true"})", R"({"jetstream":{}})",
                                         R"({"max_payload":"1"})", R"({"max_payload":-1})",
                                         R"({"max_payload":1.5})", R"({"max_payload":1e3})",
                                         R"({"max_payload":18446744073709551616})", R"({"client_id":-1})",
                                         R"({"port":65536})", R"({"port":-1})", R"({"proto":2147483648})",
                                         R"({"proto":-1})", R"({"api_lvl":true})",
                                         R"({"server_id":1,"port":1})", R"({"port":1,"server_id":1})"));

// fault: 26
TEST(parse_info, nesting_is_bounded) {
  const auto nested = [](std::size_t depth) {
    return "{\"x\":" + std::string(depth, '[') + std::string(depth, ']') + "}";
  };
  read(nested(20));
  EXPECT_TRUE(wire::parse_info(nested(64)).has_error());
  EXPECT_TRUE(wire::parse_info(nested(30000)).has_error());
}

TEST(parse_info, cut_short_anywhere_is_malformed) {
  const std::string json = R"({"server_id":"a","port":4222,"connect_urls":["b",1],"headers":true})";
  read(json);
  for (std::size_t size = 0; size < json.size(); ++size)
    EXPECT_TRUE(wire::parse_info(std::string_view(json).substr(0, size)).has_error()) << size;
}

// --- CONNECT
// --------------------------------------------------------------------------------------

TEST(connect_json, without_credentials) {
  EXPECT_EQ(wire::connect_json({}),
            R"({"verbose":false,"pedantic":false,"lang":"cpp","version":"0.1.0","protocol":1,)"
            R"("headers":true,"no_responders":true})");
}

TEST(connect_json, with_a_signed_nonce) {
  const std::string plain = wire::connect_json({});
  const std::string start = plain.substr(0, plain.size() - 1);
  EXPECT_EQ(wire::connect_json({.nkey = "UA", .sig = "a-_"}), start + R"(,"nkey":"UA","sig":"a-_"})");
  EXPECT_EQ(wire::connect_json({.jwt = "a.b.c", .sig = "a-_"}), start + R"(,"jwt":"a.b.c","sig":"a-_"})");
  EXPECT_EQ(wire::connect_json({.jwt = "a.b.c"}), start + R"(,"jwt":"a.b.c"})");
}

// fault: 64
TEST(connect_json, with_everything_escaped) {
  const std::string json = wire::connect_json({.name = "a \"shop\"",
                                               .user = "u\\",
                                               .password = "p\n\x01",
                                               .token = "t\xc3\xa4",
                                               .jwt = "j.\"\r\n",
                                               .nkey = "U\"",
                                               .sig = "s\\-_",
                                               .verbose = true});
  const auto connect = boost::json::parse(json).as_object();
  EXPECT_EQ(connect.at("name").as_string(), "a \"shop\"");
  EXPECT_EQ(connect.at("user").as_string(), "u\\");
  EXPECT_EQ(connect.at("pass").as_string(), "p\n\x01");
  EXPECT_EQ(connect.at("auth_token").as_string(), "t\xc3\xa4");
  EXPECT_EQ(connect.at("jwt").as_string(), "j.\"\r\n");
  EXPECT_EQ(connect.at("nkey").as_string(), "U\"");
  EXPECT_EQ(connect.at("sig").as_string(), "s\\-_");
  EXPECT_TRUE(connect.at("verbose").as_bool());
  EXPECT_FALSE(connect.contains("echo")) << "own messages must arrive on own subscriptions";
  EXPECT_EQ(json.find('\n'), std::string::npos) << "a line end would end CONNECT";
}

}  // namespace
}  // namespace kvco::test
