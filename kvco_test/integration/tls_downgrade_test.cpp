// What was secure once stays so, and which names certificates may have that a cluster announces: with real servers.
#include <gmock/gmock.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <kvco_test/support/server/connecting.hpp>
#include <kvco_test/support/server/loopback.hpp>
#include <kvco_test/support/server/tls_servers.hpp>

namespace kvco::test {
namespace {

using asio::ip::tcp;
using testing::HasSubstr;
using namespace std::chrono_literals;

/// Two nodes, of which the first tells its clients of the second as `place`. Without a port it is the second's own.
struct announcing_cluster {
  announcing_cluster(const std::string& version, const std::string& place, const std::string& first_block,
                     const std::string& second_block)
      : second(node(version, second_block + "client_advertise: \"" + place + "\"\n", route.number(), {})),
        first(node(version, first_block, -1,
                   ", routes: [\"nats://127.0.0.1:" + std::to_string(route.number()) + "\"]")) {}
  static server_options node(const std::string& version, const std::string& block, int port,
                             const std::string& more) {
    return {.version = version,
            .jetstream = false,
            .extra_config = block + "cluster { name: C, listen: \"127.0.0.1:" + std::to_string(port) + "\"" +
                            more + " }\n"};
  }
  /// A client that has heard of the second node in the first INFO, and is told nothing else.
  asio::awaitable<client> meet(config settings, std::string place) const {
    for (int meetings = 0;;) {
      client nats = co_await connect(settings);
      const std::vector<std::string> told = nats.server_info().connect_urls;
      // The first one may be told once more, for the second node has just come.
      meetings += std::find(told.begin(), told.end(), place) != told.end();
      if (meetings == 2) co_return nats;
      co_await nats.close();
    }
  }

  reserved_port route;
  nats_server second, first;
};

/// A server that speaks no TLS, where another one did; it lets everybody in, and keeps what it hears.
struct imposter {
  imposter(asio::any_io_executor executor, std::uint16_t port) : acceptor(listen_on(executor, port)) {
    asio::co_spawn(executor, accept(), asio::detached);
  }
  ~imposter() { stop(); }
  void stop() {
    error_code ignored;
    acceptor.close(ignored);
    for (const auto& each : open) each->close(ignored);
  }
  asio::awaitable<void> accept() {
    while (true) {
      const auto socket = std::make_shared<tcp::socket>(acceptor.get_executor());
      auto [code] = co_await acceptor.async_accept(*socket, nothrow);
      if (code) co_return;
      ++visits;
      open.push_back(socket);
      asio::co_spawn(acceptor.get_executor(), serve(socket), asio::detached);
    }
  }
  asio::awaitable<void> serve(std::shared_ptr<tcp::socket> socket) {
    const std::string info =
        "INFO {\"version\":\"2.10.0\",\"headers\":true,\"jetstream\":true" + more + "}\r\n";
    co_await asio::async_write(*socket, asio::buffer(info), nothrow);
    std::array<char, 4096> bytes;
    while (true) {
      auto [code, size] = co_await socket->async_read_some(asio::buffer(bytes), nothrow);
      if (code) co_return;
      heard.append(bytes.data(), size);
    }
  }

