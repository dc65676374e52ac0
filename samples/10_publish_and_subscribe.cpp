// Core NATS on the connection of the buckets: a subscription, a queue group of two, a request and its reply, header fields.
#include "sample.hpp"

// One of a queue group: each request goes to one of them. It ends when the client is drained.
asio::awaitable<void> serve_prices(kvco::client nats) {
  kvco::subscription requests = nats.subscribe("price.of", {.queue = "prices"});
  while (std::optional<kvco::message> request = co_await requests.next()) {
    co_await nats.publish(request->reply_to(), request->payload() == "fig" ? "0.40" : "unknown");
  }
}

asio::awaitable<void> publish_and_subscribe() {
  kvco::client nats = co_await kvco::connect(sample::url());
  asio::co_spawn(nats.get_executor(), serve_prices(nats), sample::rethrow);
  asio::co_spawn(nats.get_executor(), serve_prices(nats), sample::rethrow);
  kvco::subscription orders = nats.subscribe("orders.*");
  co_await nats.flush();  // the server has read the subscriptions

  kvco::message price = co_await nats.request("price.of", "fig");
  cout << "a fig costs " << price.payload() << "\n";

  kvco::headers fields{{"Customer", "ann"}};
  co_await nats.publish("orders.new", "2 figs", {.headers = &fields});
  co_await nats.publish("orders.paid", "0.80");
  for (int i = 0; i < 2; ++i) {
    std::optional<kvco::message> order = co_await orders.next();
    cout << order->subject() << ": " << order->payload();
    if (auto customer = order->header("Customer")) cout << " (from " << *customer << ")";
    cout << "\n";
  }

  auto [error, none] = co_await nats.request("nowhere", "x", kvco::nothrow);
  cout << "nowhere: " << (error == kvco::errc::unavailable ? "no subscriber" : error.message()) << "\n";
  co_await nats.drain();
}

int main() { return sample::run(publish_and_subscribe()); }
