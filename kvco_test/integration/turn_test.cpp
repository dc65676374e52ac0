// What a turn of the reactor reads and writes over TLS and WebSocket: all that has come, and once.
#include <kvco_test/integration/websocket_cases.hpp>
#include <kvco_test/support/faults/tls_relay.hpp>
#include <kvco_test/support/faults/websocket_relay.hpp>
#include <kvco_test/support/server/kv_test.hpp>

#include <vector>

namespace kvco::test {
namespace {

constexpr std::size_t in_flight = 64;

std::size_t replies_in(const std::string& words) {
  std::size_t replies = 0;
  for (std::size_t at = 0; (at = words.find("HMSG ", at)) != std::string::npos; ++at) ++replies;
  return words.ends_with("\r\nv\r\n") ? replies : 0;
}

// Each of many replies asks for more. They come at once, in many records or frames: what they ask for leaves in one.
template <class Relay>
asio::awaitable<void> answer_many_at_once(Relay* relay, config settings) {
  client nats = co_await connect(std::move(settings));
  bucket b = co_await nats.create_bucket(bucket_config("B"));
  co_await b.put("k", "v");
  relay->hold(true);
  const std::vector<heard<std::optional<entry>>> second(in_flight);
  for (const auto& next : second) {
    b.get("k", [b, next](error_code code, const std::optional<entry>& got) mutable {
      EXPECT_FALSE(code) << code;
      EXPECT_EQ(show(got), "k@1=v");
      b.get("k", next);
    });
  }
  const auto all_held = [&] { return replies_in(relay->held()) == in_flight; };
  co_await until(all_held);
  const std::size_t before = relay->messages();
  relay->hold(false);
  const auto all_done = [&] {
    return std::all_of(second.begin(), second.end(), [](const auto& one) { return one.done(); });
  };
  co_await until(all_done);
  EXPECT_EQ(relay->messages() - before, 1U);
  for (const auto& one : second) EXPECT_EQ(show(one.value()), "k@1=v");
  EXPECT_EQ(nats.statistics().reconnects, 0U);
}

// field: X14
TEST(turn_test, over_tls) {
  const nats_server server;
  certificate_authority authority;
  const auto own = authority.issue("server");
  run([&]() -> asio::awaitable<void> {
    tls_relay relay(co_await asio::this_coro::executor, server.port(), own);
    co_await answer_many_at_once(&relay, config(relay.url()).tls([&](auto& tls) {
      tls.ca_file(authority.certificate()).handshake_first(true);
    }));
  });
}

// field: X14
TEST(turn_test, over_a_websocket) {
  const nats_server server;
  run([&]() -> asio::awaitable<void> {
    websocket_relay relay(co_await asio::this_coro::executor, server.port());
    relay.frame_with([] { return messages_of(in_turn({200})); });
    co_await answer_many_at_once(&relay, config(relay.url()));
    EXPECT_EQ(relay.malformed().size(), 0U);
  });
}

}  // namespace
}  // namespace kvco::test
