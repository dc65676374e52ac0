// kvco's watches: existing entries, new entries, many watches at once.
#include <bench/kvco_contestant.hpp>

#include <boost/asio/steady_timer.hpp>
#include <charconv>
#include <stdexcept>
#include <vector>

namespace kvco::bench::kvco_works_of {
namespace {

// g++ 12 makes a program that crashes of `while (co_await ...)` without a declaration.
asio::awaitable<void> take_initial(watcher& all, meter& spent) {
  while (const std::optional<entry> e = co_await all.next_initial()) spent.done();
}

asio::awaitable<void> take_batches(watcher& all, meter& spent) {
  while (const auto batch = co_await all.next_batch()) spent.done(batch->size());
}

asio::awaitable<void> until_it_stands(watcher& updates) {
  while (const std::optional<entry> e = co_await updates.next_initial()) {
  }
}

outcome snapshot(kvco_client& nats, const task& what, bool batches) {
  meter spent(what.keys);
  watcher all = nats.bucket().watch_all({.initial_only = true});
  nats.run([&] { return batches ? take_batches(all, spent) : take_initial(all, spent); });
  return spent.finish();
}

// --- live -----------------------------------------------------------------------------------------------

/// Puts whose values are their numbers, and watchers that each get all of them: each put has a key of its own, since a
/// revision that is replaced before its turn is not delivered.
struct live_run {
  live_run(kvco_client& client, const task& asked)
      : bucket(client.bucket()),
        what(asked),
        keys(first_keys(asked.operations / asked.flight)),
        spent(keys.size() * asked.flight),
        plan(asked.rate > 0 ? asked.rate : 1) {}
  static std::vector<std::string> first_keys(std::size_t count) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < count; ++i) names.push_back(key_name(i));
    return names;
  }
  std::size_t puts() const { return keys.size(); }

  kvco::bucket& bucket;
  const task& what;
  std::vector<std::string> keys;
  std::size_t next = 0;
  histogram latency;
  meter spent;
  schedule plan;
};

asio::awaitable<void> take_live(live_run& run, watcher& updates) {
  for (std::size_t taken = 0; taken < run.puts();) {
    const auto batch = co_await updates.next_batch();
    if (!batch) throw std::runtime_error("the watch has ended");
    const auto now = clock::now();
    taken += batch->size();
    run.spent.done(batch->size());
    if (run.what.rate == 0) continue;
    for (const entry& e : *batch) {
      std::size_t number = 0;
      std::from_chars(e.value().data(), e.value().data() + e.value().size(), number);
      run.latency.add(run.plan.late(number, now));
    }
  }
}

asio::awaitable<void> put_live(live_run& run) {
  while (run.next < run.puts()) {
    const std::size_t number = run.next++;
    co_await run.bucket.put(run.keys[number], std::to_string(number));
  }
}

asio::awaitable<void> put_by_schedule(live_run& run) {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  while (run.next < run.puts()) {
    while (run.next < run.puts() && run.plan.due(run.next) <= clock::now()) {
      const std::size_t number = run.next++;
      run.bucket.put(run.keys[number], std::to_string(number), [](error_code code, revision) {
        if (code) throw boost::system::system_error(code);
      });
    }
    timer.expires_at(run.plan.due(run.next));
    co_await timer.async_wait(asio::deferred);
  }
}

// --- many watchers --------------------------------------------------------------------------------------

asio::awaitable<void> take_first(std::vector<watcher>& all, std::size_t& next, meter& spent) {
  while (next < all.size()) {
    watcher& one = all[next++];
    const std::optional<entry> e = co_await one.next_initial();
    if (!e) throw std::runtime_error("a watch has no initial entry");
    spent.done();
  }
}

}  // namespace

outcome watch(kvco_client& nats, const task& what) { return snapshot(nats, what, false); }
outcome watch_batches(kvco_client& nats, const task& what) { return snapshot(nats, what, true); }

outcome keys(kvco_client& nats, const task& what) {
  meter spent(what.keys);
  nats.run([&]() -> asio::awaitable<void> {
    const std::vector<std::string> keys =
        co_await nats.bucket().keys(">", {.timeout = std::chrono::minutes(2)});
    spent.done(keys.size());
  });
  return spent.finish();
}

outcome live(kvco_client& nats, const task& what) {
  std::vector<watcher> watchers;
  for (std::size_t i = 0; i < what.flight; ++i) {
    watchers.push_back(nats.bucket().watch_all({.updates_only = true}));
    nats.run([&] { return until_it_stands(watchers.back()); });
  }
  live_run run(nats, what);
  std::size_t role = 0;
  const std::size_t putters = what.rate > 0 ? 1 : live_window;
  nats.run(
      [&] {
        const std::size_t mine = role++;
        if (mine < watchers.size()) return take_live(run, watchers[mine]);
        return what.rate > 0 ? put_by_schedule(run) : put_live(run);
      },
      watchers.size() + putters);
  outcome result = run.spent.finish();
  result.latency = run.latency;
  return result;
}

outcome watchers(kvco_client& nats, const task& what) {
  meter spent(what.operations);
  std::vector<watcher> all;
  all.reserve(what.operations);
  for (std::size_t i = 0; i < what.operations; ++i) all.push_back(nats.bucket().watch(key_name(i)));
  std::size_t next = 0;
  nats.run([&] { return take_first(all, next, spent); }, watchers_window);
  const outcome result = spent.finish();
  all.clear();
  nats.run([&]() -> asio::awaitable<void> { co_await nats.bucket().status(); });  // the removals are sent
  return result;
}

}  // namespace kvco::bench::kvco_works_of
