// No operation waits indefinitely: a deadline, a signal or a coroutine ends it, and its outcome is known.
#include "sample.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "silent_server.hpp"

using namespace asio::experimental::awaitable_operators;
using namespace std::chrono_literals;

std::string_view meaning(const kvco::error_code& error) {
  if (!error) return "done";
  if (error == kvco::errc::timeout) return "timeout: nothing was changed";
  if (error == kvco::errc::outcome_unknown) return "outcome unknown: it may have been carried out, or not";
  if (error == asio::error::operation_aborted) return "cancelled";
  return "some other error";
}

// Every operation has a deadline: the client's, or its own. This server takes requests and never answers.
asio::awaitable<void> timeouts() {
  sample::silent_server server(co_await asio::this_coro::executor);
  kvco::client nats = co_await kvco::connect(kvco::config(server.url()).timeout(100ms));
  auto [read] = co_await nats.flush(kvco::nothrow);
  cout << "a read that is not answered:  " << meaning(read) << "\n";
  auto [changed, made] =
      co_await nats.create_bucket(kvco::bucket_config("ANY"), {.timeout = 50ms}, kvco::nothrow);
  cout << "a write that is not answered: " << meaning(changed) << "\n";
}

asio::awaitable<void> cancellation() {
  kvco::client nats = co_await kvco::connect(sample::url());
  kvco::bucket bucket = co_await sample::empty_bucket(nats, "SAMPLE_CANCELLATION");

  // By another coroutine: the first to end cancels the other. (On Boost 1.81 || takes awaitables only: use_awaitable.)
  kvco::watcher updates = bucket.watch_all();
  asio::steady_timer patience(co_await asio::this_coro::executor, 50ms);
  auto first = co_await (updates.next() || patience.async_wait(asio::use_awaitable));
  cout << "next() or a timer, who is first: " << (first.index() == 0 ? "next()" : "the timer") << "\n";

  // A watch loses nothing by it: the next call gets the entry that the cancelled one would have got.
  co_await bucket.put("key", "one");
  cout << "next() again: " << (co_await updates.next())->value() << "\n";

  // By a signal: other operations, the watch and the connection go on.
  asio::cancellation_signal stop;
  updates.next(
      asio::bind_cancellation_slot(stop.slot(), [](kvco::error_code error, std::optional<kvco::entry>) {
        cout << "next() and a signal: " << meaning(error) << "\n";
      }));
  stop.emit(asio::cancellation_type::total);
  co_await bucket.put("key", "two");
  cout << "next() again: " << (co_await updates.next())->value() << "\n";

  co_await nats.delete_bucket("SAMPLE_CANCELLATION");
}

int main() { return sample::run(timeouts()) || sample::run(cancellation()); }
