// A command that kvco runs: a child process in the same process group, so that ^C reaches it too.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/signal_set.hpp>
#include <string>
#include <utility>
#include <vector>

#include <sys/types.h>

namespace kvco::cli {

namespace asio = boost::asio;

using variables = std::vector<std::pair<std::string, std::string>>;

class child {
 public:
  /// Starts it, with `more` variables in its environment. `input`: a descriptor, its standard input; -1: that of kvco. Throws a failure
  /// if there is no such program.
  child(asio::any_io_executor executor, const std::vector<std::string>& words, const variables& more,
        int input = -1);

  /// Waits for its end: its exit code, 128 and the signal if one has ended it, as a shell reports it.
  asio::awaitable<int> ended();
  void signal(int number) const;

 private:
  asio::signal_set changes_;  // before the process: none of its changes is missed
  pid_t pid_ = -1;
};

}  // namespace kvco::cli
