// TLS on a socket, by its records: net/tcp_transport.cpp. The peer is OpenSSL by Asio, and blocks.
#include <gtest/gtest.h>
#include <kvco/net/tcp_transport.hpp>

#include <boost/asio/read.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <future>
#include <kvco_test/support/server/certificates.hpp>
#include <kvco_test/support/server/loopback.hpp>
#include <kvco_test/support/server/run.hpp>
#include <numeric>

#include <openssl/err.h>
#include <openssl/ssl.h>

namespace kvco::net {
namespace {

using tcp = asio::ip::tcp;
using strings = std::vector<std::string>;
using pieces = std::vector<std::string_view>;

class tls_transport_test : public testing::Test {
 protected:
  explicit tls_transport_test(int version = TLS1_3_VERSION)
      : acceptor(test::listen_on(peers.get_executor(), 0)), context(context_of(own)) {
    SSL_CTX_set_max_proto_version(context.native_handle(), version);
    tcp::socket near(reactor);
    near.connect(acceptor.local_endpoint());
    peer = std::make_unique<asio::ssl::stream<tcp::socket>>(acceptor.accept(), context);
    stream = make_tcp_transport(std::move(near));
    auto answered =
        std::async(std::launch::async, [this] { peer->handshake(asio::ssl::stream_base::server); });
    test::drive(reactor, [this]() -> asio::awaitable<void> {
      tls_settings settings("127.0.0.1", config::tls_settings().ca_file(authority.certificate()));
      const step_result done = co_await stream->secure(std::move(settings));
      EXPECT_FALSE(done.code) << done.detail;
    });
    answered.get();
  }
  static asio::ssl::context context_of(const test::certificate_authority::files& own) {
    asio::ssl::context made(asio::ssl::context::tls_server);
    made.use_certificate_chain_file(own.certificate);
    made.use_private_key_file(own.key, asio::ssl::context::pem);
    return made;
  }

  void say(const std::string& bytes) { asio::write(*peer, asio::buffer(bytes)); }
  /// The next record.
  std::string hear() {
    std::string bytes(64 * 1024, '\0');
    bytes.resize(peer->read_some(asio::buffer(bytes)));
    return bytes;
  }
  std::string hear(std::size_t size) {
    std::string bytes(size, '\0');
    asio::read(*peer, asio::buffer(bytes));
    return bytes;
  }
  io_result read() {
    io_result got;
    test::drive(reactor, [&]() -> asio::awaitable<void> { got = co_await stream->read_some(room); });
    return got;
  }
  std::string text(std::size_t size) const { return {room.data(), size}; }

