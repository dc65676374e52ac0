// The workloads that are measured, in the order of the table.
#pragma once

#include <bench/task.hpp>
#include <string>
#include <vector>

namespace kvco::bench {

struct workload {
  std::string name;                ///< as in the table and for --filter
  std::string transport = "nats";  ///< scheme of the URL: nats, tls, ws, wss
  task what;                       ///< operations 0: as many as take sizes::seconds
  bool by_schedule = false;        ///< once more at half the speed that was reached, for latencies
  bool target = false;             ///< a target is about it
  bool needs_other_side = false;   ///< of messages: other_side.hpp
  std::string unit = "op";         ///< the unit of the count
  std::size_t max_runs = 99;
};

struct sizes {
  double seconds = 0.6;  ///< of a run that has no fixed number of operations
  int rounds = 5;
  std::vector<std::size_t> keys = {10'000, 100'000, 1'000'000};
  std::vector<std::size_t> watchers = {1, 100, 1'000, 10'000};
  std::size_t many = 100'000;
  std::size_t snapshot = 200'000;  ///< keys, over each transport
  std::size_t small = 1'000'000;   ///< keys of small values, which the command imports
  std::size_t refused = 32'000;    ///< puts that are denied
  std::size_t filters = 8'000;     ///< of one watch
  std::size_t programs = 50;       ///< that are started one after the other

  static sizes quick();
};

std::vector<workload> catalogue(const sizes& how_much);

}  // namespace kvco::bench
