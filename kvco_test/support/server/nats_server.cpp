// Which nats-server a test runs, and what it was doing. See the header.
#include <kvco_test/support/server/nats_server.hpp>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <regex>
#include <stdexcept>
#include <utility>

#include <unistd.h>

namespace kvco::test {
namespace {

namespace fs = std::filesystem;

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

nats_server_options started_as(server_options options) {
  return {.binary = server_binary(options.version),
          .jetstream = options.jetstream,
          .keep_store = options.keep_store,
          .jetstream_config = std::move(options.jetstream_config),
          .extra_config = std::move(options.extra_config),
          .port = options.port,
          .args = std::move(options.args)};
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

nats_server::nats_server(server_options options) : kvco::nats_server(started_as(std::move(options))) {}

std::string nats_server::goroutines() {
  const std::size_t before = log().size();
  signal(SIGQUIT);
  signal(SIGCONT);
  wait_for_exit();
  return log().substr(before);
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
