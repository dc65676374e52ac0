// The terminal of kvco. See the header.
#include <kvco/cli/terminal.hpp>

#include <csignal>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace kvco::cli {

terminal::terminal() : descriptor_(::open("/dev/tty", O_RDWR | O_CLOEXEC)) {}

terminal::~terminal() {
  take_back();
  if (descriptor_ >= 0) ::close(descriptor_);
}

bool terminal::give_to(pid_t group) {
  if (descriptor_ < 0 || ::tcgetpgrp(descriptor_) != ::getpgrp()) return false;
  if (::tcsetpgrp(descriptor_, group) != 0) return false;
  given_to_ = group;
  return true;
}

bool terminal::take_back() {
  const pid_t group = std::exchange(given_to_, 0);
  if (group == 0 || ::tcgetpgrp(descriptor_) != group) return false;  // perhaps the shell has taken it
  sigset_t from_background, before;
  ::sigemptyset(&from_background);
  ::sigaddset(&from_background, SIGTTOU);
  ::sigprocmask(SIG_BLOCK, &from_background, &before);
  const bool taken = ::tcsetpgrp(descriptor_, ::getpgrp()) == 0;
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
  return taken;
}

}  // namespace kvco::cli
