// The state and the counters of each handler of an app.
#pragma once

#include <cstddef>
#include <cstdint>
#include <kvco/entry.hpp>
#include <kvco/options.hpp>
#include <span>
#include <string>
#include <string_view>

namespace kvco {

/// The states of a handler.
enum class handler_state : std::uint8_t {
  registered,  ///< the app does not run
  starting,    ///< its watch or subscription is being established
  running,     ///<
  draining,    ///< it takes nothing further, and works on the entries that it has taken
  ended,       ///< in order
  failed,      ///< by its error policy, or its watch or subscription has ended with an error: see last_error
};
std::string_view to_string(handler_state state) noexcept;

/// Counters of a handler since the app was made.
struct handler_counters {
  std::uint64_t received = 0;      ///< entries or messages taken
  std::uint64_t handled = 0;       ///< calls of the handler that have succeeded
  std::uint64_t failures = 0;      ///< calls that have failed, and entries that could not be decoded
  std::uint64_t retries = 0;       ///< further calls after a failure
  std::uint64_t skipped = 0;       ///< given up: after_failure::skip
  std::uint64_t dead_letters = 0;  ///< given up, and stored or published elsewhere
  std::uint64_t ignored = 0;       ///< deletions, for a handler that does not see them
  std::uint64_t conflated =
      0;            ///< with .conflate: replaced by newer ones of their keys before they were handled
  duration busy{};  ///< the sum of the durations of all calls
};

/// How a handler is, at one moment.
struct handler_health {
  std::string name{};                               ///< as registered
  handler_state state = handler_state::registered;  ///< its state
  bool initial_complete = false;                    ///< of a watch: the initial data was taken
  std::size_t queued = 0;                           ///< taken, and not begun
  std::size_t in_flight = 0;                        ///< calls that have not ended
  kvco::revision last = 0;                          ///< of a watch: the last revision taken
  kvco::revision handled_to = 0;  ///< with a position: up to this revision everything was handled
  kvco::revision stored_to = 0;   ///< with a position: ... and that is stored
  handler_counters counters{};    ///< since it was registered
  std::string last_error{};       ///< the text of the last failure
};

/// In the text format of Prometheus, with the label `handler`; to be appended to that of the client (prometheus_metrics).
std::string render_prometheus(std::span<const handler_health> handlers);

}  // namespace kvco
