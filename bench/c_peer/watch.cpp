// libnats: existing entries, new entries, many watchers at once.
#include <bench/c_peer/threads.hpp>
#include <bench/c_peer/works.hpp>

#include <cstdlib>

namespace kvco::bench::c_peer {

outcome watch(connection& nats, const task& what) {
  meter spent(what.keys);
  const watcher all = nats.watch(">");
  while (const entry e = next(all)) spent.done();
  return spent.finish();
}

outcome keys(connection& nats, const task& what) {
  meter spent(what.keys);
  kvKeysList found{};
  // Without options: 3.4.1 times out at once on some thousand keys when it is given any.
  check(kvStore_Keys(&found, nats.bucket(), nullptr), "keys");
  const auto count = static_cast<std::size_t>(found.Count);
  kvKeysList_Destroy(&found);
  spent.done(count);
  return spent.finish();
}

outcome live(connection& nats, const task& what) {
  std::vector<watcher> watchers;
  for (std::size_t i = 0; i < what.flight; ++i) {
    watchers.push_back(nats.watch(">"));
    while (const entry before = next(watchers.back())) {
    }
  }
  task puts = what;
  puts.operations = what.operations / what.flight;
  puts.flight = live_window;
  std::mutex mutex;
  histogram latency;
  std::exception_ptr failure;
  meter spent(puts.operations * what.flight);
  const schedule plan(what.rate > 0 ? what.rate : 1);
  const auto take = [&](const watcher& from) {
    histogram mine;
    try {
      for (std::size_t i = 0; i < puts.operations; ++i) {
        const entry e = next(from);
        const auto number = std::strtoull(kvEntry_ValueString(e.get()), nullptr, 10);
        mine.add(plan.late(number, clock::now()));
      }
    } catch (...) {
      const std::lock_guard lock(mutex);
      failure = std::current_exception();
    }
    const std::lock_guard lock(mutex);
    if (what.rate > 0) latency.merge(mine);
  };
  std::vector<std::jthread> takers;
  for (const watcher& one : watchers) takers.emplace_back([&] { take(one); });
  run_threads(puts,
              [&](std::size_t, std::size_t number) { nats.put(key_name(number), std::to_string(number)); });
  takers.clear();
  if (failure) std::rethrow_exception(failure);
  spent.done(puts.operations * what.flight);
  outcome result = spent.finish();
  result.latency = latency;
  return result;
}

outcome watchers(connection& nats, const task& what) {
  std::vector<watcher> all;
  meter spent(what.operations);
  for (std::size_t i = 0; i < what.operations; ++i) {
    all.push_back(nats.watch(key_name(i)));
    if (!next(all.back())) throw std::runtime_error("a watch has no initial entry");
    spent.done();
  }
  return spent.finish();
}

}  // namespace kvco::bench::c_peer
