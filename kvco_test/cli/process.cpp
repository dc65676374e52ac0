// A program that a test runs. See the header.
#include <kvco_test/cli/process.hpp>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace kvco::test {
namespace {

using std::chrono::steady_clock;
constexpr std::chrono::seconds longest{60};

struct streams {
  int child[3];
  int input, output, error;
};

void check(bool good, const char* what) {
  if (!good) throw std::runtime_error(std::string(what) + " failed");
}

streams make_pipes() {
  int in[2], out[2], err[2];
  check(::pipe2(in, O_CLOEXEC) == 0 && ::pipe2(out, O_CLOEXEC) == 0 && ::pipe2(err, O_CLOEXEC) == 0, "pipe");
  return {{in[0], out[1], err[1]}, in[1], out[0], err[0]};
}

streams make_terminal(int columns) {
  int main_end = -1, other_end = -1;
  winsize size{.ws_row = 24, .ws_col = static_cast<unsigned short>(columns), .ws_xpixel = 0, .ws_ypixel = 0};
  check(::openpty(&main_end, &other_end, nullptr, nullptr, &size) == 0, "openpty");
  for (const int end : {main_end, other_end}) ::fcntl(end, F_SETFD, FD_CLOEXEC);
  return {{other_end, other_end, other_end}, ::fcntl(main_end, F_DUPFD_CLOEXEC, 0), main_end, -1};
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (std::string& each : texts) out.push_back(each.data());
  out.push_back(nullptr);
  return out;
}

/// False: nothing more will come.
bool read_some(int from, std::string& to) {
  std::array<char, 65536> bytes{};
  const ssize_t size = ::read(from, bytes.data(), bytes.size());
  if (size > 0) to.append(bytes.data(), static_cast<std::size_t>(size));
  return size > 0 || (size < 0 && (errno == EAGAIN || errno == EINTR));
}

/// As ps shows it; 0: there is no such process.
char state_of(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  std::getline(file, line);
  const std::size_t name_end = line.rfind(") ");
  return name_end == line.npos ? char(0) : line[name_end + 2];
}

void close_one(int& descriptor) {
  if (descriptor >= 0) ::close(descriptor);
  descriptor = -1;
}

}  // namespace

bool is_stopped(pid_t pid) { return state_of(pid) == 'T'; }

bool is_alive(pid_t pid) {
  const char state = state_of(pid);
  return state != 0 && state != 'Z';
}

process::process(std::vector<std::string> words, const std::map<std::string, std::string>& variables,
                 int on_terminal) {
  const streams made = on_terminal > 0 ? make_terminal(on_terminal) : make_pipes();
  input_ = made.input, output_ = made.output, error_ = made.error;
  std::vector<std::string> environment = {"PATH=" + std::string(std::getenv("PATH"))};
  for (const auto& [name, value] : variables) environment.push_back(name + "=" + value);
  const std::vector<char*> arguments = pointers_to(words), its_variables = pointers_to(environment);
  pid_ = ::fork();
  check(pid_ >= 0, "fork");
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (int i = 0; i < 3; ++i) ::dup2(made.child[i], i);
    if (on_terminal > 0) ::setsid(), ::ioctl(STDIN_FILENO, TIOCSCTTY, 0);
    ::execvpe(arguments[0], arguments.data(), its_variables.data());
    ::_exit(126);
  }
  ::close(made.child[0]);
  if (on_terminal == 0) ::close(made.child[1]), ::close(made.child[2]);
  for (const int each : {output_, error_}) {
    if (each >= 0) ::fcntl(each, F_SETFL, O_NONBLOCK);
  }
}

process::~process() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  close_one(input_), close_one(output_), close_one(error_);
}

void process::write(std::string_view bytes) {
  const auto before = std::signal(SIGPIPE, SIG_IGN);
  while (!bytes.empty()) {
    const ssize_t size = ::write(input_, bytes.data(), bytes.size());
    if (size <= 0) break;  // it does not read any more
    bytes.remove_prefix(static_cast<std::size_t>(size));
  }
  std::signal(SIGPIPE, before);
}

void process::close_input() { close_one(input_); }
void process::close_output() { close_one(output_); }
void process::signal(int number) const { ::kill(pid_, number); }

bool process::is_stopped() const { return test::is_stopped(pid_); }

std::size_t process::unread() const {
  int size = 0;
  check(::ioctl(output_, FIONREAD, &size) == 0, "FIONREAD");
  return static_cast<std::size_t>(size);
}

void process::take() {
  if (output_ >= 0 && !read_some(output_, so_far_.out)) close_one(output_);
  if (error_ >= 0 && !read_some(error_, so_far_.err)) close_one(error_);
}

bool process::is_over() {
  int status = 0;
  if (pid_ > 0 && ::waitpid(pid_, &status, WNOHANG) == pid_) {
    pid_ = -1;
    so_far_.code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  }
  return pid_ < 0;
}

bool process::has_ended() {
  take();
  if (!is_over()) return false;
  take();
  return output_ < 0 && error_ < 0;
}

namespace {
void wait_until(const std::function<bool()>& condition, const std::function<void()>& pause,
                const std::string& what) {
  const auto deadline = steady_clock::now() + longest;
  while (!condition()) {
    if (steady_clock::now() >= deadline) throw std::runtime_error("too late: " + what);
    pause();
  }
}
}  // namespace

void wait_until(const std::function<bool()>& condition, const std::string& what) {
  wait_until(
      condition, [] { ::poll(nullptr, 0, 10); }, what);
}

int process::wait_unread() {
  wait_until([this] { return is_over(); }, "it has not ended");
  return so_far_.code;
}

finished process::wait() {
  const auto pause = [this] {
    pollfd both[] = {{output_, POLLIN, 0}, {error_, POLLIN, 0}};
    ::poll(both, 2, 10);
  };
  wait_until([this] { return has_ended(); }, pause,
             "it has not ended; it printed " + so_far_.out + so_far_.err);
  return so_far_;
}

void process::wait_for_output(std::string_view text) {
  const auto pause = [this] {
    pollfd one{output_, POLLIN, 0};
    ::poll(&one, 1, 10);
  };
  wait_until([&] { return take(), so_far_.out.find(text) != std::string::npos; }, pause,
             "no \"" + std::string(text) + "\"");
}

void process::wait_for_error(std::string_view text) {
  const auto pause = [this] {
    pollfd one{error_, POLLIN, 0};
    ::poll(&one, 1, 10);
  };
  wait_until([&] { return take(), so_far_.err.find(text) != std::string::npos; }, pause,
             "no \"" + std::string(text) + "\"");
}

}  // namespace kvco::test
