// Where the nats-server of a machine is.
#include <kvco/testing/nats_server.hpp>

#include <cstdlib>
#include <stdexcept>

#include <unistd.h>

namespace kvco {
namespace {

namespace fs = std::filesystem;

bool is_program(const fs::path& file) {
  return fs::is_regular_file(file) && ::access(file.c_str(), X_OK) == 0;
}

std::string_view variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : value;
}

}  // namespace

fs::path find_nats_server() {
  if (const fs::path named = variable("KVCO_NATS_SERVER"); !named.empty()) {
    if (is_program(named)) return named;
    throw std::runtime_error("KVCO_NATS_SERVER=" + named.string() + " is no program");
  }
  // Debian has it in /usr/sbin, which is not in the path of every user.
  std::string folders = std::string(variable("PATH")) + ":/usr/sbin:/usr/local/bin:";
  for (std::size_t end; (end = folders.find(':')) != std::string::npos; folders.erase(0, end + 1)) {
    const fs::path file = fs::path(folders.substr(0, end)) / "nats-server";
    if (end > 0 && is_program(file)) return file;
  }
  throw std::runtime_error(
      "no nats-server in PATH, /usr/sbin and /usr/local/bin: install one, or set KVCO_NATS_SERVER to the "
      "program");
}

}  // namespace kvco
