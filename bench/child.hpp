// The benchmark's end of a contestant's process.
#pragma once

#include <bench/task.hpp>
#include <string>
#include <vector>

#include <sys/types.h>

namespace kvco::bench {

class child {
 public:
  /// Starts a program that answers as serve() does; its standard error is ours.
  /// @param url  of the server, its NATS_URL
  child(const std::vector<std::string>& command, const std::string& url);
  ~child();
  child(const child&) = delete;
  child& operator=(const child&) = delete;

  /// The outcome of the task. A process that dies, or is silent for minutes, is a failure of the task.
  outcome ask(const task& what);

 private:
  std::string read_line();
  void end() noexcept;

  pid_t process_ = -1;
  int to_ = -1, from_ = -1;
  std::string unread_;
};

}  // namespace kvco::bench
