// A real nats-server as a child process of the test. See the header.
#include <kvco_test/support/server/nats_server.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <optional>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <utility>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace kvco::test {
namespace {

using std::chrono::steady_clock;
namespace fs = std::filesystem;

constexpr auto start_deadline = std::chrono::seconds(60);  // recovering a large store takes a while
constexpr auto poll_interval = std::chrono::milliseconds(2);

[[noreturn]] void fail_errno(const std::string& what) {
  throw std::runtime_error(what + ": " + std::strerror(errno));
}

// Calls `ready` until it is true; false at the deadline.
template <class Condition>
bool poll_until(steady_clock::time_point deadline, Condition ready) {
  while (!ready()) {
    if (steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(poll_interval);
  }
  return true;
}

// --- binaries -------------------------------------------------------------------------------------

using version_numbers = std::array<int, 3>;

std::optional<version_numbers> parse_version(const std::string& text) {
  version_numbers v{};
  char rest = 0;
  if (std::sscanf(text.c_str(), "%d.%d.%d%c", &v[0], &v[1], &v[2], &rest) != 3) return std::nullopt;
  return v;
}

constexpr version_numbers oldest_newest{2, 15, 0};

bool belongs_to(const std::string& version, const version_numbers& numbers, std::string_view generation) {
  if (generation == "newest") return numbers >= oldest_newest;
  return version == generation || version.starts_with(std::string(generation) + ".");
}

fs::path servers_dir() {
  const char* dir = std::getenv("KVCO_SERVERS_DIR");
  return dir != nullptr && *dir != '\0' ? dir : KVCO_SERVERS_DIR;
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

// The first line a server sends to a new client, or nothing while it does not accept any.
std::optional<std::string> read_info(std::uint16_t port, steady_clock::time_point deadline) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) fail_errno("socket");
  const sockaddr_in address = loopback(port);
  std::string line;
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    while (line.find('\n') == std::string::npos && steady_clock::now() < deadline) {
      pollfd readable{fd, POLLIN, 0};
      if (::poll(&readable, 1, 50) <= 0) continue;
      std::array<char, 4096> bytes;
      const ssize_t n = ::recv(fd, bytes.data(), bytes.size(), 0);
      if (n <= 0) break;
      line.append(bytes.data(), static_cast<std::size_t>(n));
    }
  }
  ::close(fd);
  if (!line.starts_with("INFO ") || line.find('\n') == std::string::npos) return std::nullopt;
  return line;
}

fs::path make_folder() {
  std::string name = (fs::temp_directory_path() / "kvco_nats_XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) fail_errno("mkdtemp " + name);
  return name;
}

}  // namespace

std::vector<std::string> server_generations() { return {"2.9", "2.10", "newest"}; }

fs::path server_binary(std::string_view generation) {
  fs::path best;
  version_numbers best_numbers{};
  std::error_code ec;
  for (const fs::directory_entry& entry : fs::directory_iterator(servers_dir(), ec)) {
    const std::string version = entry.path().filename().string();
    const std::optional<version_numbers> numbers = parse_version(version);
    if (!numbers || !belongs_to(version, *numbers, generation) || *numbers < best_numbers) continue;
    const fs::path binary = entry.path() / "nats-server";
    if (::access(binary.c_str(), X_OK) != 0) continue;
    best = binary;
    best_numbers = *numbers;
  }
  if (best.empty()) {
    throw std::runtime_error("no nats-server of generation " + std::string(generation) + " in " +
                             servers_dir().string() +
                             ". Run .ci/servers, or set KVCO_SERVERS_DIR to a folder that has "
                             "<version>/nats-server.");
  }
  return best;
}

// --- reserved_port --------------------------------------------------------------------------------

reserved_port::reserved_port() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  if (socket_ < 0) fail_errno("socket");
  const int on = 1;
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  if (::setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      ::bind(socket_, reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
      ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    ::close(socket_);
    fail_errno("cannot reserve a port");
  }
  number_ = ntohs(address.sin_port);
}

reserved_port::~reserved_port() { ::close(socket_); }

// --- nats_server ----------------------------------------------------------------------------------

nats_server::nats_server(server_options options)
    : options_(std::move(options)), binary_(server_binary(options_.version)), folder_(make_folder()) {
  try {
    start();
  } catch (...) {
    if (running()) kill();
    fs::remove_all(folder_);
    throw;
  }
}

