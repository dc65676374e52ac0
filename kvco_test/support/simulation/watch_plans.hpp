// Kinds of simulated watches for generated tests, and how their problems are told.
#pragma once

#include <functional>
#include <kvco_test/support/simulation/watch_simulation.hpp>
#include <string>
#include <vector>

namespace kvco::test {

/// Every generation of servers with every kind of watch, once; the seed chooses what is left to choose.
inline void for_each_plan(unsigned seed, const std::function<void(const simulation_plan&)>& visit) {
  using jetstream::deliver_policy;
  for (const generation server : {generation::v2_9, generation::v2_10, generation::v2_15}) {
    for (const deliver_policy deliver : {deliver_policy::all, deliver_policy::last_per_subject,
                                         deliver_policy::updates_only, deliver_policy::by_start_sequence}) {
      simulation_plan plan;
      plan.server = server;
      plan.deliver = deliver;
      plan.seed = seed;
      plan.start = 1 + seed % 12;
      plan.history = std::vector<std::size_t>{1, 2, 64}[seed % 3];
      plan.writes = static_cast<int>(seed % 4) * 15;
      plan.ignore_deletes = seed % 5 == 0;
      plan.headers_only = seed % 6 == 0;
      if (seed % 4 == 0) plan.filters = {"a.*"};
      if (seed % 7 == 0) plan.filters = {"a.k1", "b.>", "a.k2"};
      if (seed % 11 == 0) plan.writes_before = 0;
      visit(plan);
    }
  }
}

inline std::string told(const std::vector<std::string>& problems) {
  std::string text;
  for (const std::string& problem : problems) text += "\n  " + problem;
  return text;
}

}  // namespace kvco::test
