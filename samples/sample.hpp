// Shared by the numbered samples; quickstart.cpp shows the same code written out.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdlib>
#include <exception>
#include <future>
#include <iostream>
#include <kvco/kvco.hpp>
#include <string>

namespace asio = boost::asio;
using std::cout;

namespace sample {

/// Where the server is: NATS_URL, or the usual place.
inline std::string url() {
  const char* set = std::getenv("NATS_URL");
  return set ? set : "nats://127.0.0.1:4222";
}

/// A bucket with nothing in it, whatever an earlier run has left.
inline asio::awaitable<kvco::bucket> empty_bucket(kvco::client nats, std::string name, int history = 1) {
  co_await nats.delete_bucket(name, kvco::nothrow);
  co_return co_await nats.create_bucket(kvco::bucket_config(name).history(history));
}

/// For co_spawn(): an exception from the coroutine leaves reactor.run().
inline void rethrow(std::exception_ptr failure) {
  if (failure) std::rethrow_exception(failure);
}

/// Calls a program and reports what it throws: the body of main().
template <class Program>
int run(Program program) try {
  asio::io_context reactor(1);
  program(reactor);
  return 0;
} catch (const std::exception& failure) {
  std::cerr << "the sample failed: " << failure.what() << "\n";
  return 1;
}

/// The same for a program that is a coroutine.
inline int run(asio::awaitable<void> program) {
  return run([&](asio::io_context& reactor) {
    asio::co_spawn(reactor, std::move(program), rethrow);
    reactor.run();
  });
}

/// Waits for an operation where there is no coroutine to wait in: the calling thread drives the reactor.
template <class T>
T wait(asio::io_context& reactor, std::future<T> result) {
  while (result.wait_for(std::chrono::seconds(0)) != std::future_status::ready) reactor.run_one();
  return result.get();
}

}  // namespace sample
