// TCP connections and the steady clock.
#include <kvco/net/transport.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <kvco/detail/concat.hpp>
#include <random>

namespace kvco::net {
namespace {

using tcp = asio::ip::tcp;
constexpr asio::as_tuple_t<asio::deferred_t> quietly{asio::deferred};

class tcp_transport final : public transport {
 public:
  explicit tcp_transport(tcp::socket socket) : socket_(std::move(socket)) {}

  asio::awaitable<io_result> read_some(std::span<char> room) override {
    auto [code, size] = co_await socket_.async_read_some(asio::buffer(room.data(), room.size()), quietly);
    co_return io_result{code, size};
  }

  asio::awaitable<error_code> write(const std::vector<std::string_view>& pieces) override {
    buffers_.clear();
    for (const std::string_view piece : pieces) buffers_.emplace_back(piece.data(), piece.size());
    auto [code, size] = co_await asio::async_write(socket_, buffers_, quietly);
    co_return code;
  }

  void shutdown_send() override {
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
  }

  void close() noexcept override {
    error_code ignored;
    socket_.close(ignored);
  }

 private:
  tcp::socket socket_;
  std::vector<asio::const_buffer> buffers_;
};

class asio_environment final : public environment {
 public:
  explicit asio_environment(const asio::any_io_executor& executor)
      : resolver_(executor), connecting_(executor), timer_(executor) {}

  asio::awaitable<connected> connect(endpoint_name server) override {
    cancelled_ = false;
    std::vector<tcp::endpoint> addresses;
    connected result;
    result.code = co_await resolve(server, addresses);
    if (result.code) {
      result.detail = detail::concat("resolving ", server.host, ": ", result.code.message());
      co_return result;
    }
    for (const tcp::endpoint& address : addresses) {
      connecting_ = tcp::socket(timer_.get_executor());
      auto [code] = co_await connecting_.async_connect(address, quietly);
      result.code = cancelled_ ? error_code(asio::error::operation_aborted) : code;
      if (!result.code || cancelled_) break;
    }
    if (result.code) {
      result.detail =
          detail::concat(server.host, ":", std::to_string(server.port), ": ", result.code.message());
      co_return result;
    }
    error_code ignored;
    connecting_.set_option(tcp::no_delay(true), ignored);
    result.stream = std::make_unique<tcp_transport>(std::move(connecting_));
    co_return result;
  }

  void cancel_connect() noexcept override {
    cancelled_ = true;
    resolver_.cancel();
    error_code ignored;
    connecting_.close(ignored);
  }

  core::time_point now() const override { return std::chrono::steady_clock::now(); }

  asio::awaitable<void> sleep(core::time_point until) override {
    timer_.expires_at(until);
    co_await timer_.async_wait(quietly);
  }

  void wake() noexcept override { timer_.cancel(); }

  std::uint64_t random() override { return std::uint64_t{source_()} << 32 | source_(); }

 private:
  asio::awaitable<error_code> resolve(const endpoint_name& server, std::vector<tcp::endpoint>& addresses) {
    error_code not_numeric;
    const auto numeric = asio::ip::make_address(server.host, not_numeric);
    if (!not_numeric) {
      addresses.emplace_back(numeric, server.port);
      co_return error_code();
    }
    // The resolver works on a thread of its own, inside Asio.
    const std::string port = std::to_string(server.port);
    auto result = co_await resolver_.async_resolve(server.host, port, quietly);
    const auto& [code, found] = result;
    for (const auto& entry : found) addresses.push_back(entry.endpoint());
    if (!code && addresses.empty()) co_return error_code(asio::error::host_not_found);
    co_return code;
  }

  tcp::resolver resolver_;
  tcp::socket connecting_;
  asio::steady_timer timer_;
  std::random_device source_;
  bool cancelled_ = false;
};

}  // namespace

std::unique_ptr<environment> make_environment(const asio::any_io_executor& executor) {
  return std::make_unique<asio_environment>(executor);
}

}  // namespace kvco::net
