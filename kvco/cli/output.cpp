// The output of the command. See the header.
#include <kvco/cli/exit_code.hpp>
#include <kvco/cli/output.hpp>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace kvco::cli {
namespace {

constexpr std::size_t block = 64 * 1024;

std::string_view variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : value;
}

std::string_view code_of(colour in) {
  switch (in) {
    case colour::red:
      return "\x1b[31m";
    case colour::green:
      return "\x1b[32m";
    case colour::yellow:
      return "\x1b[33m";
    case colour::bold:
      break;
  }
  return "\x1b[1m";
}

}  // namespace

output::output(int descriptor) : descriptor_(descriptor), is_terminal_(::isatty(descriptor) == 1) {}

void output::write(std::string_view text) {
  waiting_ += text;
  if (waiting_.size() >= block) flush();
}

void output::flush() {
  std::string_view rest = waiting_;
  while (!rest.empty()) {
    const ssize_t written = ::write(descriptor_, rest.data(), rest.size());
    if (written > 0) {
      rest.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {  // a pipe that others have made non-blocking
      pollfd ready{descriptor_, POLLOUT, 0};
      ::poll(&ready, 1, -1);
    } else if (errno != EINTR) {
      const int why = errno;
      waiting_.clear();
      if (why == EPIPE) throw output_closed();
      throw failure(exit_code::error, std::string("standard output: ") + std::strerror(why));
    }
  }
  waiting_.clear();
}

std::size_t output::width() const {
  if (!is_terminal_) return 0;
  winsize size{};
  if (::ioctl(descriptor_, TIOCGWINSZ, &size) != 0) return 0;
  return size.ws_col;
}

std::string output::coloured(colour in, std::string_view text) const {
  if (!colours_) return std::string(text);
  return std::string(code_of(in)).append(text).append("\x1b[0m");
}

bool wants_colours(std::string_view setting, bool is_terminal) {
  if (setting == "always") return true;
  if (setting == "never") return false;
  if (!setting.empty() && setting != "auto")
    throw usage_error("--color: always, never or auto, not \"" + std::string(setting) + "\"");
  return is_terminal && variable("NO_COLOR").empty() && variable("TERM") != "dumb";
}

}  // namespace kvco::cli
