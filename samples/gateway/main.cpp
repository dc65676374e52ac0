// Key-Value buckets over HTTP, with a live page: one thread, one connection to NATS, any number of visitors.
#include <sys/resource.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <exception>
#include <iostream>
#include <span>

#include "demo.hpp"
#include "server.hpp"

namespace {

namespace asio = boost::asio;

/// Each connection is a descriptor.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

void rethrow(std::exception_ptr failure) {
  if (failure) std::rethrow_exception(failure);
}

/// The first signal ends it in order, the second one at once.
asio::awaitable<void> end_on_signal(gateway::server& running) {
  asio::signal_set signals(co_await asio::this_coro::executor, SIGINT, SIGTERM);
  co_await signals.async_wait(kvco::nothrow);
  signals.clear();
  std::cout << "gateway: ending" << std::endl;
  co_await running.stop();
}

void report_demo(std::exception_ptr failure) try { rethrow(failure); } catch (const std::exception& error) {
  std::clog << "gateway: the demo has ended: " << error.what() << std::endl;
}

void run(const gateway::options& options) {
  raise_descriptor_limit();
  asio::io_context reactor(1);
  gateway::server server(reactor, options);
  asio::co_spawn(reactor, server.accept(), rethrow);
  asio::co_spawn(reactor, end_on_signal(server), rethrow);
  if (options.demo) asio::co_spawn(reactor, gateway::run_demo(server.buckets()), report_demo);
  std::cout << "gateway: listening on http://" << server.endpoint() << "/" << std::endl;
  reactor.run();
}

}  // namespace

int main(int argc, char** argv) try {
  const gateway::options options =
      gateway::parse_options(std::span<const char* const>(argv + 1, static_cast<std::size_t>(argc - 1)));
  if (options.help) {
    std::cout << gateway::usage();
    return 0;
  }
  run(options);
  return 0;
} catch (const std::exception& failure) {
  std::cerr << "gateway: " << failure.what() << "\n";
  return 1;
}
