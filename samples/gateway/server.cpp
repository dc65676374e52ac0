#include "server.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <stdexcept>

namespace gateway {

constexpr auto nothrow = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t max_refusals = 1024;

using namespace std::chrono_literals;

namespace {

kvco::config settings_of(const options& from) {
  kvco::config out = from.nats.empty() ? kvco::config_from_environment() : kvco::config(from.nats);
  // While NATS cannot be reached, a request is answered at once (503), and its client decides.
  out.name("kvco gateway").wait_for_connection(false).timeout(5s);
  out.reconnect().max_delay(1s);
  return out;
}

asio::ip::tcp::endpoint endpoint_of(const options& from) {
  const auto address = asio::ip::make_address(from.address);
  if (!address.is_loopback() && from.token.empty())
    throw std::runtime_error(
        "an address that others can reach needs a token: --token-file, or KVCO_GATEWAY_TOKEN");
  return {address, from.port};
}

}  // namespace

server::server(asio::io_context& reactor, const options& from)
    : hub_(reactor.get_executor(), settings_of(from), from.feeds),
      access_(from.token),
      handlers_(hub_, access_, service_.counts),
      service_{handlers_, access_, from.limits},
      acceptor_(reactor, endpoint_of(from)),
      pause_(reactor) {
  acceptor_.listen(4096);
}

asio::awaitable<void> server::accept() {
  while (acceptor_.is_open()) {
    auto [error, socket] = co_await acceptor_.async_accept(nothrow);
    if (error == asio::error::operation_aborted) co_return;
    if (error) {  // no descriptor is left, or the client has gone already
      pause_.expires_after(20ms);
      co_await pause_.async_wait(nothrow);
      continue;
    }
    const bool full = connections_.size() - refusing_ >= service_.limits.connections;
    if (full && refusing_ >= max_refusals) continue;  // closed without an answer
    boost::system::error_code ignored;
    socket.set_option(asio::ip::tcp::no_delay(true), ignored);
    auto one = std::make_shared<connection>(std::move(socket), service_);
    connections_.insert(one);
    service_.counts.connections = connections_.size();
    asio::co_spawn(acceptor_.get_executor(), serve(std::move(one), full), asio::detached);
  }
}

asio::awaitable<void> server::serve(std::shared_ptr<connection> one, bool refused) {
  refusing_ += refused ? 1 : 0;
  if (refused) {
    co_await one->refuse({503, "too-many-connections", "the gateway has as many connections as it may have"});
  } else {
    co_await one->run();
  }
  refusing_ -= refused ? 1 : 0;
  connections_.erase(one);
  service_.counts.connections = connections_.size();
  pause_.cancel();
}

asio::awaitable<void> server::stop() {
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  for (const auto& each : std::set(connections_)) each->stop();
  const auto deadline = std::chrono::steady_clock::now() + service_.limits.stop_time;
  while (!connections_.empty() && std::chrono::steady_clock::now() < deadline) {
    pause_.expires_at(deadline);
    co_await pause_.async_wait(nothrow);
  }
  for (const auto& each : std::set(connections_)) each->abort();
  co_await hub_.stop();
}

}  // namespace gateway
