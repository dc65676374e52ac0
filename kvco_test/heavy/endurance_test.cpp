// 10 000 reconnects and 100 000 failed dials: nothing grows, neither here nor on the server.
#include <kvco_test/heavy/load.hpp>
#include <kvco_test/support/faults/fault_proxy.hpp>
#include <kvco_test/support/server/kv_test.hpp>
#include <kvco_test/support/server/loopback.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <boost/json.hpp>
#include <filesystem>
#include <iostream>
#include <iterator>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;
using asio::ip::tcp;

constexpr int reconnects = sanitized ? 2'000 : 10'000;
constexpr int failed_dials = sanitized ? 20'000 : 100'000;
// Allocators and their caches settle in the first tenth; after that there is a growth of this much at most.
// AddressSanitizer keeps 256 MB of freed memory.
constexpr double growth_limit_mb = sanitized ? 256 + 4 : 4;

std::size_t open_descriptors() {
  using files = std::filesystem::directory_iterator;
  return static_cast<std::size_t>(std::distance(files("/proc/self/fd"), files()));
}

/// What the server tells of itself by HTTP.
boost::json::object monitor(std::uint16_t port, std::string_view page) {
  asio::io_context reactor;
  tcp::socket socket(reactor);
  socket.connect(loopback(port));
  asio::write(socket, asio::buffer("GET /" + std::string(page) + " HTTP/1.0\r\n\r\n"));
  std::string answer;
  error_code end;
  asio::read(socket, asio::dynamic_buffer(answer), end);
  return boost::json::parse(answer.substr(answer.find("\r\n\r\n") + 4)).as_object();
}

class endurance_test : public testing::Test {
 protected:
  static constexpr std::string_view every_subscription = "subsz?subs=1&limit=10000";
  struct traces {
    std::size_t descriptors = 0, subscriptions = 0, pending = 0;
    std::int64_t server_connections = 0, server_subscriptions = 0, consumers = 0;
    bool operator==(const traces&) const = default;
  };
  traces traces_of(const client& nats) {
    traces now;
    now.descriptors = open_descriptors();
    now.subscriptions = nats.statistics().subscriptions;
    now.pending = nats.statistics().pending_requests;
    const boost::json::object seen = monitor(http.number(), "varz");
    now.server_connections = seen.at("connections").as_int64();
    now.server_subscriptions = subscriptions_of_server();
    now.consumers = monitor(http.number(), "jsz").at("consumers").as_int64();
    return now;
  }
  /// Without those by which the server asks for one of its consumers' state: consumers are counted, and nats-server 2.15.1 now and
  /// then forgets such a one where a consumer is created and deleted at once (seen in 2 of 13 runs on a busy machine).
  std::int64_t subscriptions_of_server() {
    const boost::json::object all = monitor(http.number(), every_subscription);
    std::int64_t count = all.at("total").as_int64();
    for (const boost::json::value& one : all.at("subscriptions_list").as_array()) {
      if (one.at("subject").as_string().starts_with("$JSC.CI.")) --count;
    }
    return count;
  }
  /// A consumer that was left behind goes after its time; a connection that was cut is noticed by the server.
  asio::awaitable<void> expect_traces(const client& nats, const traces& wanted) {
    const auto give_up = std::chrono::steady_clock::now() + 90s;
    while (traces_of(nats) != wanted && std::chrono::steady_clock::now() < give_up) co_await pass(50ms);
    const traces now = traces_of(nats);
    EXPECT_EQ(now.descriptors, wanted.descriptors);
    EXPECT_EQ(now.subscriptions, wanted.subscriptions);
    EXPECT_EQ(now.pending, wanted.pending);
    EXPECT_EQ(now.server_connections, wanted.server_connections);
    EXPECT_EQ(now.server_subscriptions, wanted.server_subscriptions)
        << monitor(http.number(), every_subscription);
    EXPECT_EQ(now.consumers, wanted.consumers);
  }
  static asio::awaitable<void> pass(duration time) {
    const auto end = std::chrono::steady_clock::now() + time;
    const auto over = [&] { return std::chrono::steady_clock::now() >= end; };
    co_await until(over);
  }

  reserved_port http;
  nats_server server{{.extra_config = "http: \"127.0.0.1:" + std::to_string(http.number()) + "\"\n"}};
};

// fault: 82
TEST_F(endurance_test, reconnects_leave_nothing) {
  const auto work = [&]() -> asio::awaitable<void> {
    fault_proxy line(co_await asio::this_coro::executor, server.port());
    client nats =
        co_await connect(config(line.url())
                             .reconnect([](auto& reconnect) { reconnect.initial_delay(1us).max_delay(1us); })
                             .ping_interval(1min));
    bucket b = co_await nats.create_bucket(bucket_config("B").storage(storage::memory));
    watcher updates = b.watch("k", {.heartbeat = 1s});
    EXPECT_EQ(co_await initial_of(updates), "");
    const traces before = traces_of(nats);
    double settled = 0;
    for (int i = 1; i <= reconnects; ++i) {
      const bool wait_for_watch = i % 10 == 0;  // else the next cut meets it while it is set up
      line.cut_all(i % 2 == 0 ? cut_with::fin : cut_with::reset);
      const auto back = [&] {
        return nats.is_connected() && nats.statistics().reconnects == static_cast<std::uint64_t>(i);
      };
      co_await until(back);
      if (wait_for_watch) {
        const std::string value = std::to_string(i);
        const revision rev = co_await b.put("k", value);
        EXPECT_EQ(co_await next_of(updates), "k@" + std::to_string(rev) + "=" + value);
      }
      if (i == reconnects / 10) settled = resident_mb();
      if (testing::Test::HasFailure()) co_return;
    }
    const double grown = resident_mb() - settled;
    std::cout << reconnects << " reconnects; resident memory grew by " << grown << " MB\n";
    EXPECT_LT(grown, growth_limit_mb);
    EXPECT_TRUE(line.malformed().empty());
    co_await expect_traces(nats, before);
  };
  run(work, 10min);
}

// fault: 82
TEST_F(endurance_test, failed_dials_leave_nothing) {
  const auto work = [&]() -> asio::awaitable<void> {
    client nats = co_await connect(
        config(server.url()).reconnect([](auto& reconnect) { reconnect.initial_delay(1us).max_delay(1us); }));
    bucket b = co_await nats.create_bucket(bucket_config("B"));
    co_await b.put("k", "1");
    watcher updates = b.watch("k", {.heartbeat = 1s});
    EXPECT_EQ(co_await initial_of(updates), "k@1=1");
    const traces before = traces_of(nats);
    server.kill();
    double settled = 0;
    for (int part = 1; part <= 10; ++part) {
      const auto enough = static_cast<std::uint64_t>(failed_dials / 10 * part);
      const auto failed = [&] { return nats.statistics().failed_attempts >= enough; };
      co_await until(failed);
      if (part == 1) settled = resident_mb();
    }
    const double grown = resident_mb() - settled;
    std::cout << failed_dials << " failed dials; resident memory grew by " << grown << " MB\n";
    EXPECT_LT(grown, growth_limit_mb);
    server.start();
    EXPECT_EQ(co_await b.put("k", "2"), 2u);
    EXPECT_EQ(co_await next_of(updates), "k@2=2");
    co_await expect_traces(nats, before);
  };
  run(work, 10min);
}

}  // namespace
}  // namespace kvco::test
