// WebSocket with real servers: plain, with TLS, compressed, with a path and headers; reconnects and large values.
#include <gmock/gmock.h>

#include <kvco_test/support/server/certificates.hpp>
#include <kvco_test/support/server/connecting.hpp>

namespace kvco::test {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

/// A server with a WebSocket listener on a port of its own.
struct websocket_server {
  explicit websocket_server(const std::string& version, const std::string& more)
      : server(
            {.version = version,
             .extra_config = "websocket { port: " + std::to_string(port.number()) + ", " + more + " }\n"}) {}
  std::string url(const std::string& scheme = "ws", const std::string& path = {}) const {
    return scheme + "://127.0.0.1:" + std::to_string(port.number()) + path;
  }
  reserved_port port;
  nats_server server;
};

asio::awaitable<void> use(config settings) {
  client nats = co_await connect(settings);
  bucket b = co_await nats.ensure_bucket(bucket_config("WS").history(3));
  const std::string large(900'000, 'x');
  for (const std::string& value : {std::string(), std::string("v"), large}) {
    const revision rev = co_await b.put("k", value);
    const std::optional<entry> e = co_await b.get("k");
    EXPECT_TRUE(e && e->value() == value && e->revision() == rev) << value.size();
  }
  watcher updates = b.watch_all({.include_history = true, .initial_only = true});
  std::size_t bytes = 0;
  while (const std::optional<entry> e = co_await updates.next()) bytes += e->value().size();
  EXPECT_EQ(bytes, large.size() + 1);
  co_await nats.close();
}

class websocket_test : public testing::TestWithParam<std::string> {};
KVCO_ALSO_ON_OLDER_GENERATIONS(websocket_test);

TEST_P(websocket_test, plain) {
  const websocket_server server(GetParam(), "no_tls: true");
  run([&] { return use(config(server.url())); });
  run([&] { return use(config(server.url("ws", "/nats"))); });
}

TEST_P(websocket_test, compressed) {
  const websocket_server server(GetParam(), "no_tls: true, compression: true");
  run([&] {
    return use(config(server.url()).websocket([](auto& websocket) { websocket.compression(true); }));
  });
}

TEST_P(websocket_test, secure) {
  certificate_authority authority;
  const auto own = authority.issue("server");
  const websocket_server server(
      GetParam(), "tls { cert_file: \"" + own.certificate + "\", key_file: \"" + own.key + "\" }");
  run([&] {
    return use(config(server.url("wss")).tls([&](auto& tls) { tls.ca_file(authority.certificate()); }));
  });
  run([&]() -> asio::awaitable<void> {
    auto [code, nats] = co_await connect(config(server.url("wss")), nothrow);
    EXPECT_EQ(code, errc::tls_failed) << error_detail();
    auto [plain, none] = co_await connect(config(server.url("ws")).connect_timeout(2s), nothrow);
    EXPECT_EQ(plain, errc::connect_failed) << plain << error_detail();
  });
}

// fault: 40
// field: H1
TEST_P(websocket_test, a_certificate_of_another_name) {
  certificate_authority authority;
  const auto own = authority.issue("server", {.names = "DNS:nats.example"});
  const websocket_server server(
      GetParam(), "tls { cert_file: \"" + own.certificate + "\", key_file: \"" + own.key + "\" }");
  const config trusting =
      config(server.url("wss")).tls([&](auto& tls) { tls.ca_file(authority.certificate()); });
  expect_refused(trusting, errc::tls_failed, "mismatch");
  for (const char* zoned : {"::1%1", "::1%lo"}) {
    expect_refused(config(trusting).tls([&](auto& tls) { tls.server_name(zoned); }), errc::tls_failed,
                   "mismatch");
  }
  run([&] { return use(config(trusting).tls([](auto& tls) { tls.server_name("nats.example"); })); });
}

// fault: 84
TEST_P(websocket_test, a_server_without_one) {
  const nats_server server({.version = GetParam()});
  run([&]() -> asio::awaitable<void> {
    auto [code, nats] = co_await connect(config("ws://127.0.0.1:" + std::to_string(server.port())), nothrow);
    EXPECT_EQ(code, errc::connect_failed) << code;
    EXPECT_THAT(error_detail(), HasSubstr("WebSocket"));
  });
}

// fault: 84
TEST_P(websocket_test, comes_back_with_its_watch) {
  websocket_server server(GetParam(), "no_tls: true");
  run([&]() -> asio::awaitable<void> {
    client nats = co_await connect(config(server.url()));
    bucket b = co_await nats.create_bucket(bucket_config("B"));
    co_await b.put("k", "1");
    watcher updates = b.watch_all();
    EXPECT_EQ(co_await initial_of(updates), "k@1=1");
    server.server.kill();
    server.server.start();
    co_await until([&] { return nats.statistics().reconnects >= 1; });
    EXPECT_EQ(co_await b.put("k", "2"), 2u);
    EXPECT_EQ(co_await next_of(updates), "k@2=2");
    EXPECT_EQ(nats.statistics().reconnects, 1u);
    co_await nats.close();
  });
}

}  // namespace
}  // namespace kvco::test
