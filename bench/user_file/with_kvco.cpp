// A user's hello-world.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <iostream>
#include <kvco/kvco.hpp>

namespace asio = boost::asio;

asio::awaitable<void> hello() {
  kvco::client nats = co_await kvco::connect("nats://127.0.0.1:4222");
  kvco::bucket greetings = co_await nats.create_bucket(kvco::bucket_config("GREETINGS"));
  co_await greetings.put("hello", "world");
  if (std::optional<kvco::entry> e = co_await greetings.get("hello")) std::cout << e->value() << "\n";
}

int main() {
  asio::io_context reactor(1);
  asio::co_spawn(reactor, hello(), [](std::exception_ptr failure) {
    if (failure) std::rethrow_exception(failure);
  });
  reactor.run();
}
