#include <kvco/testing/child_process.hpp>
#include <kvco/testing/system_error.hpp>

#include <cerrno>
#include <csignal>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace kvco::detail {
namespace {

/// In the child of a program with threads: system calls only.
[[noreturn]] void become(char** words, int log, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);  // the parent ended before prctl()
  ::dup2(log, STDOUT_FILENO);
  ::dup2(log, STDERR_FILENO);
  // Sockets without close-on-exec are inherited: a port, or a connection, would stay open after the test has closed it.
  ::close_range(STDERR_FILENO + 1, ~0u, 0);
  ::execv(words[0], words);
  ::_exit(127);
}

pid_t wait_for(pid_t pid, int& status, int options) noexcept {
  pid_t result;
  do {
    result = ::waitpid(pid, &status, options);
  } while (result < 0 && errno == EINTR);
  return result;
}

}  // namespace

void child_process::start(std::vector<std::string> words, const std::filesystem::path& log) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  const int output = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (output < 0) throw_errno("cannot open " + log.string());
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child == 0) become(pointers.data(), output, parent);
  const int error = errno;
  ::close(output);
  errno = error;
  if (child < 0) throw_errno("fork");
  pid_ = child;
}

bool child_process::has_ended() {
  int status = 0;
  if (wait_for(pid_, status, WNOHANG) != pid_) return false;
  pid_ = -1;
  return true;
}

void child_process::signal(int number) const noexcept { ::kill(pid_, number); }

void child_process::kill() noexcept {
  if (!running()) return;
  ::kill(pid_, SIGKILL);
  int status = 0;
  wait_for(pid_, status, 0);
  pid_ = -1;
}

bool child_process::pause() {
  ::kill(pid_, SIGSTOP);
  int status = 0;
  wait_for(pid_, status, WUNTRACED);
  if (WIFSTOPPED(status)) return true;
  pid_ = -1;
  return false;
}

}  // namespace kvco::detail
