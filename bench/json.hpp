// Everything that was measured, for programs.
#pragma once

#include <bench/runner.hpp>
#include <bench/targets.hpp>
#include <iosfwd>
#include <string>
#include <vector>

namespace kvco::bench {

struct pure_result {
  std::string name;
  double events_per_second = 0, bytes_per_second = 0;
};

struct report {
  std::string server_version;
  std::vector<row> rows;
  std::vector<pure_result> pure;
  std::vector<target> targets;
};

void write_json(std::ostream& out, const report& all);

}  // namespace kvco::bench
