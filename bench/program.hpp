// Programs that are measured from their start to their exit.
#pragma once

#include <bench/task.hpp>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace kvco::bench {

/// A file in memory that has no name: the input or the output of a program.
class scratch_file {
 public:
  scratch_file();
  ~scratch_file();
  scratch_file(const scratch_file&) = delete;
  scratch_file& operator=(const scratch_file&) = delete;

  int descriptor() const noexcept { return descriptor_; }
  void append(std::string_view bytes) const;
  void rewind() const;
  /// From its beginning.
  std::size_t count_lines() const;

 private:
  int descriptor_;
};

/// Runs a program to its end; throws unless it ends with 0. Its standard error is ours.
/// @param in, out  its standard input and output; -1: none
void run_program(const std::vector<std::string>& command, int in = -1, int out = -1);

/// Measures `work`, which runs programs: processor time is theirs, and so is the memory: the peak of the largest.
outcome measure_programs(std::size_t operations, const std::function<void()>& work);

/// Runs a program that reads one key and prints its value, as many times as the task has operations.
/// @param command  without the key
outcome run_gets(std::vector<std::string> command, const task& what);

}  // namespace kvco::bench
