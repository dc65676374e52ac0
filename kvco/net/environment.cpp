// Connections, the steady clock and the random source of the machine.
#include <kvco/net/environment.hpp>

#include <time.h>
#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <kvco/detail/concat.hpp>
#include <kvco/net/as_tuple_deferred.hpp>
#include <kvco/net/dialler.hpp>
#include <kvco/net/signal.hpp>
#include <kvco/net/tcp_transport.hpp>
#include <kvco/net/tls_context.hpp>
#include <kvco/net/websocket_transport.hpp>
#include <random>

namespace kvco::net {
namespace {

using tcp = asio::ip::tcp;

// A call of getaddrinfo() cannot be cancelled: the caller leaves, and the answer is discarded.
struct lookup {
  explicit lookup(const asio::any_io_executor& executor) : done(executor) {}
  void end(error_code why) {
    if (done.is_set()) return;
    code = why;
    done.set();
  }
  signal done;
  error_code code;
  std::vector<tcp::endpoint> addresses;
};

// Linux keeps the time of the last tick in memory; for the exact time it has to ask the processor. The time
// kept may be older by the part of a tick that was left over when it was counted.
#ifdef CLOCK_MONOTONIC_COARSE
core::duration tick_length() noexcept {
  timespec length{};
  return ::clock_getres(CLOCK_MONOTONIC_COARSE, &length) == 0 ? core::duration(length.tv_nsec)
                                                              : core::duration();
}
core::time_point end_of_tick() noexcept {
  static const core::duration tick = tick_length();
  timespec begin{};
  if (tick.count() == 0 || ::clock_gettime(CLOCK_MONOTONIC_COARSE, &begin) != 0)
    return std::chrono::steady_clock::now();
  return core::time_point(std::chrono::seconds(begin.tv_sec) + core::duration(begin.tv_nsec) + 2 * tick);
}
#else
core::time_point end_of_tick() noexcept { return std::chrono::steady_clock::now(); }
#endif

// Asio resolves on a thread of its own.
std::string words_of(const error_code& code) {
  if (code != asio::error::operation_not_supported) return code.message();
  return "not possible without threads (BOOST_ASIO_CONCURRENCY_HINT_UNSAFE, or BOOST_ASIO_DISABLE_THREADS): "
         "use an "
         "address, or a concurrency hint of 1";
}

class asio_environment final : public environment {
 public:
  explicit asio_environment(const asio::any_io_executor& executor)
      : resolver_(executor), dialler_(executor), timer_(executor) {}
  ~asio_environment() override {
    if (lookup_) lookup_->done.abandon();
  }

  asio::awaitable<connected> connect(dial_plan plan) override {
    cancelled_ = false;
    connected result;
    std::vector<tcp::endpoint> addresses;
    result.code = co_await resolve(plan.server, addresses);
    if (cancelled_) result.code = asio::error::operation_aborted;
    if (result.code) {
      result.detail = detail::concat("resolving ", plan.server.host, ": ", words_of(result.code));
      co_return result;
    }
    std::shuffle(addresses.begin(), addresses.end(), source_);
    result.code = co_await dialler_.connect(std::move(addresses), plan.until);
    if (result.code) {
      result.detail = result.code.message();
      co_return result;
    }
    tcp::socket socket = dialler_.take();
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    if (plan.server.websocket()) co_return co_await open_websocket(std::move(socket), std::move(plan));
    result.stream = make_tcp_transport(std::move(socket));
    co_return result;
  }

  void cancel_connect() noexcept override {
    cancelled_ = true;
    resolver_.cancel();
    if (lookup_) lookup_->end(asio::error::operation_aborted);
    dialler_.cancel();
    if (upgrading_) upgrading_->close();
  }

  core::time_point now() const override { return std::chrono::steady_clock::now(); }
  core::time_point next_tick() const override { return end_of_tick(); }

  asio::awaitable<void> sleep(core::time_point until) override {
    timer_.expires_at(until);
    co_await timer_.async_wait(as_tuple_deferred);
  }

  void wake() noexcept override { timer_.cancel(); }

  std::uint64_t random() override { return std::uint64_t{source_()} << 32 | source_(); }

 private:
  asio::awaitable<connected> open_websocket(tcp::socket socket, dial_plan plan) {
    connected result;
    tls_context made;
    if (plan.server.secure()) made = make_tls_context(plan.tls);
    if (made.problem.code) co_return connected{made.problem.code, made.problem.detail, nullptr};
    upgrading_ = make_websocket_transport(std::move(socket), std::move(made.value));
    const step_result opened = co_await upgrading_->open(std::move(plan));
    result.stream = std::move(upgrading_);
    result.code = opened.code;
    result.detail = opened.detail;
    co_return result;
  }

  asio::awaitable<error_code> resolve(const core::server_url& server, std::vector<tcp::endpoint>& addresses) {
    error_code not_numeric;
    const auto numeric = asio::ip::make_address(server.host, not_numeric);
    if (!not_numeric) {
      addresses.emplace_back(numeric, server.port);
      co_return error_code();
    }
    // The resolver works on a thread of its own, inside Asio; there is one for each io_context.
    const std::string port = std::to_string(server.port);
    const auto asked = std::make_shared<lookup>(resolver_.get_executor());
    resolver_.async_resolve(
        server.host, port, [asked](error_code code, const tcp::resolver::results_type& found) {
          for (const auto& entry : found) asked->addresses.push_back(entry.endpoint());
          asked->end(!code && asked->addresses.empty() ? error_code(asio::error::host_not_found) : code);
        });
    lookup_ = asked;  // from here on an operation that cannot begin throws
    co_await asked->done.wait(as_tuple_deferred);
    lookup_.reset();
    addresses = std::move(asked->addresses);
    co_return asked->code;
  }

  tcp::resolver resolver_;
  std::shared_ptr<lookup> lookup_;
  dialler dialler_;
  asio::steady_timer timer_;
  std::unique_ptr<websocket_transport> upgrading_;
  std::random_device source_;
  bool cancelled_ = false;
};

}  // namespace

std::unique_ptr<environment> make_environment(const asio::any_io_executor& executor) {
  return std::make_unique<asio_environment>(executor);
}

}  // namespace kvco::net
