// A private nats-server: configuration file -> child process -> the first line that it sends to a client.
#include <kvco/testing/child_process.hpp>
#include <kvco/testing/nats_server.hpp>
#include <kvco/testing/system_error.hpp>

#include <array>
#include <csignal>
#include <fstream>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace kvco {
namespace {

using std::chrono::steady_clock;
namespace fs = std::filesystem;

constexpr auto start_deadline = std::chrono::seconds(60);  // recovering a large store takes a while
constexpr auto exit_deadline = std::chrono::seconds(30);
constexpr auto poll_interval = std::chrono::milliseconds(2);

/// Calls `ready` until it is true; false at the deadline.
template <class Condition>
bool poll_until(steady_clock::time_point deadline, Condition ready) {
  while (!ready()) {
    if (steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(poll_interval);
  }
  return true;
}

std::string read_line(int socket, steady_clock::time_point deadline) {
  std::string line;
  while (line.find('\n') == std::string::npos && steady_clock::now() < deadline) {
    pollfd readable{socket, POLLIN, 0};
    if (::poll(&readable, 1, 50) <= 0) continue;
    std::array<char, 4096> bytes;
    const ssize_t n = ::recv(socket, bytes.data(), bytes.size(), 0);
    if (n <= 0) break;
    line.append(bytes.data(), static_cast<std::size_t>(n));
  }
  return line;
}

/// The first line that a server sends to a new client; nothing while it accepts none.
std::optional<std::string> read_info(std::uint16_t port, steady_clock::time_point deadline) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) detail::throw_errno("socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  std::string line;
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
    line = read_line(socket, deadline);
  ::close(socket);
  if (!line.starts_with("INFO ") || line.find('\n') == std::string::npos) return std::nullopt;
  return line;
}

fs::path make_folder() {
  std::string name = (fs::temp_directory_path() / "kvco_nats_XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) detail::throw_errno("mkdtemp " + name);
  return name;
}

nats_server_options with_binary(nats_server_options options) {
  if (options.binary.empty()) options.binary = find_nats_server();
  return options;
}

}  // namespace

nats_server::nats_server(nats_server_options options)
    : options_(with_binary(std::move(options))),
      folder_(make_folder()),
      process_(std::make_unique<detail::child_process>()) {
  try {
    start();
  } catch (...) {
    process_->kill();
    fs::remove_all(folder_);
    throw;
  }
}

nats_server::~nats_server() {
  process_->kill();
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

std::string nats_server::url() const { return "nats://127.0.0.1:" + std::to_string(port()); }

std::uint16_t nats_server::port() const noexcept {
  return options_.port != 0 ? options_.port : reserved_.number();
}

pid_t nats_server::pid() const noexcept { return process_->pid(); }

bool nats_server::running() const noexcept { return process_->running(); }

std::string nats_server::version() const {
  constexpr std::string_view field = "\"version\":\"";
  const std::size_t begin = info_.find(field);
  if (begin == std::string::npos) fail("no version in INFO: " + info_);
  const std::size_t first = begin + field.size();
  return info_.substr(first, info_.find('"', first) - first);
}

std::string nats_server::log() const {
  std::ifstream file(folder_ / "log");
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

void nats_server::fail(const std::string& reason) const {
  throw std::runtime_error("nats_server " + options_.binary.string() + ": " + reason + "\n--- its log ---\n" +
                           log());
}

void nats_server::write_config() const {
  std::ofstream file(folder_ / "config");
  file << "listen: \"127.0.0.1:" << port() << "\"\n";
  if (options_.jetstream) {
    file << "jetstream {\n  store_dir: \"" << store_dir().string() << "\"\n"
         << "  max_file_store: 20GB\n  max_memory_store: 4GB\n"
         << options_.jetstream_config << "\n}\n";
  }
  file << options_.extra_config << "\n";
  if (!file.flush()) fail("cannot write the configuration file");
}

void nats_server::wait_until_accepting() {
  const auto deadline = steady_clock::now() + start_deadline;
  std::optional<std::string> info;
  const bool answered = poll_until(deadline, [&] {
    if (process_->has_ended()) fail("it exited while starting");
    info = read_info(port(), deadline);
    return info.has_value();
  });
  if (!answered) fail("it does not accept clients");
  info_ = *std::move(info);
}

void nats_server::start() {
  if (running()) fail("start(): it is running");
  write_config();
  std::vector<std::string> words{options_.binary.string(), "-c", (folder_ / "config").string()};
  words.insert(words.end(), options_.args.begin(), options_.args.end());
  process_->start(std::move(words), folder_ / "log");
  wait_until_accepting();
}

void nats_server::signal(int number) {
  if (!running()) fail("signal(): it is not running");
  process_->signal(number);
}

void nats_server::wait_for_exit(std::chrono::milliseconds deadline) {
  if (!running()) return;
  if (!poll_until(steady_clock::now() + deadline, [&] { return process_->has_ended(); }))
    fail("it does not exit");
}

void nats_server::stop() {
  signal(SIGTERM);
  signal(SIGCONT);  // a paused server would not receive the first
  wait_for_exit(exit_deadline);
}

void nats_server::kill() { process_->kill(); }

void nats_server::restart() {
  if (running()) stop();
  if (!options_.keep_store) fs::remove_all(store_dir());
  start();
}

void nats_server::pause() {
  if (!running()) fail("pause(): it is not running");
  if (!process_->pause()) fail("pause(): it has exited");
}

void nats_server::resume() { signal(SIGCONT); }

void nats_server::configure(bool jetstream, std::string extra_config) {
  options_.jetstream = jetstream;
  options_.extra_config = std::move(extra_config);
}

void nats_server::reload(std::string extra_config) {
  options_.extra_config = std::move(extra_config);
  write_config();
  const std::size_t before = log().size();
  signal(SIGHUP);
  wait_for_log("Reloaded server configuration", before);
}

void nats_server::wait_for_log(std::string_view text, std::size_t from,
                               std::chrono::milliseconds deadline) const {
  const auto found = [&] { return log().find(text, from) != std::string::npos; };
  if (!poll_until(steady_clock::now() + deadline, found))
    fail("it has not logged \"" + std::string(text) + "\"");
}

}  // namespace kvco
