// The baseline for kvco's hello-world: a coroutine of Asio's, without kvco.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <iostream>

namespace asio = boost::asio;

asio::awaitable<void> hello() {
  std::cout << "world\n";
  co_return;
}

int main() {
  asio::io_context reactor(1);
  asio::co_spawn(reactor, hello(), [](std::exception_ptr failure) {
    if (failure) std::rethrow_exception(failure);
  });
  reactor.run();
}
