// A contestant's process, from outside. See the header.
#include <bench/child.hpp>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <stdexcept>
#include <string_view>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace kvco::bench {
namespace {

constexpr int patience_ms = 120'000;  // for one run

}  // namespace

child::child(const std::vector<std::string>& command, const std::string& url) {
  std::string server = "NATS_URL=" + url;
  std::vector<char*> variables{server.data()};
  for (char** one = environ; *one != nullptr; ++one) {
    if (!std::string_view(*one).starts_with("NATS_URL=")) variables.push_back(*one);
  }
  variables.push_back(nullptr);
  int in[2] = {-1, -1}, out[2] = {-1, -1};
  if (::pipe2(in, O_CLOEXEC) != 0 || ::pipe2(out, O_CLOEXEC) != 0)
    throw std::runtime_error(std::strerror(errno));
  ::signal(SIGPIPE, SIG_IGN);  // the death of a contestant is noticed by its silence
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  std::vector<char*> arguments;
  for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  const int failed =
      ::posix_spawn(&process_, arguments[0], &actions, nullptr, arguments.data(), variables.data());
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(in[0]);
  ::close(out[1]);
  to_ = in[1];
  from_ = out[0];
  if (failed == 0) return;
  process_ = -1;
  end();
  throw std::runtime_error(command.front() + ": " + std::strerror(failed));
}

child::~child() { end(); }

void child::end() noexcept {
  if (to_ >= 0) ::close(to_);  // the end of its input ends it
  if (from_ >= 0) ::close(from_);
  to_ = from_ = -1;
  if (process_ < 0) return;
  for (int i = 0; i < 500; ++i) {
    if (::waitpid(process_, nullptr, WNOHANG) != 0) return;
    ::usleep(10'000);
  }
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
}

outcome child::ask(const task& what) {
  const std::string line = encode(what) + '\n';
  if (::write(to_, line.data(), line.size()) == static_cast<ssize_t>(line.size())) {
    const std::string answer = read_line();
    if (!answer.empty()) return decode_outcome(answer);
  }
  outcome gone;
  gone.failure = "its process died, or hangs";
  return gone;
}

// Empty when none comes.
std::string child::read_line() {
  while (true) {
    const std::size_t end = unread_.find('\n');
    if (end != std::string::npos) {
      std::string line = unread_.substr(0, end);
      unread_.erase(0, end + 1);
      return line;
    }
    pollfd readable{from_, POLLIN, 0};
    if (::poll(&readable, 1, patience_ms) <= 0) return {};
    char buffer[64 * 1024];
    const ssize_t got = ::read(from_, buffer, sizeof buffer);
    if (got <= 0) return {};
    unread_.append(buffer, static_cast<std::size_t>(got));
  }
}

}  // namespace kvco::bench
