// A thousand coroutines wait on one connection of one thread: no pool, no lock, no queue of your own.
#include "sample.hpp"

#include <algorithm>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/use_awaitable.hpp>

constexpr int sensors = 1000;

// Stores a value and reads it back: is it the same?
asio::awaitable<bool> measure(kvco::bucket values, int sensor) {
  const std::string key = "sensor." + std::to_string(sensor);
  const std::string value = std::to_string(sensor * sensor) + " lux";
  co_await values.put(key, value);
  std::optional<kvco::entry> e = co_await values.get(key, {.consistency = kvco::consistency::leader});
  co_return e && e->value() == value;
}

asio::awaitable<void> many_keys_at_once() {
  kvco::client nats = co_await kvco::connect(sample::url());
  kvco::bucket values = co_await sample::empty_bucket(nats, "SAMPLE_MANY_KEYS");

  auto executor = co_await asio::this_coro::executor;
  auto start = [&](int sensor) { return asio::co_spawn(executor, measure(values, sensor), asio::deferred); };
  std::vector<decltype(start(0))> tasks;
  for (int sensor = 0; sensor < sensors; ++sensor) tasks.push_back(start(sensor));
  auto all = asio::experimental::make_parallel_group(std::move(tasks));
  auto ended = co_await all.async_wait(asio::experimental::wait_for_all(), asio::use_awaitable);

  auto& [order, failures, same] = ended;
  for (const std::exception_ptr& failure : failures) sample::rethrow(failure);
  cout << sensors << " coroutines put and get at once: " << std::count(same.begin(), same.end(), true)
       << " values came back as they were stored\n";
  cout << (co_await values.keys()).size() << " keys; 1 connection, " << nats.statistics().subscriptions
       << " subscription for all replies, " << nats.statistics().reconnects << " reconnects\n";
  co_await nats.delete_bucket("SAMPLE_MANY_KEYS");
}

int main() { return sample::run(many_keys_at_once()); }
