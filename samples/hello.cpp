// The shortest program: a bucket, a write, a compare-and-set, a read.
#include <boost/asio.hpp>
#include <iostream>
#include <kvco/kvco.hpp>

boost::asio::awaitable<void> hello() {
  kvco::client nats = co_await kvco::connect(kvco::config_from_environment());  // NATS_URL, or 127.0.0.1:4222
  kvco::bucket orders = co_await nats.ensure_bucket(kvco::bucket_config("HELLO"));
  kvco::revision last = co_await orders.put("order.1", "2 apples");
  co_await orders.update("order.1", "3 apples", last);  // compare and set: throws if the key has changed
  if (std::optional<kvco::entry> order = co_await orders.get("order.1")) std::cout << order->value() << "\n";
}

int main() {
  boost::asio::io_context context;
  boost::asio::co_spawn(context, hello(), [](std::exception_ptr e) {
    if (e) std::rethrow_exception(e);
  });
  context.run();  // returns when hello() has ended: no thread and no timer is left
}
