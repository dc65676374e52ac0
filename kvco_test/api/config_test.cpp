// Settings and their setters: config.hpp, bucket_config.hpp.
#include <gtest/gtest.h>

#include <chrono>
#include <kvco/bucket_config.hpp>
#include <kvco/config.hpp>
#include <kvco/observe/events.hpp>
#include <kvco/observe/log.hpp>
#include <kvco/observe/operations.hpp>
#include <string>

namespace kvco {
namespace {

using namespace std::chrono_literals;

/// What a boost::asio::ssl::context has, for settings that only look whether there is one.
struct some_tls_context {
  ssl_ctx_st* native_handle() { return reinterpret_cast<ssl_ctx_st*>(this); }
};

TEST(settings, have_the_documented_defaults) {
  const config c;
  EXPECT_EQ(c.urls(), "nats://127.0.0.1:4222");
  EXPECT_EQ(c.timeout(), 10s);
  EXPECT_EQ(c.connect_timeout(), 5s);
  EXPECT_EQ(c.ping_interval(), 30s);
  EXPECT_EQ(c.max_pings_outstanding(), 2);
  EXPECT_EQ(c.inbox_prefix(), "_INBOX");
  EXPECT_EQ(c.domain() + c.api_prefix(), "");
  EXPECT_EQ(c.nkey_seed_file() + c.nkey_seed() + c.credentials_file() + c.jwt() + c.jwt_seed(), "");
  EXPECT_EQ(c.write_buffer(), 8u << 20);
  EXPECT_TRUE(c.wait_for_connection() && c.shuffle_servers());
  EXPECT_FALSE(c.ignore_discovered_servers());
  EXPECT_EQ(c.max_discovered_servers(), 256u);
  EXPECT_EQ(c.max_payload(), 64u << 20);
}

// contract: 9
TEST(settings, in_groups_have_the_documented_defaults) {
  const config c;
  EXPECT_EQ(c.tls().ca_file() + c.tls().ca_pem() + c.tls().certificate_file() + c.tls().key_file() +
                c.tls().certificate_pem() + c.tls().server_name(),
            "");
  EXPECT_EQ(c.tls().key_pem(), "");
  EXPECT_EQ(c.tls().context(), nullptr);
  EXPECT_FALSE(c.tls().handshake_first());
  EXPECT_TRUE(c.tls().verify());
  EXPECT_TRUE(c.reconnect().enabled());
  EXPECT_EQ(c.reconnect().initial_delay(), 50ms);
  EXPECT_EQ(c.reconnect().max_delay(), 5s);
  EXPECT_FALSE(c.reconnect().retry_first_connect());
  EXPECT_EQ(c.reconnect().retry_refused_credentials(), 0s);
  EXPECT_FALSE(c.websocket().compression());
  EXPECT_TRUE(c.websocket().headers().empty());
  EXPECT_FALSE(c.observe().on_event() || c.observe().log() || c.observe().operations());
}

// contract: 9
TEST(settings, are_set_in_a_chain_and_on_a_name) {
  config named = config("h").name("n").user("u", "p").token("t").timeout(1s).connect_timeout(2s);
  named.ping_interval(3s).max_pings_outstanding(4).wait_for_connection(false);
  const config c = config(named).inbox_prefix("i").domain("d").write_buffer(7777).shuffle_servers(false);
  EXPECT_EQ(c.urls() + c.name() + c.user() + c.password() + c.token(), "hnupt");
  EXPECT_EQ(c.inbox_prefix() + c.domain(), "id");
  EXPECT_EQ(c.timeout() + c.connect_timeout() + c.ping_interval(), 6s);
  EXPECT_EQ(c.max_pings_outstanding(), 4);
  EXPECT_FALSE(c.wait_for_connection() || c.shuffle_servers());
  EXPECT_EQ(c.write_buffer(), 7777u);
  EXPECT_EQ(named.write_buffer(), 8u << 20);
  named.nkey_seed_file("1").nkey_seed("2").credentials_file("3").jwt("4", "5");
  EXPECT_EQ(named.nkey_seed_file() + named.nkey_seed() + named.credentials_file(), "123");
  EXPECT_EQ(named.jwt() + named.jwt_seed(), "45");
  const config bounds =
      config("a").ignore_discovered_servers(true).max_discovered_servers(7).max_payload(2u << 20);
  EXPECT_TRUE(bounds.ignore_discovered_servers());
  EXPECT_EQ(bounds.max_discovered_servers(), 7u);
  EXPECT_EQ(bounds.max_payload(), 2u << 20);
}

// A group keeps what was set before, however it was set.
// contract: 9
TEST(settings, in_groups_are_set_in_a_chain_and_on_a_name) {
  config named = config("h").tls([](auto& tls) { tls.ca_file("1").ca_pem("2"); }).name("n");
  named.tls().certificate_files("3", "4").certificate_pem("5", "6").server_name("7");
  named.tls().handshake_first(true).verify(false);
  named.reconnect().enabled(false).initial_delay(5s).max_delay(6s);
  named.reconnect().retry_first_connect(true).retry_refused_credentials(7s);
  named.websocket().compression(true).header("a", "b").header("a", "c");
  const config c = std::move(named);
  EXPECT_EQ(c.name(), "n");
  EXPECT_EQ(c.tls().ca_file() + c.tls().ca_pem(), "12");
  EXPECT_EQ(c.tls().certificate_file() + c.tls().key_file() + c.tls().certificate_pem(), "345");
  EXPECT_EQ(c.tls().key_pem(), "6");
  EXPECT_EQ(c.tls().server_name(), "7");
  EXPECT_TRUE(c.tls().handshake_first());
  EXPECT_FALSE(c.tls().verify() || c.reconnect().enabled());
  EXPECT_EQ(c.reconnect().initial_delay() + c.reconnect().max_delay(), 11s);
  EXPECT_TRUE(c.reconnect().retry_first_connect() && c.websocket().compression());
  EXPECT_EQ(c.reconnect().retry_refused_credentials(), 7s);
  EXPECT_EQ(c.websocket().headers(), (config::websocket_settings::header_list{{"a", "b"}, {"a", "c"}}));
}

// contract: 9
TEST(settings, of_what_a_client_reports_are_set) {
  int events = 0;
  config c;
  c.observe().on_event([&](const client_event&) { ++events; }).log(log_level::warning, [](const auto&) {});
  c.observe().on_event()(client_event());
  EXPECT_EQ(events, 1);
  EXPECT_TRUE(c.observe().log());
  EXPECT_EQ(c.observe().min_log_level(), log_level::warning);
}

// The key is overwritten when the last of them goes: there is one copy.
// contract: 9
TEST(settings, share_one_copy_of_a_private_key) {
  const config one = config().tls([](auto& tls) { tls.certificate_pem("cert", "key"); });
  const config other = one;  // NOLINT(performance-unnecessary-copy-initialization)
  EXPECT_EQ(one.tls().key_pem().data(), other.tls().key_pem().data());
}

// contract: 9
TEST(settings, share_a_context_and_keep_it) {
  auto context = std::make_shared<some_tls_context>();
  config c;
  c.tls().context(context);
  EXPECT_EQ(c.tls().context().get(), context->native_handle());
  EXPECT_EQ(context.use_count(), 2);
  c.tls().context(std::shared_ptr<some_tls_context>());
  EXPECT_EQ(c.tls().context(), nullptr);
  EXPECT_EQ(context.use_count(), 1);
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

// contract: 9
TEST(settings, of_a_bucket_are_set_in_a_chain_and_on_a_name) {
  bucket_config named = bucket_config("b").history(5).ttl(1s).storage(storage::memory);
  named.description("d").replicas(3).max_bytes(7).metadata("k", "v");
  EXPECT_EQ(named.name() + named.description(), "bd");
  EXPECT_EQ(named.history() + named.replicas(), 8);
  EXPECT_EQ(named.ttl(), 1s);
  EXPECT_EQ(named.storage(), storage::memory);
  EXPECT_EQ(named.max_bytes(), 7);
  EXPECT_EQ(named.metadata().at("k"), "v");
}

}  // namespace
}  // namespace kvco
