// A command that kvco runs. See the header.
#include <kvco/cli/child.hpp>
#include <kvco/cli/exit_code.hpp>

#include <boost/asio/deferred.hpp>
#include <cerrno>
#include <csignal>
#include <cstring>

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace kvco::cli {
namespace {

constexpr int no_such_program = 127;

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (std::string& each : texts) out.push_back(each.data());
  out.push_back(nullptr);
  return out;
}

std::vector<std::string> environment_with(const variables& more) {
  std::vector<std::string> out;
  for (char** each = environ; *each != nullptr; ++each) out.emplace_back(*each);
  for (const auto& [name, value] : more) out.push_back(name + "=" + value);
  return out;
}

/// The settings with which a process is started.
class settings {
 public:
  explicit settings(int input) {
    ::posix_spawnattr_init(&attributes_);
    ::posix_spawn_file_actions_init(&files_);
    sigset_t ignored;
    ::sigemptyset(&ignored);
    ::sigaddset(&ignored, SIGPIPE);
    ::posix_spawnattr_setsigdefault(&attributes_, &ignored);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGDEF);
    if (input >= 0) ::posix_spawn_file_actions_adddup2(&files_, input, STDIN_FILENO);
  }
  ~settings() {
    ::posix_spawn_file_actions_destroy(&files_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  settings(const settings&) = delete;
  settings& operator=(const settings&) = delete;

  int start(std::vector<std::string> words, std::vector<std::string> environment, pid_t& pid) const {
    const std::vector<char*> arguments = pointers_to(words), its_variables = pointers_to(environment);
    return ::posix_spawnp(&pid, arguments[0], &files_, &attributes_, arguments.data(), its_variables.data());
  }

 private:
  posix_spawnattr_t attributes_{};
  posix_spawn_file_actions_t files_{};
};

}  // namespace

child::child(asio::any_io_executor executor, const std::vector<std::string>& words, const variables& more,
             int input)
    : changes_(std::move(executor), SIGCHLD) {
  const int why = settings(input).start(words, environment_with(more), pid_);
  if (why != 0) throw failure(exit_code{no_such_program}, words.front() + ": " + std::strerror(why));
}

asio::awaitable<int> child::ended() {
  for (;;) {
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) == pid_) {
      pid_ = -1;
      co_return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    }
    co_await changes_.async_wait(asio::deferred);
  }
}

void child::signal(int number) const {
  if (pid_ > 0) ::kill(pid_, number);
}

}  // namespace kvco::cli
