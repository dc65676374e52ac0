// Runs the contestants in turns - floor, kvco, a peer, floor, ... - because machines drift: runs close to
// each other can be compared.
#pragma once

#include <bench/catalogue.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace kvco::bench {

struct contestant {
  std::string name;                  // "floor", "kvco", ...
  std::vector<std::string> command;  // of its process
  bool is_peer =
      false;  // another client: a workload that it does not support is reported, and is no failure of the benchmark
};

/// The measurements of one contestant for one workload.
struct measured {
  std::string contestant;
  bool is_peer = false;
  std::vector<outcome> runs;
  histogram latency;  // of the runs at a fixed rate, or of the runs themselves where they are timed singly
  double rate = 0;    // that rate
  std::vector<double> ratios;  // to the floor's run just before
  std::string absent, failure;

  bool good() const { return absent.empty() && failure.empty() && !runs.empty(); }
  /// The median of the runs.
  double median(const std::function<double(const outcome&)>& what) const;
  double per_second() const {
    return median([](const outcome& o) { return o.per_second(); });
  }
  double cpu_microseconds() const {
    return median([](const outcome& o) { return o.cpu_microseconds(); });
  }
  double allocations() const {
    return median([](const outcome& o) { return o.allocations; });
  }
  double peak_megabytes() const;
  double grown_megabytes() const;
  double ratio() const;
  /// Between the fastest run and the slowest, as a share of the median.
  double spread() const;
};

struct row {
  workload work;
  std::vector<measured> contestants;

  const measured* of(std::string_view contestant) const;
};

double median_of(std::vector<double> values);

class runner {
 public:
  using progress = std::function<void(std::string_view what)>;

  /// @param urls  of a server for each transport, by scheme; all of a server are one bucket
  /// @param other_side  the program of workload::needs_other_side
  runner(std::map<std::string, std::string> urls, std::vector<contestant> contestants,
         std::vector<std::string> other_side, const sizes& how_much, progress tell);
  ~runner();
  runner(const runner&) = delete;
  runner& operator=(const runner&) = delete;

  row run(const workload& work);

 private:
  struct entrant;

  void prepare(const workload& work);
  void one_round(std::vector<entrant>& field, const workload& work, int round);
  void by_schedule(std::vector<entrant>& field, const workload& work, int round);
  void warm_up(entrant& who, const workload& work);

  std::map<std::string, std::string> urls_;
  std::vector<contestant> contestants_;
  std::vector<std::string> other_side_;
  sizes how_much_;
  progress tell_;
  std::string stored_by_;  // the transport
  std::size_t stored_keys_ = 0, stored_value_ = 0;
  std::set<std::string> made_at_;
};

}  // namespace kvco::bench
