// The output of the command. See the header.
#include <kvco/cli/descriptors.hpp>
#include <kvco/cli/exit_code.hpp>
#include <kvco/cli/output.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>
#include <cerrno>
#include <cstdlib>
#include <utility>

#include <fcntl.h>
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

[[noreturn]] void throw_as_output(const error_code& why) {
  if (why == asio::error::broken_pipe) throw output_closed();
  throw failure(exit_code::error, "standard output: " + why.message());
}

error_code last_error() { return {errno, boost::system::system_category()}; }

}  // namespace

output::output(asio::any_io_executor executor)
    : descriptor_(std::move(executor)), is_terminal_(::isatty(STDOUT_FILENO) == 1) {}

output::~output() {
  if (descriptor_.is_open()) ::fcntl(descriptor_.native_handle(), F_SETFL, flags_);
}

bool output::is_full() const noexcept { return waiting_.size() >= block; }

void output::open() {
  const int opened = opened_again(STDOUT_FILENO, O_WRONLY);
  if (opened < 0) throw_as_output(last_error());
  flags_ = ::fcntl(opened, F_GETFL);
  descriptor_.assign(opened);
  descriptor_.non_blocking(true);
}

asio::awaitable<bool> output::flush() {
  const std::string text = std::exchange(waiting_, {});
  std::string_view rest = text;
  if (!rest.empty() && !descriptor_.is_open()) open();
  while (!rest.empty()) {
    error_code error;
    rest.remove_prefix(descriptor_.write_some(asio::buffer(rest), error));
    if (error == asio::error::would_block) {
      is_cut_ = is_stopped_;
      if (is_cut_) break;
      co_await descriptor_.async_wait(descriptor_.wait_write, asio::as_tuple(asio::deferred));
    } else if (error && error != asio::error::interrupted) {
      throw_as_output(error);
    }
  }
  co_return !is_cut_;
}

void output::stop() {
  is_stopped_ = true;
  if (descriptor_.is_open()) descriptor_.cancel();
}

std::size_t output::width() const { return width_of_terminal(STDOUT_FILENO); }

std::string output::coloured(colour in, std::string_view text) const {
  if (!colours_) return std::string(text);
  return std::string(code_of(in)).append(text).append("\x1b[0m");
}

std::size_t width_of_terminal(int descriptor) {
  winsize size{};
  if (::isatty(descriptor) != 1 || ::ioctl(descriptor, TIOCGWINSZ, &size) != 0) return 0;
  return size.ws_col;
}

void print(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(STDOUT_FILENO, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {  // a pipe that others have made non-blocking
      pollfd ready{STDOUT_FILENO, POLLOUT, 0};
      ::poll(&ready, 1, -1);
    } else if (errno != EINTR) {
      throw_as_output(last_error());
    }
  }
}

bool wants_colours(std::string_view setting, bool is_terminal) {
  if (setting == "always") return true;
  if (setting == "never") return false;
  if (!setting.empty() && setting != "auto")
    throw usage_error("--color: always, never or auto, not \"" + std::string(setting) + "\"");
  return is_terminal && variable("NO_COLOR").empty() && variable("TERM") != "dumb";
}

}  // namespace kvco::cli
