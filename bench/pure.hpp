// The layers without I/O, by Google Benchmark: events and bytes per second on one core, no server.
#pragma once

#include <bench/json.hpp>
#include <iosfwd>
#include <regex>
#include <string>
#include <vector>

namespace kvco::bench {

/// Runs those whose names match `filter` (a regular expression; empty: all) and prints them. Prints a note if
/// this was built without Google Benchmark.
/// @param seconds  of a repetition
std::vector<pure_result> run_pure_layers(std::ostream& out, const std::string& filter, double seconds);

/// The benchmarks to run: others are not registered.
class pure_list {
 public:
  explicit pure_list(const std::string& filter) : wanted_(filter.empty() ? "." : filter) {}
  /// Whether this one is wanted.
  bool take(const std::string& name) {
    const bool taken = std::regex_search(name, wanted_);
    empty_ = empty_ && !taken;
    return taken;
  }
  bool empty() const noexcept { return empty_; }

 private:
  std::regex wanted_;
  bool empty_ = true;
};

void add_parser(pure_list& all);
void add_writer(pure_list& all);
void add_ordered_consumer(pure_list& all);
void add_request_table(pure_list& all);

}  // namespace kvco::bench
