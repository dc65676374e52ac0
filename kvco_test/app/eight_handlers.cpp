// A program of eight handlers with stored positions, for the test that kills it.
//
//   eight_handlers URL FILE
//
// Handler n appends "n REVISION" to the file for each entry of WORK below hn.
#include <fcntl.h>
#include <unistd.h>
#include <array>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <chrono>
#include <iostream>
#include <kvco/app/app.hpp>
#include <kvco/kvco.hpp>
#include <stdexcept>
#include <string>
#include <system_error>

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// In one write: it is in the file, or is not.
void append(int file, const std::string& line) {
  if (::write(file, line.data(), line.size()) != static_cast<ssize_t>(line.size()))
    throw std::system_error(errno, std::generic_category());
}

/// Entries end in another order than they have begun, and some need a second call.
asio::awaitable<void> handle(int file, std::size_t number, kvco::entry e, kvco::handler_context call) {
  asio::steady_timer timer(co_await asio::this_coro::executor,
                           std::chrono::microseconds(300 * (e.revision() % 7)));
  co_await timer.async_wait(asio::deferred);
  if (e.revision() % 11 == number && call.attempt == 1) throw std::runtime_error("not at once");
  append(file, std::to_string(number) + ' ' + std::to_string(e.revision()) + '\n');
}

asio::awaitable<void> run(std::string url, int file) {
  kvco::client nats = co_await kvco::connect(
      kvco::config(url).reconnect([](auto& reconnect) { reconnect.initial_delay(5ms).max_delay(100ms); }));
  kvco::app app(nats);
  const std::array<const char*, 8> names = {"0", "1", "2", "3", "4", "5", "6", "7"};
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string pattern = "h" + std::to_string(i) + ".{id}";
    const auto handler = [file, i](kvco::entry e, kvco::handler_context call) {
      return handle(file, i, std::move(e), call);
    };
    app.watch("WORK", pattern, handler,
              {.include_history = true,
               .concurrency = 1 + i,
               .on_error = {.retries = SIZE_MAX, .first_delay = 1ms},
               .position = {.bucket = "POSITIONS", .key = names[i], .interval = 20ms}});
  }
  co_await app.run({.drain_timeout = 10s});
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 3) throw std::invalid_argument("eight_handlers URL FILE");
  const int file = ::open(argv[2], O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) throw std::system_error(errno, std::generic_category());
  asio::io_context reactor(1);
  asio::co_spawn(reactor, run(argv[1], file), [](std::exception_ptr failure) {
    if (failure) std::rethrow_exception(failure);
  });
  reactor.run();
} catch (const std::exception& failure) {
  std::cerr << "eight_handlers: " << failure.what() << "\n";
  return 1;
}
