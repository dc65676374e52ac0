// Another NATS client in a process of its own. See the header.
#include <kvco_test/interop/peer.hpp>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <stdexcept>

#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace kvco::test {
namespace {
constexpr int patience_ms = 30'000;
}

peer::peer(const std::vector<std::string>& program) : name_(program.at(0)) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    throw std::runtime_error(std::string("socketpair: ") + std::strerror(errno));
  }
  std::vector<std::string> words = program;
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_ = ::fork();
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::dup2(ends[1], STDIN_FILENO);
    ::dup2(ends[1], STDOUT_FILENO);
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }
  ::close(ends[1]);
  socket_ = ends[0];
  if (pid_ < 0) throw std::runtime_error(std::string("fork: ") + std::strerror(errno));
}

peer::~peer() {
  ::close(socket_);
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

std::string peer::ask(const std::string& command) {
  const std::string line = command + "\n";
  if (::send(socket_, line.data(), line.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(line.size())) {
    throw std::runtime_error(name_ + " has ended; asked for: " + command);
  }
  std::size_t end = 0;
  while ((end = buffer_.find('\n')) == std::string::npos) {
    pollfd readable{socket_, POLLIN, 0};
    char bytes[4096];
    const ssize_t got = ::poll(&readable, 1, patience_ms) > 0 ? ::recv(socket_, bytes, sizeof bytes, 0) : -1;
    if (got <= 0)
      throw std::runtime_error(name_ + (got == 0 ? " has ended" : " is silent") + "; asked for: " + command);
    buffer_.append(bytes, static_cast<std::size_t>(got));
  }
  std::string answer = buffer_.substr(0, end);
  buffer_.erase(0, end + 1);
  if (answer == "ok") return {};
  return answer.starts_with("ok ") ? answer.substr(3) : answer;
}

}  // namespace kvco::test
