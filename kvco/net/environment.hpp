// The platform that a session depends on: connections, the time, randomness.
#pragma once

#include <kvco/core/deadlines.hpp>
#include <kvco/core/server_url.hpp>
#include <kvco/net/transport.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace kvco::net {

/// A connection to make.
struct dial_plan {
  // Not an aggregate: g++ 12 destroys owning aggregates twice that are made inside a co_await expression.
  dial_plan(core::server_url where, tls_settings how) : server(std::move(where)), tls(std::move(how)) {}

  core::server_url server;
  tls_settings tls;          // for wss
  core::time_point until{};  // then it is cancelled: each address of the host has its share of the time
  std::vector<std::pair<std::string, std::string>> websocket_headers;
  bool websocket_compression = false;
};

/// Tests put a scripted one in its place.
class environment {
 public:
  virtual ~environment() = default;
  struct connected {
    error_code code;
    std::string detail;
    std::unique_ptr<transport> stream;
  };
  /// Connects to the first address of the host that answers, in an order of chance; with ws and wss up to the end of the
  /// WebSocket handshake. cancel_connect() ends it with operation_aborted.
  virtual asio::awaitable<connected> connect(dial_plan plan) = 0;
  virtual void cancel_connect() noexcept = 0;

  virtual core::time_point now() const = 0;
  /// The end of the clock's current tick, read in a fraction of the time that now() takes: some milliseconds after it, and not
  /// before it, unless the kernel's tick is late.
  virtual core::time_point next_tick() const { return now(); }
  /// Returns at `until`, or as soon as wake() is called.
  virtual asio::awaitable<void> sleep(core::time_point until) = 0;
  virtual void wake() noexcept = 0;

  virtual std::uint64_t random() = 0;
};

/// TCP, the steady clock, and the machine's random source.
std::unique_ptr<environment> make_environment(const asio::any_io_executor& executor);

}  // namespace kvco::net
