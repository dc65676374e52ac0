// A TCP connection, plain or with TLS from its beginning or from its INFO on.
#include <kvco/net/tcp_transport.hpp>

#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <kvco/net/quietly.hpp>
#include <kvco/net/tls_context.hpp>
#include <optional>

namespace kvco::net {
namespace {

using tcp = asio::ip::tcp;
constexpr std::size_t most_buffers = 64;  // of one system call, in Asio

class tcp_transport final : public transport {
 public:
  explicit tcp_transport(tcp::socket socket) : socket_(std::move(socket)) {
    error_code ignored;
    socket_.non_blocking(true, ignored);  // for try_write()
  }

  asio::awaitable<step_result> secure(tls_settings settings) override {
    tls_context made = make_tls_context(settings);
    if (made.problem.code) co_return std::move(made.problem);
    context_ = std::move(made.value);
    tls_.emplace(socket_, *context_);
    step_result expected = expect_certificate(tls_->native_handle(), settings);
    if (expected.code) co_return expected;
    auto [code] = co_await tls_->async_handshake(asio::ssl::stream_base::client, quietly);
    co_return handshake_result(tls_->native_handle(), code, settings.name);
  }
  bool secured() const noexcept override { return tls_.has_value(); }

  asio::awaitable<io_result> read_some(std::span<char> room) override {
    const asio::mutable_buffer buffer(room.data(), room.size());
    if (tls_) {
      auto [code, size] = co_await tls_->async_read_some(buffer, quietly);
      // Servers close without TLS's own goodbye; the protocol above knows what is missing.
      co_return io_result{code == asio::ssl::error::stream_truncated ? error_code(asio::error::eof) : code,
                          size};
    }
    auto [code, size] = co_await socket_.async_read_some(buffer, quietly);
    co_return io_result{code, size};
  }

  std::size_t try_write(const std::vector<std::string_view>& pieces) override {
    if (tls_) return 0;
    if (pieces.size() == 1) {  // as a rule: send() is less work than sendmsg()
      error_code code;
      return socket_.write_some(asio::buffer(pieces.front()), code);
    }
    std::size_t written = 0;
    for (std::size_t next = 0; next < pieces.size();) {
      std::size_t wanted = 0;
      buffers_.clear();
      for (; next < pieces.size() && buffers_.size() < most_buffers; ++next) {
        buffers_.emplace_back(pieces[next].data(), pieces[next].size());
        wanted += pieces[next].size();
      }
      error_code code;
      const std::size_t size = socket_.write_some(buffers_, code);
      written += size;
      if (code || size < wanted) break;
    }
    return written;
  }

  asio::awaitable<error_code> write(const std::vector<std::string_view>& pieces) override {
    buffers_.clear();
    for (const std::string_view piece : pieces) buffers_.emplace_back(piece.data(), piece.size());
    if (tls_) {
      auto [code, size] = co_await asio::async_write(*tls_, buffers_, quietly);
      co_return code;
    }
    auto [code, size] = co_await asio::async_write(socket_, buffers_, quietly);
    co_return code;
  }

  asio::awaitable<void> finish() override {
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
    co_return;
  }

  void close() noexcept override {
    error_code ignored;
    socket_.close(ignored);
  }

 private:
  tcp::socket socket_;
  std::unique_ptr<asio::ssl::context> context_;
  std::optional<asio::ssl::stream<tcp::socket&>> tls_;
  std::vector<asio::const_buffer> buffers_;
};

}  // namespace

std::unique_ptr<transport> make_tcp_transport(tcp::socket socket) {
  return std::make_unique<tcp_transport>(std::move(socket));
}

}  // namespace kvco::net