nats_server::~nats_server() {
  if (running()) kill();
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

std::string nats_server::url() const { return "nats://127.0.0.1:" + std::to_string(port()); }

std::uint16_t nats_server::port() const { return options_.port != 0 ? options_.port : reserved_.number(); }

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

void nats_server::fail(const std::string& what) const {
  throw std::runtime_error("nats_server " + binary_.string() + ": " + what + "\n--- its log ---\n" + log());
}

void nats_server::write_config() const {
  std::ofstream file(folder_ / "config");
  file << "listen: \"127.0.0.1:" << port() << "\"\n";
  if (options_.jetstream) {
    file << "jetstream {\n  store_dir: " << store_dir() << "\n"
         << "  max_file_store: 20GB\n  max_memory_store: 4GB\n"
         << options_.jetstream_config << "\n}\n";
  }
  file << options_.extra_config << "\n";
  if (!file.flush()) fail("cannot write the configuration file");
}

void nats_server::spawn() {
  // Everything is made ready before fork(): the child of a threaded program may only make system calls.
  std::vector<std::string> words{binary_.string(), "-c", (folder_ / "config").string()};
  words.insert(words.end(), options_.args.begin(), options_.args.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const int log = ::open((folder_ / "log").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (log < 0) fail_errno("cannot open the log");

  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127);  // the test died before prctl() could see it
    ::dup2(log, STDOUT_FILENO);
    ::dup2(log, STDERR_FILENO);
    // Asio's sockets are inherited: a port would stay open, and a connection, after the test has closed them.
    ::close_range(STDERR_FILENO + 1, ~0u, 0);
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }
  ::close(log);
  if (child < 0) fail_errno("fork");
  pid_ = child;
}

void nats_server::wait_until_accepting() {
  const auto deadline = steady_clock::now() + start_deadline;
  std::optional<std::string> info;
  const bool answered = poll_until(deadline, [&] {
    if (try_reap()) fail("it exited while starting");
    info = read_info(port(), deadline);
    return info.has_value();
  });
  if (!answered) fail("it does not accept clients");
  info_ = *std::move(info);
}

void nats_server::start() {
  if (running()) fail("start(): it runs already");
  write_config();
  spawn();
  wait_until_accepting();
}

bool nats_server::try_reap() {
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) != pid_) return false;
  pid_ = -1;
  return true;
}

void nats_server::signal(int number) {
  if (!running()) fail("signal(): it does not run");
  ::kill(pid_, number);
}

void nats_server::wait_for_exit(std::chrono::milliseconds deadline) {
  if (!running()) return;
  if (!poll_until(steady_clock::now() + deadline, [&] { return try_reap(); })) {
    fail("it does not exit");
  }
}

void nats_server::stop() {
  signal(SIGTERM);
  signal(SIGCONT);  // a paused server would not see the first
  wait_for_exit();
}

void nats_server::kill() {
  if (!running()) return;
  ::kill(pid_, SIGKILL);
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
}

void nats_server::restart() {
  if (running()) stop();
  if (!options_.keep_store) fs::remove_all(store_dir());
  start();
}

void nats_server::pause() {
  signal(SIGSTOP);
  // The signal only takes effect later; whoever calls this wants silence from here on.
  int status = 0;
  while (::waitpid(pid_, &status, WUNTRACED) < 0 && errno == EINTR) {
  }
  if (WIFSTOPPED(status)) return;
  pid_ = -1;
  fail("pause(): it has exited");
}

void nats_server::resume() { signal(SIGCONT); }

std::string nats_server::goroutines() {
  const std::size_t before = log().size();
  signal(SIGQUIT);
  signal(SIGCONT);
  wait_for_exit();
  return log().substr(before);
}

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
  if (!poll_until(steady_clock::now() + deadline, found)) {
    fail("it has not logged \"" + std::string(text) + "\"");
  }
}

// They are separated by empty lines, begin with "goroutine 7 gp=0xc0 m=nil [sync.RWMutex.Lock, 3 minutes]:", and have two lines for
// each call: "github.com/nats-io/nats-server/server.(*stream).name(0xc000004408)", and where that is.
std::string stuck_at_locks(std::string_view goroutines) {
  static const std::regex head(R"(^goroutine \d+[^\[]*\[(sync\.(RW)?Mutex\.R?Lock, \d+ minutes))");
  static const std::regex function(R"(/server\.(\S+?)\((0x|\{|\.\.\.))");
  constexpr int innermost = 4;
  std::string told;
  while (!goroutines.empty()) {
    const std::string one(goroutines.substr(0, goroutines.find("\n\n")));
    goroutines.remove_prefix(std::min(goroutines.size(), one.size() + 2));
    std::smatch state;
    const std::string first_line = one.substr(0, one.find('\n'));
    if (!std::regex_search(first_line, state, head)) continue;
    told += state.str(1) + ":";
    auto call = std::sregex_iterator(one.begin(), one.end(), function);
    for (int i = 0; i < innermost && call != std::sregex_iterator(); ++i, ++call) told += " " + call->str(1);
    told += "\n";
  }
  return told;
}

}  // namespace kvco::test
