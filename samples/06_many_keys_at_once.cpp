// A thousand coroutines wait on one connection of one thread: no pool, no lock, no queue of your own.
#include "sample.hpp"

#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/use_awaitable.hpp>

constexpr int coroutines = 1000;

// Stores a value and reads it back; 1 if it is the same.
asio::awaitable<int> store(kvco::bucket sensors, int number) {
  const std::string key = "sensor." + std::to_string(number);
  const std::string value = std::to_string(number * number);
  co_await sensors.put(key, value);
  std::optional<kvco::entry> e = co_await sensors.get(key, {.consistency = kvco::consistency::leader});
  co_return e && e->value() == value ? 1 : 0;
}

asio::awaitable<void> many_keys() {
  kvco::client nats = co_await kvco::connect(sample::url());
  kvco::bucket sensors = co_await sample::empty_bucket(nats, "SAMPLE_MANY_KEYS");

  auto executor = co_await asio::this_coro::executor;
  auto begin = [&](int number) { return asio::co_spawn(executor, store(sensors, number), asio::deferred); };
  std::vector<decltype(begin(0))> all;
  for (int number = 0; number < coroutines; ++number) all.push_back(begin(number));
  auto ended = co_await asio::experimental::make_parallel_group(std::move(all))
                   .async_wait(asio::experimental::wait_for_all(), asio::use_awaitable);

  int same = 0, failed = 0;
  for (int one : std::get<2>(ended)) same += one;
  for (const std::exception_ptr& failure : std::get<1>(ended)) failed += failure ? 1 : 0;
  cout << coroutines << " coroutines at once: " << same << " values came back as they were stored, " << failed
       << " failed\n";
  cout << (co_await sensors.keys()).size() << " keys, " << nats.statistics().subscriptions
       << " subscription for all answers, " << nats.statistics().reconnects << " reconnects\n";
  co_await nats.delete_bucket("SAMPLE_MANY_KEYS");
}

int main() { return sample::run(many_keys()); }
