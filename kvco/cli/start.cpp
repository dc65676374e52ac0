// Starts a program. See the header.
#include <kvco/cli/exit_code.hpp>
#include <kvco/cli/start.hpp>

#include <cerrno>
#include <csignal>
#include <cstring>

#include <fcntl.h>
#include <sys/prctl.h>
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

/// No signal is handled for the time of its life: between fork and exec, the handlers of kvco would run in the new process.
class no_signals {
 public:
  no_signals() {
    sigset_t all;
    ::sigfillset(&all);
    ::sigprocmask(SIG_SETMASK, &all, &before_);
  }
  ~no_signals() { end(); }
  no_signals(const no_signals&) = delete;
  no_signals& operator=(const no_signals&) = delete;
  void end() const { ::sigprocmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_;
};

/// Those that kvco handles, and SIGPIPE, which it ignores; those that its parent ignores stay ignored.
void restore_signals() {
  std::signal(SIGPIPE, SIG_DFL);
  for (const int each : {SIGINT, SIGTERM, SIGHUP, SIGTSTP, SIGCHLD}) {
    struct sigaction now {};
    if (::sigaction(each, nullptr, &now) == 0 && now.sa_handler != SIG_IGN) std::signal(each, SIG_DFL);
  }
}

struct program {
  char* const* words;
  char* const* variables;
  int input;
  pid_t parent;
};

/// In the new process; returns if it could not become the program.
void become(const program& wanted, const no_signals& blocked) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != wanted.parent) ::_exit(no_such_program);  // it has ended already
  if (wanted.input >= 0) ::dup2(wanted.input, STDIN_FILENO);
  restore_signals();
  blocked.end();
  ::execvpe(wanted.words[0], wanted.words, wanted.variables);
}

/// Waits until the new process is the program: 0; or why it is not.
int reason_from(int report) {
  int why = 0;
  ssize_t size = 0;
  do size = ::read(report, &why, sizeof why);
  while (size < 0 && errno == EINTR);
  return size == sizeof why ? why : 0;
}

}  // namespace

pid_t start(std::vector<std::string> words, const variables& more, int input) {
  std::vector<std::string> environment = environment_with(more);
  const std::vector<char*> arguments = pointers_to(words), its_variables = pointers_to(environment);
  const program wanted{arguments.data(), its_variables.data(), input, ::getpid()};
  int report[2];
  if (::pipe2(report, O_CLOEXEC) != 0)
    throw failure(exit_code::error, std::string("pipe: ") + std::strerror(errno));
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  const no_signals blocked;
  const pid_t pid = ::fork();
  if (pid == 0) {
    become(wanted, blocked);
    const int why = errno;
    [[maybe_unused]] const ssize_t written = ::write(report[1], &why, sizeof why);
    ::_exit(no_such_program);
  }
  int why = pid < 0 ? errno : 0;
  ::close(report[1]);
  if (pid > 0) why = reason_from(report[0]);
  ::close(report[0]);
  if (why == 0) return pid;
  if (pid > 0) ::waitpid(pid, nullptr, 0);
  throw failure(exit_code{no_such_program}, words.front() + ": " + std::strerror(why));
}

}  // namespace kvco::cli
