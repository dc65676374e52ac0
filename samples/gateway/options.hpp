// The command line.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "feed.hpp"

namespace gateway {

struct server_limits {
  std::size_t connections = 2048;
  std::size_t header = 16 * 1024;                 ///< bytes of the request line and the fields
  std::size_t body = 1024 * 1024;                 ///< bytes
  std::chrono::milliseconds header_time{10'000};  ///< for a whole header
  std::chrono::milliseconds body_time{30'000};    ///< for a whole body
  std::chrono::milliseconds write_time{30'000};   ///< for one part of a response
  std::chrono::milliseconds idle_time{75'000};    ///< between two requests
  std::chrono::milliseconds stop_time{5'000};     ///< for requests that are there when the gateway ends
};

struct options {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8080;
  std::string nats{};  ///< empty: NATS_URL and the contexts of the `nats` tool
  std::string token{};
  bool demo = false;
  bool help = false;
  server_limits limits{};
  feed_limits feeds{};
};

/// Throws std::runtime_error, with a text for the user.
options parse_options(std::span<const char* const> arguments);
std::string usage();

}  // namespace gateway
