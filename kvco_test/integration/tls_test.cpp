// TLS with real servers: upgraded after INFO or from the beginning, verified, mutual - and never plain where TLS is wanted.
#include <gmock/gmock.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <filesystem>
#include <kvco_test/support/server/certificates.hpp>
#include <kvco_test/support/server/connecting.hpp>
#include <kvco_test/support/server/loopback.hpp>
#include <kvco_test/support/server/tls_servers.hpp>

namespace kvco::test {
namespace {

using asio::ip::tcp;
using testing::HasSubstr;
using namespace std::chrono_literals;

class tls_test : public testing::TestWithParam<std::string> {
 protected:
  certificate_authority authority;
};
KVCO_ALSO_ON_OLDER_GENERATIONS(tls_test);

TEST_P(tls_test, where_the_server_demands_it) {
  const nats_server server(with_tls(GetParam(), tls_block(authority.issue("server"))));
  for (const char* scheme : {"nats", "tls"}) {
    expect_works(config(as(scheme, server)).tls([&](auto& tls) { tls.ca_file(authority.certificate()); }));
  }
}

// fault: 40
TEST_P(tls_test, with_a_certificate_of_the_client) {
  const auto own = authority.issue("server"), mine = authority.issue("client");
  const nats_server server(
      with_tls(GetParam(), tls_block(own, ", verify: true, ca_file: \"" + authority.certificate() + "\"")));
  const config trusting =
      config(as("tls", server)).tls([&](auto& tls) { tls.ca_file(authority.certificate()); });
  expect_works(config(trusting).tls([&](auto& tls) { tls.certificate_files(mine.certificate, mine.key); }));
  expect_refused(trusting, errc::tls_failed, "certificate");
}

// fault: 40
TEST_P(tls_test, refused_certificates) {
  const certificate_authority another;
  const nats_server server(with_tls(GetParam(), tls_block(authority.issue("server"))));
  const nats_server expired(with_tls(GetParam(), tls_block(authority.issue("expired", {.days = -1}))));
  const nats_server elsewhere(
      with_tls(GetParam(), tls_block(authority.issue("elsewhere", {.names = "DNS:nats.example"}))));
  expect_refused(config(as("tls", server)), errc::tls_failed, "certificate");  // the system does not know it
  expect_refused(config(as("tls", server)).tls([&](auto& tls) { tls.ca_file(another.certificate()); }),
                 errc::tls_failed, "certificate");
  expect_refused(config(as("tls", expired)).tls([&](auto& tls) { tls.ca_file(authority.certificate()); }),
                 errc::tls_failed, "expired");
  expect_refused(config(as("tls", elsewhere)).tls([&](auto& tls) { tls.ca_file(authority.certificate()); }),
                 errc::tls_failed, "mismatch");
  expect_works(config(as("tls", elsewhere)).tls([&](auto& tls) {
    tls.ca_file(authority.certificate()).server_name("nats.example");
  }));
  expect_works(config(as("tls", elsewhere)).tls([](auto& tls) { tls.verify(false); }));
  expect_works(config("tls://localhost:" + std::to_string(server.port())).tls([&](auto& tls) {
    tls.ca_file(authority.certificate());
  }));
}

// The zone of an IPv6 address belongs to this machine, not to the certificate: it may neither be compared nor switch the
// comparison off.
// field: H1
TEST_P(tls_test, a_certificate_of_somebody_else_is_refused_for_an_address_with_a_zone) {
  const nats_server elsewhere(
      with_tls(GetParam(), tls_block(authority.issue("elsewhere", {.names = "DNS:nats.example"}))));
  const nats_server loopback(
      with_tls(GetParam(), tls_block(authority.issue("loopback", {.names = "IP:::1,IP:127.0.0.1"}))));
  for (const char* zone : {"%1", "%lo", "%nosuch", "%"}) {
    const std::string name = std::string("::1") + zone;
    expect_refused(config(as("tls", elsewhere)).tls([&](auto& tls) {
      tls.ca_file(authority.certificate()).server_name(name);
    }),
                   errc::tls_failed, "mismatch");
    expect_works(config(as("tls", loopback)).tls([&](auto& tls) {
      tls.ca_file(authority.certificate()).server_name(name);
    }));
  }
  for (const char* other : {"::2%1", "fe80::1%lo", "[::1]"}) {
    expect_refused(config(as("tls", loopback)).tls([&](auto& tls) {
      tls.ca_file(authority.certificate()).server_name(other);
    }),
                   errc::tls_failed, "TLS");
  }
}

// An IPv4 server is reached by an IPv6 socket as well, so that this needs no interface with an IPv6 address.
// field: H1
TEST_P(tls_test, a_zone_in_the_url) {
  const nats_server elsewhere(
      with_tls(GetParam(), tls_block(authority.issue("elsewhere", {.names = "IP:::2"}))));
  for (const char* zone : {"", "%1", "%lo"}) {
    const std::string url =
        std::string("tls://[::ffff:127.0.0.1") + zone + "]:" + std::to_string(elsewhere.port());
    expect_refused(config(url).tls([&](auto& tls) { tls.ca_file(authority.certificate()); }),
                   errc::tls_failed, "mismatch");
    expect_works(
        config(url).tls([&](auto& tls) { tls.ca_file(authority.certificate()).server_name("::2"); }));
  }
}

// fault: 40
TEST_P(tls_test, unusable_files) {
  const nats_server server(with_tls(GetParam(), tls_block(authority.issue("server"))));
  const config wanted =
      config(as("tls", server)).tls([&](auto& tls) { tls.ca_file(authority.certificate()); });
  expect_refused(config(as("tls", server)).tls([](auto& tls) { tls.ca_file("/no/such.pem"); }),
                 errc::tls_failed, "/no/such.pem");
  expect_refused(config(wanted).tls([](auto& tls) { tls.certificate_files("/no/such.pem", "/no/such.key"); }),
                 errc::tls_failed, "/no/such.pem");
  const auto mine = authority.issue("client"), other = authority.issue("other");
  expect_refused(config(wanted).tls([&](auto& tls) { tls.certificate_files(mine.certificate, other.key); }),
                 errc::tls_failed, other.key);
}

// Both ends take new files at the next connection.
// fault: 42
TEST_P(tls_test, renewed_certificates_are_used_after_a_reconnect) {
  const auto own = authority.issue("server");
  nats_server server(with_tls(GetParam(), tls_block(own)));
  const std::string trusted = authority.certificate();
  run([&]() -> asio::awaitable<void> {
    client nats = co_await connect(config(as("tls", server)).tls([&](auto& tls) { tls.ca_file(trusted); }));
    bucket b = co_await nats.create_bucket(bucket_config("B"));
    co_await b.put("k", "1");
    watcher updates = b.watch_all();
    EXPECT_EQ(co_await initial_of(updates), "k@1=1");

    certificate_authority next;
    const auto renewed = next.issue("server");
    const auto replace = std::filesystem::copy_options::overwrite_existing;
    std::filesystem::copy_file(renewed.certificate, own.certificate, replace);
    std::filesystem::copy_file(renewed.key, own.key, replace);
    std::filesystem::copy_file(next.certificate(), trusted, replace);
    server.restart();
    co_await until([&] { return nats.statistics().reconnects >= 1; });
    EXPECT_EQ(co_await b.put("k", "2"), 2u);
    EXPECT_EQ(co_await next_of(updates), "k@2=2");
    co_await nats.close();
  });
}

// fault: 40
TEST(tls_first_test, before_info) {
  certificate_authority authority;
  for (const char* version : {"2.10", "newest"}) {
    const nats_server server(
        with_tls(version, tls_block(authority.issue("server"), ", handshake_first: \"1s\"")));
    expect_works(config(as("tls", server)).tls([&](auto& tls) {
      tls.ca_file(authority.certificate()).handshake_first(true);
    }));
  }
}

/// Something that says this and listens.
struct stranger {
  explicit stranger(asio::io_context& reactor, std::string says) : acceptor(reactor, loopback(0)) {
    asio::co_spawn(reactor, serve(std::move(says)), asio::detached);
  }
  asio::awaitable<void> serve(std::string says) {
    tcp::socket socket = co_await acceptor.async_accept(asio::deferred);
    co_await asio::async_write(socket, asio::buffer(says), asio::deferred);
    std::array<char, 4096> bytes;
    while (true) {
      auto [code, size] = co_await socket.async_read_some(asio::buffer(bytes), nothrow);
      if (code) co_return;
      heard.append(bytes.data(), size);
    }
  }
  std::string url() const {
    return "tls://user:secret@127.0.0.1:" + std::to_string(acceptor.local_endpoint().port());
  }

  tcp::acceptor acceptor;
  std::string heard;
};

// A server that offers none, and somebody on the way who removes the offer, or puts words behind it.
// fault: 40
TEST(tls_stripping_test, nothing_is_said_in_plain_text) {
  const std::string head = R"(INFO {"version":"2.10.0","headers":true)";
  for (const std::string& says :
       {head + "}\r\n", head + ",\"tls_available\":false}\r\n", head + ",\"tls_required\":true}\r\nPING\r\n",
        head + ",\"tls_available\":true}\r\n+OK\r\nPI"}) {
    asio::io_context reactor;
    stranger peer(reactor, says);
    heard<client> connected;
    connect(reactor, config(peer.url()).connect_timeout(2s), connected);
    drive_until(reactor, [&] { return connected.done(); });
    EXPECT_EQ(connected.code(), errc::tls_failed) << connected.code() << " " << connected.detail();
    EXPECT_EQ(peer.heard, "") << says;
  }
}

}  // namespace
}  // namespace kvco::test
