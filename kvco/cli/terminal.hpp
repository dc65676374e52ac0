// The terminal of kvco, which one process group at a time may read, and whose keys send signals to that group.
#pragma once

#include <sys/types.h>

namespace kvco::cli {

class terminal {
 public:
  terminal();
  ~terminal();
  terminal(const terminal&) = delete;
  terminal& operator=(const terminal&) = delete;

  /// False: there is no terminal, or kvco has no right to it itself, as a job in the background.
  bool give_to(pid_t group);
  /// From the group that it was given to; true: that had it.
  bool take_back();

 private:
  int descriptor_;
  pid_t given_to_ = 0;
};

}  // namespace kvco::cli
