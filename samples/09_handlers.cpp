// Handlers of changes, and the life of the program around them: the example of FastStream's document, and an order per key.
#include "sample.hpp"

#include <boost/describe/class.hpp>
#include <kvco/app/app.hpp>
#include <kvco/typed/typed_bucket.hpp>

struct order {
  int pieces;
};
BOOST_DESCRIBE_STRUCT(order, (), (pieces))

asio::awaitable<void> handlers() {
  kvco::client nats = co_await kvco::connect(sample::url());
  co_await nats.delete_bucket("SAMPLE_HANDLERS", kvco::nothrow);
  kvco::app app(nats);

  // Its bucket is created by the registration. The type decides how the value is decoded.
  app.watch<std::string>("SAMPLE_HANDLERS", "key",
                         [](std::string message, kvco::bucket kv) -> asio::awaitable<void> {
                           cout << message << "\n";
                           co_await kvco::typed_bucket<order>(kv).put("orders.eu.17", {3});
                         });

  // {region} and {id} match one token each, and are parameters. A call that throws is repeated, then its entry is skipped.
  app.watch<order>(
         "SAMPLE_HANDLERS", "orders.{region}.{id}",
         [](order o, std::string_view region, int id, kvco::bucket kv,
            kvco::handler_context call) -> asio::awaitable<void> {
           if (call.attempt == 1) throw std::runtime_error("the printer is off");
           cout << "order " << id << " of " << region << ": " << o.pieces << " pieces, call " << call.attempt
                << "\n";
           co_await kv.erase("orders.eu.17");
         },
         {.concurrency = 4, .on_error = {.retries = 3, .first_delay = std::chrono::milliseconds(5)}})
      .on_delete([&app](kvco::entry, const kvco::captures& key) {
        cout << "order " << key["id"] << " is gone\n";
        app.stop();
      });

  app.on_startup([] { cout << "before anything is consumed\n"; });
  app.after_startup([&app]() -> asio::awaitable<void> {
    kvco::bucket kv = co_await app.key_value("SAMPLE_HANDLERS");
    co_await kv.put("key", "Hello!");
  });
  app.on_shutdown([] { cout << "stopped\n"; });
  app.after_shutdown([] { cout << "all handlers have ended\n"; });

  co_await app.run();  // until stop(), SIGINT or SIGTERM
  for (const kvco::handler_health& one : app.health())
    cout << one.name << ": " << one.counters.handled << " handled, " << one.counters.failures << " failed\n";
  co_await nats.delete_bucket("SAMPLE_HANDLERS");
}

int main() { return sample::run(handlers()); }
