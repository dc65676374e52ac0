// A TLS server in front of a real NATS server. See the header.
#include <kvco_test/support/faults/tls_relay.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <kvco/net/as_tuple_deferred.hpp>
#include <kvco_test/support/server/loopback.hpp>
#include <utility>

namespace kvco::test {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using net::as_tuple_deferred;

constexpr std::size_t buffer_size = 64 * 1024, record_size = 200;

// A stream has the certificate that its context has when it is made.
asio::ssl::context context_of(const certificate_authority::files& own) {
  asio::ssl::context made(asio::ssl::context::tls_server);
  made.use_certificate_chain_file(own.certificate);
  made.use_private_key_file(own.key, asio::ssl::context::pem);
  return made;
}

}  // namespace

struct tls_relay::state {
  state(const asio::any_io_executor& executor, const certificate_authority::files& own)
      : acceptor(listen_on(executor, 0)),
        server(executor),
        context(context_of(own)),
        client(executor, context) {}

  static asio::awaitable<void> serve(std::shared_ptr<state> self, std::uint16_t target) {
    const auto [accepted] =
        co_await self->acceptor.async_accept(self->client.next_layer(), as_tuple_deferred);
    if (accepted) co_return;
    self->client.next_layer().set_option(tcp::no_delay(true));
    const auto [secured] =
        co_await self->client.async_handshake(asio::ssl::stream_base::server, as_tuple_deferred);
    const auto [connected] = co_await self->server.async_connect(loopback(target), as_tuple_deferred);
    if (secured || connected) co_return;
    asio::co_spawn(self->acceptor.get_executor(), to_server(self), asio::detached);
    std::string buffer(buffer_size, '\0');
    while (true) {
      const auto [code, size] =
          co_await self->server.async_read_some(asio::buffer(buffer), as_tuple_deferred);
      if (code) co_return self->reset();
      self->held.append(buffer, 0, size);
      if (!self->holding) self->let_go();
    }
  }

  // A read of TLS gives a record.
  static asio::awaitable<void> to_server(std::shared_ptr<state> self) {
    std::string buffer(buffer_size, '\0');
    while (true) {
      const auto [code, size] =
          co_await self->client.async_read_some(asio::buffer(buffer), as_tuple_deferred);
      if (code) co_return self->reset();
      ++self->records;
      (void)co_await asio::async_write(self->server, asio::buffer(buffer, size), as_tuple_deferred);
    }
  }

  void let_go() {
    boost::system::error_code code;
    for (std::size_t at = 0; at < held.size() && !code; at += record_size) {
      asio::write(client, asio::buffer(std::string_view(held).substr(at, record_size)), code);
    }
    held.clear();
  }
  void reset() {
    reset_socket(client.next_layer());
    reset_socket(server);
  }

  tcp::acceptor acceptor;
  tcp::socket server;
  asio::ssl::context context;
  asio::ssl::stream<tcp::socket> client;
  std::string held;
  bool holding = false;
  std::size_t records = 0;
};

tls_relay::tls_relay(asio::any_io_executor executor, std::uint16_t target,
                     const certificate_authority::files& own)
    : state_(std::make_shared<state>(executor, own)) {
  asio::co_spawn(executor, state::serve(state_, target), asio::detached);
}

tls_relay::~tls_relay() {
  boost::system::error_code ignored;
  state_->acceptor.close(ignored);
  state_->reset();
}

std::string tls_relay::url() const {
  return "tls://127.0.0.1:" + std::to_string(state_->acceptor.local_endpoint().port());
}

void tls_relay::hold(bool v) {
  state_->holding = v;
  if (!v) state_->let_go();
}

const std::string& tls_relay::held() const { return state_->held; }
std::size_t tls_relay::messages() const { return state_->records; }

}  // namespace kvco::test
