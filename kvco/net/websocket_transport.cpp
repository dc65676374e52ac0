// NATS over WebSocket: binary messages that cut the protocol anywhere.
#include <kvco/net/websocket_transport.hpp>

#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <kvco/detail/concat.hpp>
#include <kvco/net/quietly.hpp>
#include <kvco/net/tls_context.hpp>
#include <limits>

namespace kvco::net {
namespace {

namespace beast = boost::beast;
namespace websocket = beast::websocket;
using tcp = asio::ip::tcp;

// A message that is larger than max_payload before its compression is refused by nats-server 2.15.
constexpr std::size_t most_of_compressed_message = 64 * 1024;

/// Below a WebSocket. Behind the last frame nobody waits for the peer to end the connection: a connection that is lost is known to
/// be lost at once.
template <class Stream>
struct impatient : Stream {
  using Stream::Stream;
  explicit impatient(Stream&& stream) : Stream(std::move(stream)) {}
};
template <class Stream>
void teardown(beast::role_type, impatient<Stream>& stream, error_code& code) {
  beast::get_lowest_layer(stream).shutdown(tcp::socket::shutdown_send, code);
}
template <class Stream, class Handler>
void async_teardown(beast::role_type role, impatient<Stream>& stream, Handler&& handler) {
  error_code ignored;
  teardown(role, stream, ignored);
  asio::post(stream.get_executor(), beast::bind_front_handler(std::forward<Handler>(handler), error_code()));
}

using tcp_stream = impatient<tcp::socket>;
using tls_stream = impatient<asio::ssl::stream<tcp::socket>>;

std::string host_field(const core::server_url& server) {
  const bool v6 = server.host.find(':') != std::string::npos;
  return detail::concat(v6 ? "[" : "", server.host, v6 ? "]" : "", ":", std::to_string(server.port));
}

// Stream is a TCP socket, or TLS on one.
template <class Stream>
class basic_websocket_transport final : public websocket_transport {
 public:
  explicit basic_websocket_transport(tcp::socket socket) requires std::is_same_v<Stream, tcp_stream>
      : stream_(std::move(socket)) {}
  basic_websocket_transport(tcp::socket socket, std::unique_ptr<asio::ssl::context> context) requires
      std::is_same_v<Stream, tls_stream> : context_(std::move(context)),
                                           stream_(std::move(socket), *context_) {}

  asio::awaitable<step_result> open(dial_plan plan) override {
    if constexpr (is_secure) {
      tls_stream& tls = stream_.next_layer();
      step_result expected = expect_certificate(tls.native_handle(), plan.tls);
      if (expected.code) co_return expected;
      auto [code] = co_await tls.async_handshake(asio::ssl::stream_base::client, quietly);
      if (code) co_return handshake_result(tls.native_handle(), code, plan.tls.name);
    }
    prepare(plan);
    const std::string host = host_field(plan.server);
    websocket::response_type response;
    auto [code] = co_await stream_.async_handshake(response, host, plan.server.path, quietly);
    if (!code) co_return step_result();
    const bool declined = code == websocket::error::upgrade_declined;
    co_return step_result(client_error::connect_failed,
                          declined ? detail::concat("WebSocket: the server answered ",
                                                    std::to_string(response.result_int()), ", not 101")
                                   : "WebSocket: " + code.message());
  }

  asio::awaitable<step_result> secure(tls_settings) override {
    co_return step_result(client_error::tls_not_offered,
                          "a WebSocket has TLS from its beginning (wss), or not at all");
  }
  bool secured() const noexcept override { return is_secure; }

  asio::awaitable<io_result> read_some(std::span<char> room) override {
    auto [code, size] = co_await stream_.async_read_some(asio::buffer(room.data(), room.size()), quietly);
    if (code == websocket::error::closed) co_return io_result{asio::error::eof, 0};
    if (!code && stream_.got_text()) co_return io_result{client_error::not_a_nats_server, 0};
    co_return io_result{code, size};
  }

  std::size_t try_write(const std::vector<std::string_view>&) override { return 0; }
  asio::awaitable<error_code> write(const std::vector<std::string_view>& pieces) override {
    std::size_t room = most_of_message_;
    buffers_.clear();
    for (std::string_view piece : pieces) {
      while (piece.size() >= room) {
        buffers_.emplace_back(piece.data(), room);
        piece.remove_prefix(room);
        auto [code, size] = co_await stream_.async_write(buffers_, quietly);
        if (code) co_return code;
        buffers_.clear();
        room = most_of_message_;
      }
      buffers_.emplace_back(piece.data(), piece.size());
      room -= piece.size();
    }
    if (room == most_of_message_) co_return error_code();
    auto [code, size] = co_await stream_.async_write(buffers_, quietly);
    co_return code;
  }

  asio::awaitable<void> finish() override {
    co_await stream_.async_close(websocket::close_code::normal, quietly);
  }

  void close() noexcept override {
    error_code ignored;
    beast::get_lowest_layer(stream_).close(ignored);
  }

 private:
  void prepare(const dial_plan& plan) {
    stream_.binary(true);
    stream_.auto_fragment(false);
    stream_.read_message_max(0);  // the parser has the limits of the protocol
    websocket::permessage_deflate compression;
    compression.client_enable = plan.websocket_compression;
    if (plan.websocket_compression) most_of_message_ = most_of_compressed_message;
    // The server refuses to keep a dictionary from message to message.
    compression.client_no_context_takeover = compression.server_no_context_takeover = true;
    stream_.set_option(compression);
    stream_.set_option(websocket::stream_base::decorator(
        [fields = plan.websocket_headers](websocket::request_type& request) {
          for (const auto& [name, value] : fields) request.insert(name, value);
        }));
  }

  static constexpr bool is_secure = !std::is_same_v<Stream, tcp_stream>;

  std::unique_ptr<asio::ssl::context> context_;
  websocket::stream<Stream> stream_;
  std::vector<asio::const_buffer> buffers_;
  std::size_t most_of_message_ = std::numeric_limits<std::size_t>::max();
};

}  // namespace

std::unique_ptr<websocket_transport> make_websocket_transport(tcp::socket socket) {
  return std::make_unique<basic_websocket_transport<tcp_stream>>(std::move(socket));
}

std::unique_ptr<websocket_transport> make_websocket_transport(tcp::socket socket,
                                                              std::unique_ptr<asio::ssl::context> context) {
  return std::make_unique<basic_websocket_transport<tls_stream>>(std::move(socket), std::move(context));
}

}  // namespace kvco::net
