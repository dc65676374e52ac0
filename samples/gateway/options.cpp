#include "options.hpp"

#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string_view>

#include "text.hpp"

namespace gateway {
namespace {

std::uint64_t number(std::string_view name, std::string_view value, std::uint64_t max) {
  const auto found = number_in(value);
  if (!found || *found > max)
    throw std::runtime_error(std::string(name) + ": a number up to " + std::to_string(max) + ", not \"" +
                             std::string(value) + "\"");
  return *found;
}

void set_listen(options& to, std::string_view value) {
  const std::size_t colon = value.rfind(':');
  if (colon == std::string_view::npos) throw std::runtime_error("--listen: ADDRESS:PORT");
  std::string_view address = value.substr(0, colon);
  if (address.starts_with('[') && address.ends_with(']')) address = address.substr(1, address.size() - 2);
  to.address = address;
  to.port = static_cast<std::uint16_t>(number("--listen", value.substr(colon + 1), 65535));
}

std::string first_line(const std::string& file) {
  std::ifstream in(file);
  std::string line;
  if (!std::getline(in, line) || line.empty())
    throw std::runtime_error("--token-file: " + file + " has no token");
  return line;
}

void set(options& to, const std::string& name, const std::string& value) {
  using std::chrono::milliseconds;
  constexpr std::uint64_t million = 1'000'000, gib = 1024 * 1024 * 1024;
  if (name == "--listen") {
    set_listen(to, value);
  } else if (name == "--nats") {
    to.nats = value;
  } else if (name == "--token-file") {
    to.token = first_line(value);
  } else if (name == "--max-connections") {
    to.limits.connections = number(name, value, million);
  } else if (name == "--max-body") {
    to.limits.body = number(name, value, gib);
  } else if (name == "--header-timeout-ms") {
    to.limits.header_time = milliseconds(number(name, value, million));
  } else if (name == "--body-timeout-ms") {
    to.limits.body_time = milliseconds(number(name, value, million));
  } else if (name == "--idle-timeout-ms") {
    to.limits.idle_time = milliseconds(number(name, value, million));
  } else if (name == "--write-timeout-ms") {
    to.limits.write_time = milliseconds(number(name, value, million));
  } else if (name == "--heartbeat-ms") {
    to.feeds.heartbeat = milliseconds(number(name, value, million));
  } else if (name == "--linger-ms") {
    to.feeds.linger = milliseconds(number(name, value, million));
  } else if (name == "--viewer-events") {
    to.feeds.pending = number(name, value, million);
  } else if (name == "--recent-events") {
    to.feeds.recent = number(name, value, million);
  } else {
    throw std::runtime_error("there is no option " + name + "; see --help");
  }
}

}  // namespace

options parse_options(std::span<const char* const> arguments) {
  options out;
  if (const char* token = std::getenv("KVCO_GATEWAY_TOKEN")) out.token = token;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string name = arguments[i];
    if (name == "--demo") {
      out.demo = true;
    } else if (name == "--help") {
      out.help = true;
    } else if (i + 1 < arguments.size()) {
      set(out, name, arguments[++i]);
    } else {
      throw std::runtime_error(name + ": a value is missing, or there is no such option; see --help");
    }
  }
  return out;
}

std::string usage() {
  return R"(gateway: Key-Value buckets of NATS over HTTP, with a page that shows them live.

  --listen ADDRESS:PORT    default 127.0.0.1:8080; port 0: a free one. Any other address than loopback needs a token
  --nats URL               default: NATS_URL, the contexts of the nats tool, 127.0.0.1:4222
  --token-file FILE        requests need the token in the first line of FILE (or KVCO_GATEWAY_TOKEN)
  --demo                   makes the bucket INVENTORY with some stock, and changes it now and then

limits:
  --max-connections N      default 2048; more are answered with 503
  --max-body BYTES         default 1048576; more is answered with 413
  --header-timeout-ms N    default 10000, for a whole header
  --body-timeout-ms N      default 30000, for a whole body
  --idle-timeout-ms N      default 75000, between two requests
  --write-timeout-ms N     default 30000, for one part of a response
  --heartbeat-ms N         default 15000, between comments on a silent stream of events
  --linger-ms N            default 30000, how long a watch without viewers is kept
  --viewer-events N        default 1024: the events that a viewer may be behind before they are conflated
  --recent-events N        default 4096: the events that are kept for viewers that come back
)";
}

}  // namespace gateway
