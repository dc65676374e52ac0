// Handshake, INFO, and what the server's errors mean, by script: core/link.cpp.
#include <gtest/gtest.h>
#include <kvco_test/support/fake/link_script.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kvco::core {
namespace {

TEST(link, handshake) {
  link_script s;
  EXPECT_EQ(s.connection.state(), link::phase::wait_info);
  EXPECT_EQ(s.connection.deadline(), s.now + 5s);
  EXPECT_EQ(s.written(), "");  // nothing is said before the server's INFO
  EXPECT_FALSE(s.on(event_kind::info, usual_info));
  EXPECT_EQ(s.connection.state(), link::phase::greeted);
  EXPECT_EQ(s.written(), "");  // TLS may have to come first
  s.connection.send_connect(R"({"a":1})");
  EXPECT_EQ(s.connection.state(), link::phase::wait_pong);
  EXPECT_EQ(s.written(), greeting);
  EXPECT_EQ(s.connection.info().version, "2.10.0");
  s.now += 1s;
  EXPECT_FALSE(s.on(event_kind::pong));
  EXPECT_TRUE(s.connection.ready());
  EXPECT_EQ(s.connection.deadline(), s.now + 30s);
  EXPECT_EQ(s.written(), "");
}

TEST(link, whatever_comes_before_info_is_no_nats_server) {
  for (const event_kind kind : {event_kind::msg, event_kind::ping, event_kind::pong, event_kind::ok}) {
    link_script s;
    EXPECT_EQ(s.on(kind), client_error::not_a_nats_server) << static_cast<int>(kind);
    EXPECT_EQ(s.written(), "");
  }
  link_script refused;
  EXPECT_EQ(refused.on(event_kind::err, "maximum connections exceeded"), client_error::connection_lost);
}

TEST(link, other_operations_during_the_handshake) {
  link_script s;
  s.greet();
  s.written();
  EXPECT_FALSE(s.on(event_kind::ok));
  EXPECT_FALSE(s.on(event_kind::msg));
  EXPECT_FALSE(s.on(event_kind::ping));
  EXPECT_EQ(s.written(), "PONG\r\n");
  EXPECT_EQ(s.connection.state(), link::phase::wait_pong);
}

TEST(link, info_that_ends_the_connection) {
  struct {
    std::string_view info;
    client_error code;
  } const table[] = {
      {R"({"name":"n","headers":false})", client_error::unsupported_by_server},
      {R"({"name":"n"})", client_error::unsupported_by_server},
      {"", client_error::malformed_info},
      {"[]", client_error::malformed_info},
      {R"({"headers":)", client_error::malformed_info},
      {R"({"headers":true,"max_payload":"much"})", client_error::malformed_info},
  };
  for (const auto& [info, code] : table) {
    link_script s;
    EXPECT_EQ(s.on(event_kind::info, info), code) << info;
    EXPECT_EQ(s.written(), "") << info;  // no password for a server that is refused
  }
}

// fault: 27
TEST(link, a_later_info_takes_effect_at_once) {
  link_script s;
  s.shake_hands();
  EXPECT_FALSE(
      s.on(event_kind::info, R"({"headers":true,"max_payload":512,"ldm":true,"connect_urls":["a:1"]})"));
  EXPECT_TRUE(s.connection.ready());
  EXPECT_EQ(s.written(), "");  // CONNECT is said once
  EXPECT_EQ(s.connection.info().max_payload, 512U);
  EXPECT_TRUE(s.connection.info().lame_duck);
  EXPECT_EQ(s.on(event_kind::info, "{"), client_error::malformed_info);
}

// What a server offers is judged once, by its first INFO; what it says later is noted.
// fault: 27
TEST(link, a_later_info_without_headers_is_judged_on_the_next_connection) {
  for (const std::string_view info : {R"({"headers":false})", R"({"name":"n"})"}) {
    link_script s;
    s.greet();
    EXPECT_FALSE(s.on(event_kind::info, info));  // before PONG
    EXPECT_FALSE(s.on(event_kind::pong));
    EXPECT_FALSE(s.on(event_kind::info, info));  // and behind it
    EXPECT_TRUE(s.connection.ready());
    EXPECT_FALSE(s.connection.info().headers);
    EXPECT_FALSE(s.on(event_kind::msg));
    s.connection.stop();
    s.connection.start({5s, 30s, 2}, s.now);
    EXPECT_EQ(s.on(event_kind::info, info), client_error::unsupported_by_server) << info;
  }
}

// fault: 27
TEST(link, each_later_info_replaces_the_one_before) {
  struct {
    std::string_view info;
    std::uint64_t max_payload;
    std::vector<std::string> urls;
  } const table[] = {
      {R"({"headers":true,"max_payload":7,"connect_urls":["a:1","b:2"]})", 7, {"a:1", "b:2"}},
      {R"({"headers":true,"max_payload":8388608,"connect_urls":["b:2"]})", 8388608, {"b:2"}},
      {R"({"headers":true,"max_payload":1,"connect_urls":[]})", 1, {}},
      {R"({"headers":true,"max_payload":0})", kvco::server_info().max_payload, {}},
      {R"({"headers":true,"connect_urls":null})", kvco::server_info().max_payload, {}},
  };
  link_script s;
  s.shake_hands();
  for (const auto& [info, max_payload, urls] : table) {
    EXPECT_FALSE(s.on(event_kind::info, info));
    EXPECT_EQ(s.connection.info().max_payload, max_payload) << info;
    EXPECT_EQ(s.connection.info().connect_urls, urls) << info;
  }
  EXPECT_TRUE(s.connection.ready());
  EXPECT_EQ(s.written(), "");
}

// What the server says is believed up to a setting.
// field: L4
TEST(link, the_limit_of_messages_has_a_limit) {
  const std::pair<const char*, std::uint64_t> table[] = {{"9223372036854775808", 1000},
                                                         {"18446744073709551615", 1000},
                                                         {"1001", 1000},
                                                         {"1000", 1000},
                                                         {"999", 999},
                                                         {"0", 1000}};
  for (const auto& [said, counts] : table) {
    link_script s;
    s.connection.start({5s, 30s, 2, 1000}, s.now);
    for (int i = 0; i < 2; ++i) {
      EXPECT_FALSE(s.on(event_kind::info, R"({"headers":true,"max_payload":)" + std::string(said) + "}"));
      EXPECT_EQ(s.connection.info().max_payload, counts) << said;
    }
  }
  link_script usual;
  EXPECT_FALSE(usual.on(event_kind::info, R"({"headers":true,"max_payload":9223372036854775808})"));
  EXPECT_EQ(usual.connection.info().max_payload, 64u << 20);
}

TEST(link, info_twice_before_pong) {
  link_script s;
  s.greet();
  s.written();
  EXPECT_FALSE(s.on(event_kind::info, R"({"headers":true,"max_payload":7})"));
  EXPECT_EQ(s.written(), "");
  EXPECT_FALSE(s.on(event_kind::pong));
  EXPECT_TRUE(s.connection.ready());
}

// What the texts mean is error_line_test's.
// fault: 33, 36, 43
TEST(link, which_errors_end_the_connection) {
  struct {
    std::string_view text;
    std::optional<client_error> code;  // nothing: the connection stays
  } const table[] = {
      {"Authorization Violation", client_error::authentication_failed},
      {"User Authentication Expired", client_error::authentication_failed},
      {"Stale Connection", client_error::stale_connection},
      {"Maximum Payload Violation", client_error::connection_lost},
      {"Server Shutdown", client_error::connection_lost},
      {"something that no server says", client_error::connection_lost},
      {"", client_error::connection_lost},
      {"maximum subscriptions exceeded", {}},
      {"Invalid Subject", {}},
      {R"(Permissions Violation for Publish to "$KV.b.k")", {}},
      {"Permissions Violation", {}},
  };
  for (const auto& [text, code] : table) {
    link_script s;
    s.shake_hands();
    const error_code expected = code ? error_code(*code) : error_code();
    EXPECT_EQ(s.on(event_kind::err, text), expected) << text;
    EXPECT_EQ(s.connection.detail(), text);
    const auto error = s.connection.take_error();
    ASSERT_TRUE(error) << text;
    EXPECT_EQ(error->ends_connection(), code.has_value()) << text;
    EXPECT_FALSE(s.connection.take_error()) << text;
    EXPECT_EQ(s.written(), "");
  }
}

}  // namespace
}  // namespace kvco::core
