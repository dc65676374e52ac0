// From a lost connection to the first entry that a watch gets after it, with default settings.
#include <bench/kvco_contestant.hpp>
#include <bench/relay.hpp>

#include <stdexcept>

namespace kvco::bench::kvco_works_of {
namespace {

asio::awaitable<void> put_number(kvco::bucket& direct, std::size_t number) {
  co_await direct.put(key_name(0), std::to_string(number));
}

asio::awaitable<void> wait_for_number(watcher& updates, std::size_t number) {
  const std::optional<entry> e = co_await updates.next();
  if (!e || e->value() != std::to_string(number)) throw std::runtime_error("the watch lost an entry");
}

asio::awaitable<void> until_it_stands(watcher& updates) {
  while (const std::optional<entry> e = co_await updates.next_initial()) {
  }
}

}  // namespace

// The entry is put by another client while the watch's connection is gone.
outcome reconnect(kvco_client& direct, const task& what) {
  relay line(server_url());
  kvco_client nats(line.url());
  watcher updates = nats.bucket().watch(key_name(0));
  nats.run([&] { return until_it_stands(updates); });
  histogram latency;
  meter spent(what.operations);
  for (std::size_t i = 0; i < what.operations; ++i) {
    const auto cut = clock::now();
    line.cut();
    direct.run([&] { return put_number(direct.bucket(), i); });
    nats.run([&] { return wait_for_number(updates, i); });
    latency.add(std::chrono::duration_cast<std::chrono::nanoseconds>(clock::now() - cut).count());
    spent.done();
  }
  outcome result = spent.finish();
  result.latency = latency;
  return result;
}

}  // namespace kvco::bench::kvco_works_of
