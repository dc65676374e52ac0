// Not only co_await: every operation takes any of Asio's completion tokens.
#include "sample.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <thread>

// A callback gets the error and the result. It runs on the reactor, never inside the call that names it.
void with_callbacks(asio::io_context& reactor, kvco::bucket orders) {
  bool done = false;
  orders.put("callback", "one", [&](kvco::error_code failed, kvco::revision) {
    if (failed) throw boost::system::system_error(failed);
    orders.get("callback", [&](kvco::error_code error, std::optional<kvco::entry> e) {
      cout << "callbacks: put, then got " << (!error && e ? e->value() : "nothing") << "\n";
      done = true;
    });
  });
  cout << "callbacks: started\n";
  while (!done) reactor.run_one();
}

asio::awaitable<void> with_other_tokens(kvco::bucket orders) {
  // The error is stored in a variable; co_await returns the result.
  kvco::error_code error;
  co_await orders.update("callback", "two", 12345, asio::redirect_error(asio::use_awaitable, error));
  if (error == kvco::errc::wrong_last_revision) cout << "redirect_error: wrong last revision\n";

  // An operation can be kept, handed on and started later. It owns its key and its value.
  auto later = orders.put("stored-" + std::to_string(3), std::string(3, '*'));
  cout << "stored: before it starts there is " << ((co_await orders.get("stored-3")) ? "a value" : "nothing")
       << "\n";
  co_await std::move(later);
  cout << "stored: after it there is " << (co_await orders.get("stored-3"))->value() << "\n";
}

// Where there is no coroutine, the thread that waits for a future can run the reactor meanwhile.
void on_this_thread(asio::io_context& reactor) {
  kvco::client nats = sample::wait(reactor, kvco::connect(reactor, sample::url(), asio::use_future));
  kvco::bucket orders = sample::wait(
      reactor, asio::co_spawn(reactor, sample::empty_bucket(nats, "SAMPLE_TOKENS"), asio::use_future));
  with_callbacks(reactor, orders);
  sample::wait(reactor, asio::co_spawn(reactor, with_other_tokens(orders), asio::use_future));
}

asio::awaitable<std::size_t> count_keys() {
  kvco::client nats = co_await kvco::connect(sample::url());
  kvco::bucket orders = co_await nats.open_bucket("SAMPLE_TOKENS");
  const auto keys = co_await orders.keys();
  co_await nats.delete_bucket("SAMPLE_TOKENS");
  co_return keys.size();
}

// A client belongs to one thread. Other threads hand that thread a coroutine and wait for its future.
void on_another_thread(asio::io_context& reactor) {
  std::future<std::size_t> keys = asio::co_spawn(reactor, count_keys(), asio::use_future);
  std::jthread thread([&reactor] { reactor.run(); });
  cout << "another thread: counted " << keys.get() << " keys\n";
}

int main() { return sample::run(on_this_thread) || sample::run(on_another_thread); }
