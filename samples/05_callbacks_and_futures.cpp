// Not only co_await: every operation takes any of Asio's completion tokens.
#include "sample.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <thread>

// A callback gets the error and the result. Like everything else it runs on the reactor's thread, never inside the call.
void with_callbacks(kvco::bucket orders) {
  orders.put("callback", "1", [orders](kvco::error_code error, kvco::revision) mutable {
    if (error) throw boost::system::system_error(error);
    orders.get("callback", [](kvco::error_code failure, std::optional<kvco::entry> e) {
      if (!failure && e) cout << "callbacks: put and got " << e->value() << "\n";
    });
  });
}

asio::awaitable<void> with_tokens(kvco::bucket orders) {
  // The error goes to a variable, the result is what co_await gives.
  kvco::error_code error;
  co_await orders.update("token", "2", 12345, asio::redirect_error(asio::use_awaitable, error));
  cout << "redirect_error: " << error.message() << "\n";

  // An operation can be kept, handed on and started later. It owns its key and value; nothing is sent before.
  auto later = orders.put("stored-" + std::to_string(3), std::string(3, '*'));
  cout << "stored: before it is started there is "
       << ((co_await orders.get("stored-3")) ? "a value" : "nothing");
  co_await std::move(later);
  cout << ", after it " << (co_await orders.get("stored-3"))->value() << "\n";
}

asio::awaitable<std::size_t> count_keys(kvco::bucket orders) { co_return (co_await orders.keys()).size(); }

// Futures, where nothing else runs the reactor: the thread that waits does.
kvco::bucket open(asio::io_context& reactor, const kvco::client& client) {
  kvco::client nats = client;
  nats.delete_bucket("SAMPLE_TOKENS", [](kvco::error_code) {});
  return sample::wait(reactor, nats.create_bucket(kvco::bucket_config("SAMPLE_TOKENS"), asio::use_future));
}

int main() {
  return sample::run([](asio::io_context& reactor) {
    kvco::client nats = sample::wait(reactor, kvco::connect(reactor, sample::url(), asio::use_future));
    kvco::bucket orders = open(reactor, nats);

    with_callbacks(orders);
    sample::wait(reactor, asio::co_spawn(reactor, with_tokens(orders), asio::use_future));

    // From here on a thread of its own runs the reactor; all others hand it coroutines, and may wait for the result.
    std::jthread thread([&reactor] { reactor.run(); });
    std::future<std::size_t> keys = asio::co_spawn(reactor, count_keys(orders), asio::use_future);
    cout << "a future of another thread: " << keys.get() << " keys\n";
  });
}
