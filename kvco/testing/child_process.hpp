// A program that a test runs, its output in a file. Private to kvco/testing.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <sys/types.h>

namespace kvco::detail {

/// At most one process at a time. The destructor kills it.
class child_process {
 public:
  child_process() = default;
  ~child_process() { kill(); }
  child_process(const child_process&) = delete;
  child_process& operator=(const child_process&) = delete;

  /// Runs `words[0]` with the arguments after it. Its output is appended to `log`. The kernel kills it when the thread
  /// that calls this ends.
  void start(std::vector<std::string> words, const std::filesystem::path& log);

  pid_t pid() const noexcept { return pid_; }
  bool running() const noexcept { return pid_ > 0; }
  /// Whether it has ended by itself or by a signal; it is then not running any more.
  bool has_ended();
  void signal(int number) const noexcept;
  /// SIGKILL, and waits for the end. Does nothing if it is not running.
  void kill() noexcept;
  /// SIGSTOP, and waits until it has taken effect. False if the process has ended instead.
  bool pause();

 private:
  pid_t pid_ = -1;
};

}  // namespace kvco::detail