  tcp::acceptor acceptor;
  std::vector<std::shared_ptr<tcp::socket>> open;
  std::string more, heard;
  int visits = 0;
};

class once_secured_test : public testing::TestWithParam<std::string> {
 protected:
  certificate_authority authority;
};
KVCO_ON_ALL_GENERATIONS(once_secured_test);

// By its own scheme it would take what there is: TLS has come from the server's INFO alone.
// fault: 40
// field: L5
TEST_P(once_secured_test, a_server_never_hears_connect_in_plain_text_again) {
  nats_server server(with_tls(
      GetParam(), tls_block(authority.issue("server")) + "authorization { user: ann, password: secret }\n"));
  run([&]() -> asio::awaitable<void> {
    const config wanted =
        config("nats://ann:secret@127.0.0.1:" + std::to_string(server.port())).reconnect([](auto& reconnect) {
          reconnect.initial_delay(5ms).max_delay(50ms);
        });
    client nats = co_await connect(config(wanted).tls([](auto& tls) { tls.verify(false); }));
    bucket b = co_await nats.create_bucket(bucket_config("B"));
    server.kill();
    {
      imposter plain(nats.get_executor(), server.port());
      co_await until([&] { return plain.visits >= 4; });
      plain.more =
          ",\"tls_required\":false,\"connect_urls\":[\"127.0.0.1:" + std::to_string(server.port()) + "\"]";
      co_await until([&] { return plain.visits >= 8; });
      EXPECT_EQ(plain.heard, "");
      EXPECT_EQ(nats.health().last_error, errc::tls_failed) << nats.health().last_error;
      EXPECT_THAT(nats.health().last_error_detail, HasSubstr("before"));
      plain.stop();
    }
    server.start();
    co_await until([&] { return nats.is_connected(); });
    co_await b.put("k", "v");
    co_await nats.close();
  });
}

// What a secured server announces is as secure as itself.
// fault: 40
// field: L5
TEST_P(once_secured_test, nor_do_those_that_it_announces) {
  const reserved_port elsewhere;
  const std::string place = "127.0.0.1:" + std::to_string(elsewhere.number());
  const std::string users = "authorization { user: ann, password: secret }\n";
  announcing_cluster nodes(GetParam(), place, tls_block(authority.issue("server")) + users, users);
  run([&]() -> asio::awaitable<void> {
    const config wanted =
        config("nats://ann:secret@127.0.0.1:" + std::to_string(nodes.first.port()))
            .reconnect([](auto& reconnect) { reconnect.initial_delay(5ms).max_delay(50ms); });
    client nats = co_await nodes.meet(config(wanted).tls([](auto& tls) { tls.verify(false); }), place);
    imposter plain(nats.get_executor(), elsewhere.number());
    nodes.first.kill();
    co_await until([&] { return plain.visits >= 4; });
    EXPECT_EQ(plain.heard, "");
    plain.stop();
    co_await nats.close();
  });
}

// Nodes that have certificates of their own names, and announce each other.
class announced_name_test : public testing::Test {
 protected:
  struct node {
    std::string host, certified;
    std::string version = "newest";  // says INFO again behind CONNECT
    bool first = false;              // TLS before INFO
  };
  /// A client that has lost the server which announced this one: does it connect, or refuse the certificate?
  bool reaches(const node& other) {
    const std::string tls_first = other.first ? ", handshake_first: \"1s\"" : "";
    announcing_cluster nodes(other.version, other.host,
                             tls_block(authority.issue("seed", {.names = "DNS:localhost"}), tls_first),
                             tls_block(authority.issue("other", {.names = other.certified}), tls_first));
    const std::string place = other.host + ":" + std::to_string(nodes.second.port());
    bool reached = false;
    run([&]() -> asio::awaitable<void> {
      const config wanted =
          config("tls://localhost:" + std::to_string(nodes.first.port())).tls([&](auto& tls) {
            tls.ca_file(authority.certificate());
          });
      client nats = co_await nodes.meet(
          config(wanted)
              .tls([&](auto& tls) { tls.handshake_first(other.first); })
              .reconnect([](auto& reconnect) { reconnect.initial_delay(5ms).max_delay(20ms); }),
          place);
      co_await nats.flush();  // what the server repeats over TLS has come
      nodes.first.kill();
      const auto refused = [&] {
        return nats.health().last_error_detail.find("mismatch") != std::string::npos;
      };
      co_await until([&] { return nats.statistics().reconnects >= 1 || refused(); });
      reached = nats.is_connected();
      EXPECT_NE(reached, refused()) << nats.health().last_error_detail;
      co_await nats.close();
    });
    return reached;
  }
  certificate_authority authority;
};

// fault: 40
// field: L7
TEST_F(announced_name_test, counts_where_it_came_over_tls) {
  EXPECT_TRUE(reaches({"127.0.0.1", "IP:127.0.0.1"}));
  EXPECT_TRUE(reaches({"127.0.0.1", "IP:127.0.0.1", "2.10", true}));
  EXPECT_TRUE(reaches({"127.0.0.1", "DNS:localhost"})) << "the configured name goes on to count";
  EXPECT_FALSE(reaches({"127.0.0.1", "DNS:nats.example,IP:127.0.0.3"}));
}

// Before TLS anybody on the way can announce a server of his own, with a certificate of its own.
// fault: 40
// field: L7
TEST_F(announced_name_test, counts_for_nothing_in_plain_text) {
  EXPECT_FALSE(reaches({"127.0.0.1", "IP:127.0.0.1", "2.10"}));
  EXPECT_TRUE(reaches({"127.0.0.1", "DNS:localhost", "2.10"}));
}

}  // namespace
}  // namespace kvco::test
