// Programs that are measured. See the header.
#include <bench/meter.hpp>
#include <bench/program.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace kvco::bench {
namespace {

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error(what + ": " + std::strerror(errno));
}

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

double children_seconds() {
  rusage used{};
  ::getrusage(RUSAGE_CHILDREN, &used);
  return seconds_of(used.ru_utime) + seconds_of(used.ru_stime);
}

// Since this process began: it has run nothing else.
std::uint64_t children_peak() {
  rusage used{};
  ::getrusage(RUSAGE_CHILDREN, &used);
  return static_cast<std::uint64_t>(used.ru_maxrss) * 1024;
}

}  // namespace

scratch_file::scratch_file() : descriptor_(::memfd_create("kvco_bench", MFD_CLOEXEC)) {
  if (descriptor_ < 0) fail("a file in memory");
}

scratch_file::~scratch_file() { ::close(descriptor_); }

void scratch_file::append(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0) fail("a file in memory");
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

void scratch_file::rewind() const { ::lseek(descriptor_, 0, SEEK_SET); }

std::size_t scratch_file::count_lines() const {
  rewind();
  std::array<char, 65'536> block;
  std::size_t lines = 0;
  for (ssize_t got; (got = ::read(descriptor_, block.data(), block.size())) > 0;)
    lines += static_cast<std::size_t>(std::count(block.data(), block.data() + got, '\n'));
  return lines;
}

void run_program(const std::vector<std::string>& command, int in, int out) {
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  const auto connect = [&](int own, int standard, int flags) {
    own >= 0 ? ::posix_spawn_file_actions_adddup2(&actions, own, standard)
             : ::posix_spawn_file_actions_addopen(&actions, standard, "/dev/null", flags, 0);
  };
  connect(in, STDIN_FILENO, O_RDONLY);
  connect(out, STDOUT_FILENO, O_WRONLY);
  std::vector<char*> arguments;
  for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  pid_t process = -1;
  const int failed = ::posix_spawn(&process, arguments[0], &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) throw std::runtime_error(command.front() + ": " + std::strerror(failed));
  int status = 0;
  while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    throw std::runtime_error(command.front() + " has failed");
}

outcome measure_programs(std::size_t operations, const std::function<void()>& work) {
  const double before = children_seconds();
  meter spent(operations);
  work();
  spent.done(operations);
  outcome result = spent.finish();
  result.cpu_seconds = children_seconds() - before;
  result.peak_bytes = result.grown_bytes = children_peak();
  return result;
}

outcome run_gets(std::vector<std::string> command, const task& what) {
  command.emplace_back();
  scratch_file out;
  const outcome result = measure_programs(what.operations, [&] {
    for (std::size_t i = 0; i < what.operations; ++i) {
      command.back() = key_name(i % what.keys);
      run_program(command, -1, out.descriptor());
    }
  });
  if (static_cast<std::size_t>(::lseek(out.descriptor(), 0, SEEK_END)) != what.operations * what.value)
    throw std::runtime_error("get: it is not the value that was put");
  return result;
}

}  // namespace kvco::bench
