// Handlers of messages that use a bucket made at the start: the example of FastStream's older document.
#include "sample.hpp"

#include <kvco/app/app.hpp>

asio::awaitable<void> handlers_of_messages() {
  kvco::client nats = co_await kvco::connect(sample::url());
  kvco::app app(nats);

  // on_startup runs before anything is consumed, so that every handler finds the bucket.
  kvco::bucket kv;
  app.on_startup(
      [&]() -> asio::awaitable<void> { kv = co_await sample::empty_bucket(nats, "SAMPLE_MESSAGES"); });

  app.subscribe<std::string>("subject", [&](std::string text) -> asio::awaitable<void> {
    cout << text << "\n";
    if (std::optional<kvco::entry> data = co_await kv.get("key")) cout << data->value() << "\n";
    app.stop();
  });

  // after_startup runs when the subscriptions are established: its message is received.
  app.after_startup([&]() -> asio::awaitable<void> {
    co_await kv.put("key", "Hello!");
    co_await nats.publish("subject", "Hi!");
  });

  co_await app.run();
  co_await nats.delete_bucket("SAMPLE_MESSAGES");
}

int main() { return sample::run(handlers_of_messages()); }
