// kvco and the floor beside each other, on one server, in one run: only the ratios mean something.
#pragma once

#include <iosfwd>
#include <string>

namespace kvco::bench {

struct bucket_bench_sizes {
  std::size_t sequential = 20'000;   ///< operations with 1 in flight
  std::size_t concurrent = 300'000;  ///< operations with more in flight
  std::size_t many = 100'000;        ///< keys of one get_many() or put_many()
  std::size_t keys = 1'000'000;      ///< in the bucket that is watched
  std::size_t value = 128;           ///< bytes
  int rounds = 5;                    ///< kvco and the floor in turns; the best of each counts
};

/// Prints allocations per operation in the steady state.
void bench_allocations(std::ostream& out, const std::string& url, const bucket_bench_sizes& sizes);
/// Prints operations per second with 1, 64 and 1024 in flight.
void bench_operations(std::ostream& out, const std::string& url, const bucket_bench_sizes& sizes);
/// Prints keys per second of get_many() and put_many().
void bench_many(std::ostream& out, const std::string& url, const bucket_bench_sizes& sizes);
/// Prints keys per second of a watch's initial data and of keys().
void bench_snapshot(std::ostream& out, const std::string& url, const bucket_bench_sizes& sizes);

}  // namespace kvco::bench
