// The first program: an online shop keeps its orders in a bucket. Everything in here talks to a real server.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <kvco/kvco.hpp>

namespace asio = boost::asio;
using std::cout;

asio::awaitable<void> shop(std::string url) {
  kvco::client nats = co_await kvco::connect(url);
  co_await nats.delete_bucket("QUICKSTART", kvco::nothrow);  // if an earlier run left it
  kvco::bucket orders = co_await nats.create_bucket(kvco::bucket_config("QUICKSTART").history(5));

  cout << "put and get\n";
  kvco::revision first = co_await orders.put("order.1", "2 apples");
  cout << "  order.1 stored as revision " << first << "\n";
  if (std::optional<kvco::entry> order = co_await orders.get("order.1")) {
    cout << "  order.1 is " << order->value() << "\n";
  }
  std::optional<kvco::entry> absent = co_await orders.get("order.2");  // no error: it has no value
  cout << "  order.2 is " << (absent ? absent->value() : "not there") << "\n";

  cout << "compare and set\n";
  kvco::revision second = co_await orders.update("order.1", "3 apples", first);  // an error would throw
  cout << "  order.1 changed from revision " << first << " to " << second << "\n";
  auto [error, third] = co_await orders.update("order.1", "9 pears", first, kvco::nothrow);  // or is a value
  if (error == kvco::errc::wrong_last_revision) {
    cout << "  a change that still builds on revision " << first << " is refused\n";
  }

  cout << "keys and history\n";
  co_await orders.put("order.2", "1 melon");
  co_await orders.erase("order.1");
  for (const std::string& key : co_await orders.keys()) cout << "  there is " << key << "\n";
  for (const kvco::entry& e : co_await orders.history("order.1")) {
    const bool stored = e.operation() == kvco::operation::put;
    cout << "  order.1 @ " << e.revision() << ": " << (stored ? e.value() : "erased") << "\n";
  }

  cout << "watch\n";
  kvco::watcher updates = orders.watch("order.*", {.ignore_deletes = true});
  while (std::optional<kvco::entry> e = co_await updates.next_initial()) {
    cout << "  from before: " << e->key() << " = " << e->value() << "\n";
  }
  co_await orders.put("order.3", "5 figs");  // by this program; any other client may write as well
  if (std::optional<kvco::entry> e = co_await updates.next()) {
    cout << "  live: " << e->key() << " = " << e->value() << "\n";
  }

  co_await nats.delete_bucket("QUICKSTART");
}

int main() try {
  const char* url = std::getenv("NATS_URL");
  asio::io_context reactor(1);
  asio::co_spawn(reactor, shop(url ? url : "nats://127.0.0.1:4222"), [](std::exception_ptr failure) {
    if (failure) std::rethrow_exception(failure);
  });
  reactor.run();  // returns when the shop is closed: nothing is left running
} catch (const std::exception& failure) {
  std::cerr << "quickstart: " << failure.what() << "\n";
  return 1;
}
