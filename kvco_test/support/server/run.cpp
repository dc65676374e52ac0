// Runs a coroutine from a test. See the header.
#include <kvco_test/support/server/run.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <exception>
#include <stdexcept>
#include <string>

namespace kvco::test {
namespace {

using std::chrono::steady_clock;
using namespace std::chrono_literals;

std::runtime_error late(const char* what, std::chrono::milliseconds longest) {
  return std::runtime_error(std::string(what) + " after " + std::to_string(longest.count()) + " ms");
}

struct ending {
  bool done = false;
  std::exception_ptr failure;
};

// Shared with the reactor, which may hold the coroutine longer than its caller waits.
std::shared_ptr<ending> spawn(asio::io_context& reactor, const work& what) {
  const auto end = std::make_shared<ending>();
  asio::co_spawn(reactor, what(), [end](std::exception_ptr failure) {
    end->done = true;
    end->failure = std::move(failure);
  });
  return end;
}

}  // namespace

void drive_until(asio::io_context& reactor, const std::function<bool()>& condition) {
  const auto deadline = steady_clock::now() + patience;
  while (!condition()) {
    if (reactor.stopped()) reactor.restart();
    if (steady_clock::now() >= deadline) throw late("the condition does not hold", patience);
    if (reactor.run_one_until(deadline) == 0 && steady_clock::now() < deadline && !condition()) {
      throw std::runtime_error("the reactor has run out of work, and the condition does not hold");
    }
  }
}

void drive(asio::io_context& reactor, const work& what, std::chrono::milliseconds longest) {
  const auto deadline = steady_clock::now() + longest;
  const auto end = spawn(reactor, what);
  if (reactor.stopped()) reactor.restart();
  while (!end->done && steady_clock::now() < deadline && reactor.run_one_until(deadline) != 0) {
  }
  if (!end->done) throw late("the coroutine has not ended", longest);
  if (end->failure) std::rethrow_exception(end->failure);
}

void run(const work& what, std::chrono::milliseconds longest) {
  asio::io_context reactor(1);
  drive(reactor, what, longest);
  reactor.run_for(longest);
  if (!reactor.stopped()) throw late("the coroutine has ended, but the reactor still has work", longest);
}

asio::awaitable<void> until(std::function<bool()> condition) {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  const auto deadline = steady_clock::now() + patience;
  while (!condition()) {
    if (steady_clock::now() >= deadline) throw late("the condition does not hold", patience);
    timer.expires_after(1ms);
    co_await timer.async_wait(asio::deferred);
  }
}

}  // namespace kvco::test
