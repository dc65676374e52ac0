// A command that kvco runs: a child process that does not outlive it.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/signal_set.hpp>
#include <chrono>
#include <kvco/cli/interruption.hpp>
#include <kvco/cli/start.hpp>
#include <kvco/cli/terminal.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace kvco::cli {

namespace asio = boost::asio;

/// It is in a process group of its own, with the processes that it starts. If kvco is killed, the kernel kills it (not those). It gets
/// the terminal when it asks for it: until then ^C is a signal for kvco.
class child {
 public:
  /// Starts it, with `more` variables in its environment. `input`: a descriptor, its standard input; -1: that of kvco. Throws a failure
  /// if there is no such program.
  child(asio::any_io_executor executor, const std::vector<std::string>& words, const variables& more,
        int input = -1);
  /// Kills its group, if it has not ended.
  ~child();
  child(const child&) = delete;
  child& operator=(const child&) = delete;

  /// Waits for its end, and after a signal for that of all processes of its group: its exit code, 128 and the signal if one has ended
  /// it, as a shell reports it.
  asio::awaitable<int> ended();
  /// SIGTERM, and after this time SIGKILL.
  asio::awaitable<void> end(std::chrono::nanoseconds time);
  /// To all processes of its group.
  void signal(int number);

 private:
  bool has_ended();
  void take_changes();
  void follow_stop(int signal);
  void pass_on_stops();

  asio::signal_set changes_, stops_;  // before the process: none of its changes is missed
  terminal terminal_;
  pid_t pid_ = -1;  // that of its group, too
  std::optional<int> code_;
  bool waits_for_all_ = false, is_over_ = false;
};

/// The first signal is passed on, a second one kills the group.
soft_interruption passed_on(interruption& signals, std::shared_ptr<child> to);

}  // namespace kvco::cli
