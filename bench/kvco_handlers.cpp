// kvco's handlers: an app whose handler is called for the entry of each key.
#include <bench/kvco_contestant.hpp>

#include <kvco/app/app.hpp>
#include <string_view>

namespace kvco::bench::kvco_works_of {

// `flight`: calls at a time, which are coroutines; one at a time: a function.
outcome handlers(kvco_client& nats, const task& what) {
  app running(nats.client());
  meter spent(what.operations);
  std::size_t handled = 0, bytes = 0;
  const auto handle = [&](const entry& e, std::string_view key) {
    bytes += e.value().size() + key.size();
    spent.done();
    if (++handled == what.operations) running.stop();
  };
  const watch_handler_options options{.concurrency = what.flight};
  if (what.flight == 1) {
    running.watch(bucket_name, "{key}", handle, options);
  } else {
    running.watch(
        bucket_name, "{key}",
        [&handle](const entry& e, std::string_view key) -> asio::awaitable<void> {
          handle(e, key);
          co_return;
        },
        options);
  }
  nats.run([&] { return running.run({.signals = false}); });
  return spent.finish();
}

}  // namespace kvco::bench::kvco_works_of
