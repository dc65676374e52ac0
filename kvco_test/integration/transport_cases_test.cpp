// Values of all sizes, full sockets and their ends over every transport.
#include <kvco_test/support/faults/fault_proxy.hpp>
#include <kvco_test/support/server/certificates.hpp>
#include <kvco_test/support/server/kv_test.hpp>
#include <kvco_test/support/server/tls_servers.hpp>

#include <vector>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;

/// A client over a transport (the scheme of its URL), through a line that can stand still.
class every_transport : public testing::TestWithParam<std::string> {
 protected:
  static std::string certificates(const certificate_authority::files& own) {
    return "tls { cert_file: \"" + own.certificate + "\", key_file: \"" + own.key + "\" }";
  }
  bool by_websocket() const { return GetParam().starts_with("ws"); }
  std::string lines_of_server() const {
    const bool secure = GetParam() == "tls" || GetParam() == "wss";
    const std::string tls = secure ? certificates(own) : "no_tls: true";
    if (by_websocket()) return "websocket { port: " + std::to_string(port.number()) + ", " + tls + " }\n";
    return secure ? tls + "\n" : std::string();
  }
  /// With a client, its bucket, and its line.
  void through_line(const std::function<asio::awaitable<void>(client&, bucket&, fault_proxy&)>& what) {
    const nats_server server({.extra_config = lines_of_server()});
    run([&]() -> asio::awaitable<void> {
      fault_proxy line(co_await asio::this_coro::executor, by_websocket() ? port.number() : server.port(),
                       {.reads_frames = false});
      config settings(GetParam() + "://127.0.0.1:" + std::to_string(line.port()));
      if (GetParam() == "tls" || GetParam() == "wss") settings.tls().ca_file(authority.certificate());
      client nats = co_await connect(settings.write_buffer(64u << 20));
      bucket b = co_await nats.create_bucket(bucket_config("B"));
      co_await what(nats, b, line);
      EXPECT_EQ(nats.statistics().reconnects, 0U);
    });
  }

  certificate_authority authority;
  certificate_authority::files own = authority.issue("server");
  reserved_port port;
};

std::string bytes_of(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 2654435761u >> 13);
  return bytes;
}

TEST_P(every_transport, carries_values_around_the_sizes_of_records_and_frames) {
  through_line([](client&, bucket& b, fault_proxy&) -> asio::awaitable<void> {
    const std::size_t sizes[] = {0, 125, 126, 16'383, 16'384, 16'385, 65'535, 65'536, 200'000, 1'000'000};
    for (const std::size_t size : sizes) {
      co_await b.put("k", bytes_of(size));
      EXPECT_TRUE(co_await value_of(b, "k") == bytes_of(size)) << size;
    }
  });
}

// More than any socket takes: what was taken of it by then is not written again, and nothing is left out.
TEST_P(every_transport, writes_on_where_a_full_socket_took_a_part) {
  through_line([](client&, bucket& b, fault_proxy& line) -> asio::awaitable<void> {
    line.set(direction::to_server, {.stalled = true});
    std::vector<heard<revision>> puts(40);
    for (std::size_t i = 0; i < puts.size(); ++i) {
      b.put("k" + std::to_string(i), bytes_of(i % 2 == 0 ? 500'000 + i : i), puts[i]);
    }
    const std::uint64_t before = line.bytes(direction::to_server);
    const auto stands = [&] { return line.bytes(direction::to_server) > before; };
    co_await until(stands);
    line.set(direction::to_server, {});
    const auto all_done = [&] {
      return std::all_of(puts.begin(), puts.end(), [](const auto& one) { return one.done(); });
    };
    co_await until(all_done);
    for (std::size_t i = 0; i < puts.size(); ++i) {
      EXPECT_FALSE(puts[i].code()) << i << ": " << puts[i].code();
      const std::string value = co_await value_of(b, "k" + std::to_string(i));
      EXPECT_TRUE(value == bytes_of(i % 2 == 0 ? 500'000 + i : i)) << i;
    }
  });
}

// The rest of a write that waits ends with its connection, and the client with it.
TEST_P(every_transport, ends_while_a_write_waits) {
  through_line([](client& nats, bucket& b, fault_proxy& line) -> asio::awaitable<void> {
    line.set(direction::to_server, {.stalled = true});
    std::vector<heard<revision>> puts(40);
    for (const auto& put : puts) b.put("k", bytes_of(500'000), put);
    const auto [code] = co_await nats.close({.timeout = 100ms}, nothrow);
    EXPECT_TRUE(code) << "nothing was answered";
    const auto all_done = [&] {
      return std::all_of(puts.begin(), puts.end(), [](const auto& one) { return one.done(); });
    };
    co_await until(all_done);
    for (const auto& put : puts) EXPECT_TRUE(put.code());
  });
}

INSTANTIATE_TEST_SUITE_P(over, every_transport, testing::Values("nats", "tls", "ws", "wss"),
                         [](const auto& instance) { return instance.param; });

}  // namespace
}  // namespace kvco::test
