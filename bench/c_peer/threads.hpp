// The work of a run on several threads.
#pragma once

#include <algorithm>
#include <atomic>
#include <bench/meter.hpp>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace kvco::bench::c_peer {

inline constexpr std::size_t max_threads = 256;

/// Calls `operation(thread, number)` for each number below `what.operations`, on as many threads as
/// operations shall be in flight (at most max_threads), and times them if there is a schedule. Rethrows an
/// exception of a thread.
inline outcome run_threads(const task& what, const std::function<void(std::size_t, std::size_t)>& operation) {
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  histogram latency;
  std::exception_ptr failure;
  // By schedule any number may be open; threads set the limit here.
  const std::size_t count = what.rate > 0 ? max_threads : std::min(what.flight, max_threads);
  meter spent(what.operations);
  const schedule plan(what.rate > 0 ? what.rate : 1);
  const auto work = [&](std::size_t thread) {
    histogram mine;
    try {
      for (std::size_t i = next++; i < what.operations; i = next++) {
        if (what.rate > 0) std::this_thread::sleep_until(plan.due(i));
        operation(thread, i);
        if (what.rate > 0) mine.add(plan.late(i, clock::now()));
      }
    } catch (...) {
      next = what.operations;
      const std::lock_guard lock(mutex);
      failure = std::current_exception();
    }
    const std::lock_guard lock(mutex);
    latency.merge(mine);
  };
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < count; ++i) threads.emplace_back(work, i);
  threads.clear();
  if (failure) std::rethrow_exception(failure);
  spent.done(what.operations);
  outcome result = spent.finish();
  result.latency = latency;
  return result;
}

}  // namespace kvco::bench::c_peer