  test::certificate_authority authority;
  test::certificate_authority::files own = authority.issue("server");
  asio::io_context reactor, peers;
  tcp::acceptor acceptor;
  asio::ssl::context context;
  std::unique_ptr<asio::ssl::stream<tcp::socket>> peer;
  std::unique_ptr<transport> stream;
  std::vector<char> room = std::vector<char>(64 * 1024);
};

class tls_1_2_transport_test : public tls_transport_test {
 protected:
  tls_1_2_transport_test() : tls_transport_test(TLS1_2_VERSION) {}
};

// field: X14
TEST_F(tls_transport_test, one_read_takes_the_records_that_have_come) {
  for (int i = 0; i < 50; ++i) say(std::string(100, 'r'));
  std::size_t all = read().size;
  EXPECT_GT(all, 100U);
  while (const std::size_t more = stream->try_read(room)) all += more;
  EXPECT_EQ(all, 5000U);
  EXPECT_EQ(stream->try_read(room), 0U);
  say("more");
  EXPECT_EQ(text(read().size), "more");
}

// field: X14
TEST_F(tls_transport_test, what_has_come_is_read_without_the_reactor) {
  say("first");
  EXPECT_EQ(text(read().size), "first");
  say("second");
  EXPECT_EQ(text(stream->try_read(room)), "second");
}

TEST_F(tls_transport_test, a_small_room_loses_nothing) {
  const std::string all = "a record that is larger than the room";
  say(all);
  room.resize(10);
  std::string got = text(read().size);
  while (const std::size_t more = stream->try_read(room)) got += text(more);
  EXPECT_EQ(got, all);
}

// field: X14
TEST_F(tls_transport_test, what_the_socket_takes_is_written_at_once) {
  const write_result done = stream->try_write({"PING\r\n"});
  EXPECT_TRUE(done.whole);
  EXPECT_EQ(done.taken, 6U);
  EXPECT_EQ(hear(), "PING\r\n");
  EXPECT_FALSE(stream->owes());
}

TEST_F(tls_transport_test, pieces_share_records) {
  EXPECT_TRUE(stream->try_write(pieces(100, "ten bytes.")).whole);
  EXPECT_EQ(hear().size(), 1000U);
  const std::string large(20'000, 'l');
  EXPECT_TRUE(stream->try_write({"ten bytes.", large, "", large, "ten bytes."}).whole);
  EXPECT_EQ(hear().size(), 16'384U);
  EXPECT_EQ(hear().size(), 16'384U);
  EXPECT_EQ(hear().size(), 40'020U - 2 * 16'384U);
}

TEST_F(tls_transport_test, a_full_socket_takes_the_rest_later) {
  std::string all(40u << 20, '\0');
  std::iota(all.begin(), all.end(), '\0');
  const pieces halves{std::string_view(all).substr(0, 1'000'001), std::string_view(all).substr(1'000'001)};
  const write_result part = stream->try_write(halves);
  ASSERT_FALSE(part.whole);
  EXPECT_GT(part.taken, 0U);
  ASSERT_LT(part.taken, all.size());
  auto heard = std::async(std::launch::async, [&] { return hear(all.size()); });
  const pieces rest{std::string_view(all).substr(part.taken)};
  test::drive(reactor, [&]() -> asio::awaitable<void> { EXPECT_FALSE(co_await stream->write(rest)); });
  EXPECT_TRUE(heard.get() == all);
  EXPECT_TRUE(stream->try_write({"behind it"}).whole);
  EXPECT_EQ(hear(), "behind it");
}

TEST_F(tls_transport_test, what_was_taken_leaves_with_nothing_behind_it) {
  const std::string all(40u << 20, 'x');
  std::size_t taken = stream->try_write({all}).taken;
  EXPECT_EQ(stream->try_write({all}).taken, 0U) << "the socket is full";
  auto heard = std::async(std::launch::async, [&] { return hear(taken); });
  const pieces nothing;
  test::drive(reactor, [&]() -> asio::awaitable<void> { EXPECT_FALSE(co_await stream->write(nothing)); });
  EXPECT_EQ(heard.get().size(), taken);
}

TEST_F(tls_transport_test, close_ends_a_write_that_waits) {
  const std::string all(40u << 20, 'x');
  const pieces whole{all};
  test::drive(reactor, [&]() -> asio::awaitable<void> {
    asio::post(reactor, [&] { stream->close(); });
    EXPECT_EQ(co_await stream->write(whole), asio::error::operation_aborted);
  });
  EXPECT_FALSE(stream->try_write({"x"}).whole);
}

TEST_F(tls_transport_test, close_ends_a_read_that_waits) {
  test::drive(reactor, [&]() -> asio::awaitable<void> {
    asio::post(reactor, [&] { stream->close(); });
    const io_result got = co_await stream->read_some(room);
    EXPECT_EQ(got.code, asio::error::operation_aborted);
  });
  EXPECT_EQ(stream->try_read(room), 0U);
}

// A handler that waits for its turn has it before the end is told, though both came at once.
TEST_F(tls_transport_test, the_end_comes_in_a_turn_of_its_own) {
  say("last words");
  SSL_shutdown(peer->native_handle());
  boost::system::error_code ignored;
  peer->next_layer().shutdown(tcp::socket::shutdown_send, ignored);
  test::drive(reactor, [&]() -> asio::awaitable<void> {
    const io_result words = co_await stream->read_some(room);
    EXPECT_EQ(words.size, 10U);
    EXPECT_EQ(stream->try_read(room), 0U);
    bool others = false;
    asio::post(reactor, [&] { others = true; });
    const io_result last = co_await stream->read_some(room);
    EXPECT_EQ(last.code, asio::error::eof);
    EXPECT_TRUE(others);
  });
}

TEST_F(tls_transport_test, the_last_words_come_before_the_end) {
  say("last words");
  SSL_shutdown(peer->native_handle());  // its goodbye is in Asio's buffer
  boost::system::error_code ignored;
  peer->next_layer().shutdown(tcp::socket::shutdown_send, ignored);
  EXPECT_EQ(text(read().size), "last words");
  EXPECT_EQ(stream->try_read(room), 0U);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(read().code, asio::error::eof);
}

TEST_F(tls_transport_test, a_goodbye_is_an_end_though_the_socket_stays_open) {
  auto said = std::async(std::launch::async, [this] {
    say("last words");
    boost::system::error_code ignored;
    peer->shutdown(ignored);
  });
  std::string got;
  io_result last;
  while (!(last = read()).code) got += text(last.size);
  EXPECT_EQ(last.code, asio::error::eof);
  EXPECT_EQ(got, "last words");
  test::drive(reactor, [this]() -> asio::awaitable<void> { co_await stream->finish(); });
  said.get();  // it has heard ours
}

TEST_F(tls_transport_test, spoilt_records_are_an_error_of_tls) {
  asio::write(peer->next_layer(), asio::buffer(std::string(100, 'x')));
  for (int i = 0; i < 2; ++i) EXPECT_EQ(read().code.category(), asio::error::get_ssl_category());
}

// The peer wants new keys on both sides: the answer goes in front of what is written next.
TEST_F(tls_transport_test, keys_are_changed_in_a_session) {
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(SSL_key_update(peer->native_handle(), SSL_KEY_UPDATE_REQUESTED), 1);
    say("by new keys");
    EXPECT_EQ(text(read().size), "by new keys");
    EXPECT_TRUE(stream->try_write({"by new keys, too"}).whole);
    EXPECT_EQ(hear(), "by new keys, too");
  }
}

// TLS 1.2: refused, and the refusal is owed to the peer.
TEST_F(tls_1_2_transport_test, the_peer_cannot_begin_anew) {
  say("first");
  EXPECT_EQ(text(read().size), "first");
  ASSERT_EQ(SSL_renegotiate(peer->native_handle()), 1);
  say("second");
  std::string got;
  while (got.empty()) got = text(read().size);
  EXPECT_EQ(got, "second");
  EXPECT_TRUE(stream->owes());
  EXPECT_TRUE(stream->try_write({}).whole);
  EXPECT_FALSE(stream->owes());
  boost::system::error_code refused;
  peer->read_some(asio::buffer(room), refused);
  EXPECT_EQ(ERR_GET_REASON(static_cast<unsigned long>(refused.value())), SSL_R_NO_RENEGOTIATION)
      << refused.message();
}

TEST(plain_transport_test, has_nothing_to_read_without_waiting) {
  asio::io_context reactor;
  tcp::acceptor acceptor = test::listen_on(reactor.get_executor(), 0);
  tcp::socket near(reactor);
  near.connect(acceptor.local_endpoint());
  tcp::socket far = acceptor.accept();
  const auto stream = make_tcp_transport(std::move(near));
  asio::write(far, asio::buffer("a turn reads once", 17));
  std::vector<char> room(100);
  EXPECT_EQ(stream->try_read(room), 0U);
  test::drive(reactor, [&]() -> asio::awaitable<void> {
    const io_result got = co_await stream->read_some(room);
    EXPECT_EQ(got.size, 17U);
  });
}

}  // namespace
}  // namespace kvco::net
