// The targets of kvco, relative to the floor in the same run.
#pragma once

#include <bench/runner.hpp>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

namespace kvco::bench {

struct target {
  std::string what, wanted, seen;
  bool met = false;
};

/// Compiling a user's hello-world, in seconds: with kvco, and with Asio's coroutines alone (bench/build_cost).
struct compile_times {
  double kvco = 0, asio = 0;
};

/// The verdicts on the rows; a target whose row was not measured is not met.
std::vector<target> judge(const std::vector<row>& rows, const std::optional<compile_times>& compile);

void print_targets(std::ostream& out, const std::vector<target>& all);

}  // namespace kvco::bench
