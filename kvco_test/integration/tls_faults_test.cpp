// TLS on a bad line: cut anywhere in the handshake, stalled, ended without close_notify, spoilt in a session.
#include <gmock/gmock.h>
#include <kvco_test/support/faults/fault_proxy.hpp>
#include <kvco_test/support/server/certificates.hpp>
#include <kvco_test/support/server/connecting.hpp>

#include <memory>

namespace kvco::test {
namespace {

using namespace std::chrono_literals;
using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;

// A prime: over both directions and both ends of a connection all phases are met, on any size of certificates.
constexpr std::size_t stride = 13;

class tls_faults_test : public testing::Test {
 protected:
  tls_faults_test()
      : own(authority.issue("server")),
        server({.extra_config =
                    "tls { cert_file: \"" + own.certificate + "\", key_file: \"" + own.key + "\" }\n"}) {}

  /// With a proxy on the test's reactor.
  void through_proxy(const std::function<asio::awaitable<void>(fault_proxy&)>& what) {
    run([&]() -> asio::awaitable<void> {
      fault_proxy line(co_await asio::this_coro::executor, server.port(), {.reads_frames = false});
      co_await what(line);
    });
  }
  config by(const fault_proxy& line) const {
    return config("tls://127.0.0.1:" + std::to_string(line.port()))
        .tls([&](auto& tls) { tls.ca_file(authority.certificate()); })
        .connect_timeout(2s)
        .reconnect([](auto& reconnect) { reconnect.initial_delay(5ms).max_delay(20ms); });
  }

  certificate_authority authority;
  certificate_authority::files own;
  nats_server server;
};

class tls_cut_test : public tls_faults_test,
                     public testing::WithParamInterface<std::pair<direction, cut_with>> {};

// Until so many bytes pass that the client connects: then the handshake is behind it.
// fault: 41
TEST_P(tls_cut_test, anywhere_in_the_handshake) {
  const auto [way, how] = GetParam();
  through_proxy([&](fault_proxy& line) -> asio::awaitable<void> {
    for (std::size_t bytes = 0;; bytes += stride) {
      SCOPED_TRACE(bytes);
      line.set(way, {.cut_after = bytes, .cut = how});
      const auto begin = std::chrono::steady_clock::now();
      auto [code, nats] = co_await connect(by(line), nothrow);
      EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s);
      if (!code) {
        EXPECT_GT(bytes, 300U) << "without a handshake";
        break;
      }
      EXPECT_THAT(code, AnyOf(errc::connect_failed, errc::tls_failed)) << code;
      const std::string words = error_detail();
      EXPECT_THAT(words, HasSubstr(std::to_string(line.port())));
      EXPECT_THAT(words, Not(testing::EndsWith("End of file")));
      EXPECT_LT(bytes, 20'000U) << "it never connects";
      if (testing::Test::HasFailure()) break;
    }
    line.set(way, {});
    client nats = co_await connect(by(line));
    bucket b = co_await nats.ensure_bucket(bucket_config("B"));
    co_await b.put("k", "v");
  });
}
INSTANTIATE_TEST_SUITE_P(of, tls_cut_test,
                         testing::Values(std::pair(direction::to_client, cut_with::fin),
                                         std::pair(direction::to_client, cut_with::reset),
                                         std::pair(direction::to_server, cut_with::fin),
                                         std::pair(direction::to_server, cut_with::reset)));

// fault: 41
TEST_F(tls_faults_test, a_handshake_that_stalls_ends_at_its_deadline) {
  through_proxy([&](fault_proxy& line) -> asio::awaitable<void> {
    for (const direction way : {direction::to_client, direction::to_server}) {
      line.set(way, {.stalled = true});
      const refusal how = co_await refused(by(line).connect_timeout(300ms));
      EXPECT_EQ(how.code, errc::connect_failed) << how.code;
      line.set(way, {});
    }
  });
}

// A session whose end is no close_notify, or whose bytes are no TLS, is a lost connection: it is made anew.
// fault: 41
TEST_F(tls_faults_test, a_session_that_is_cut_or_spoilt_comes_back) {
  through_proxy([&](fault_proxy& line) -> asio::awaitable<void> {
    client nats = co_await connect(by(line));
    bucket b = co_await nats.create_bucket(bucket_config("B"));
    co_await b.put("k", "0");
    watcher updates = b.watch("k", {.heartbeat = 200ms});
    EXPECT_EQ(co_await initial_of(updates), "k@1=0");
    const std::function<void()> faults[] = {
        [&] { line.cut_all(cut_with::fin); },
        [&] { line.cut_all(cut_with::reset); },
        [&] { line.set(direction::to_client, {.garble = 1}); },
        [&] { line.set(direction::to_server, {.garble = 1}); },
    };
    std::uint64_t reconnects = 0;
    for (const auto& fault : faults) {
      fault();
      const auto lost = [&] { return !nats.is_connected() || nats.statistics().reconnects > reconnects; };
      // Something has to go over the line to be spoilt; and where it is the length of a record, so much more.
      while (!lost()) co_await b.get("k", {.timeout = 10ms}, nothrow);
      line.set_both({});
      const auto back = [&] { return nats.is_connected() && nats.statistics().reconnects > reconnects; };
      co_await until(back);
      reconnects = nats.statistics().reconnects;
      const std::string value = std::to_string(reconnects);
      const revision rev = co_await b.put("k", value);
      EXPECT_EQ(co_await next_of(updates), "k@" + std::to_string(rev) + "=" + value);
    }
  });
}

}  // namespace
}  // namespace kvco::test
