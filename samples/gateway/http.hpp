// A request as the handlers see it, and their response: independent of the library that reads and writes them.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "conditions.hpp"

namespace gateway {

namespace asio = boost::asio;

/// The target of a request: path segments and query, each decoded.
struct target {
  std::vector<std::string> path;
  std::vector<std::pair<std::string, std::string>> query;

  /// The value of a parameter of the query; nullptr: it is not there.
  const std::string* parameter(std::string_view name) const noexcept;
};

/// Nothing if it does not begin with '/', or has a malformed percent encoding. Dots have no meaning in a path: each segment is
/// the name of a bucket or a key, or no route.
std::optional<target> parse_target(std::string_view text);

struct request {
  std::string method;
  target where;
  std::string host, origin, authorization, cookie, last_event_id;
  condition_fields conditions;
  std::string body;
};

/// The body of a response that is made while it is sent. It is asked for a part only when the part before was written.
class body_source {
 public:
  body_source() = default;
  body_source(const body_source&) = delete;
  body_source& operator=(const body_source&) = delete;
  virtual ~body_source() = default;

  /// The next part, never empty; nothing at the end. An exception cuts the connection, so that the client sees the failure.
  virtual asio::awaitable<std::optional<std::string>> next() = 0;
  /// The server ends: next() returns nothing soon.
  virtual void stop() {}
  /// It goes on until one of the two sides ends it.
  virtual bool endless() const { return false; }
};

/// Counted by the server, shown by /metrics.
struct traffic {
  std::size_t connections = 0;  ///< open now
  std::size_t requests = 0;
  std::size_t refused =
      0;  ///< connections that ended with a problem: malformed, too large, too slow, too many
};

struct response {
  unsigned status = 200;
  std::string content_type{};
  std::vector<std::pair<std::string, std::string>> fields{};
  std::string body{};
  std::unique_ptr<body_source> source{};
};

}  // namespace gateway
