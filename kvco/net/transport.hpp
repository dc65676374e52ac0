// A byte stream to a server, and how to get one.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <kvco/core/deadlines.hpp>
#include <kvco/error.hpp>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kvco::net {

namespace asio = boost::asio;

struct io_result {
  error_code code;
  std::size_t size = 0;
};

/// An open byte stream. One read and one write at a time; close() ends both with operation_aborted.
class transport {
 public:
  virtual ~transport() = default;
  virtual asio::awaitable<io_result> read_some(std::span<char> room) = 0;
  /// Writes all of the pieces, gathered.
  virtual asio::awaitable<error_code> write(const std::vector<std::string_view>& pieces) = 0;
  /// Says that no more will be written (FIN): closing at once would reset the connection and throw away what the
  /// server has not read yet.
  virtual void shutdown_send() = 0;
  virtual void close() noexcept = 0;
};

struct endpoint_name {
  // Not an aggregate: g++ 12 destroys owning aggregates twice that are made inside a co_await expression.
  endpoint_name(std::string name, std::uint16_t number) : host(std::move(name)), port(number) {}
  std::string host;
  std::uint16_t port;
};

/// What a session needs of the world: connections, the time, randomness. Tests put a scripted one in its place.
class environment {
 public:
  virtual ~environment() = default;
  /// Connects to the first address of the host that answers. cancel() ends it with operation_aborted.
  struct connected {
    error_code code;
    std::string detail;
    std::unique_ptr<transport> stream;
  };
  virtual asio::awaitable<connected> connect(endpoint_name server) = 0;
  virtual void cancel_connect() noexcept = 0;

  virtual core::time_point now() const = 0;
  /// Returns at `until`, or as soon as wake() is called.
  virtual asio::awaitable<void> sleep(core::time_point until) = 0;
  virtual void wake() noexcept = 0;

  virtual std::uint64_t random() = 0;
};

/// TCP, the steady clock, and the machine's random source.
std::unique_ptr<environment> make_environment(const asio::any_io_executor& executor);

}  // namespace kvco::net
