// The gateway as a process. See the header.
#include <bench/gateway_load.hpp>

#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <fstream>
#include <stdexcept>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace kvco::bench {
namespace {

/// The first line that it prints: "gateway: listening on http://127.0.0.1:8080/".
std::uint16_t port_in(int output) {
  std::string line;
  for (char c = 0; c != '\n'; line += c) {
    if (::read(output, &c, 1) != 1) throw std::runtime_error("the gateway did not start");
  }
  std::uint16_t port = 0;
  const std::size_t colon = line.rfind(':') + 1;
  std::from_chars(line.data() + colon, line.data() + line.size(), port);
  if (port == 0) throw std::runtime_error("the gateway did not start: " + line);
  return port;
}

}  // namespace

gateway_process::gateway_process(const std::string& program, const std::string& nats_url) {
  int output[2] = {-1, -1};
  if (::pipe2(output, O_CLOEXEC) != 0) throw std::runtime_error(std::strerror(errno));
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
  std::string name = program, listen = "--listen", address = "127.0.0.1:0", nats = "--nats", url = nats_url;
  char* arguments[] = {name.data(), listen.data(), address.data(), nats.data(), url.data(), nullptr};
  const int failed = ::posix_spawn(&process_, name.c_str(), &actions, nullptr, arguments, environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(output[1]);
  output_ = output[0];
  if (failed != 0) throw std::runtime_error(program + ": " + std::strerror(failed));
  port_ = port_in(output_);
}

gateway_process::~gateway_process() {
  ::kill(process_, SIGTERM);
  ::waitpid(process_, nullptr, 0);
  ::close(output_);
}

std::uint64_t gateway_process::resident_bytes() const {
  std::ifstream file("/proc/" + std::to_string(process_) + "/statm");
  std::uint64_t total = 0, resident = 0;
  file >> total >> resident;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace kvco::bench
