// How the failures of a handler are handled.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <kvco/options.hpp>
#include <string>
#include <string_view>

namespace kvco {

/// The end of an entry or a message whose handler has failed for the last time.
enum class after_failure : std::uint8_t {
  skip,          ///< it is logged, counted, and counts as handled
  stop_handler,  ///< the handler takes nothing further, the others go on; it does not count as handled
  stop_app,      ///< the app drains, and run() throws the exception; it does not count as handled
  // A dead letter that is refused for good (too large, not permitted) stops the handler.
  dead_letter_key,      ///< its bytes are stored in the bucket `dead_letter`, then it counts as handled
  dead_letter_subject,  ///< its bytes are published to `dead_letter`, with headers that name the reason
};

/// How a handler that throws is called again, and given up.
struct error_policy {
  std::size_t retries = 0;  ///< the maximum number of further calls; SIZE_MAX: until it succeeds
  duration first_delay = std::chrono::milliseconds(100);  ///< before the first of these; it doubles
  duration max_delay = std::chrono::seconds(10);  ///< up to this. A random part up to a half is taken off
  after_failure then = after_failure::skip;       ///< when these have failed as well
  std::string_view dead_letter{};                 ///< the bucket or the subject for dead letters
};

namespace handling {

/// A policy that owns its texts.
struct failure_rules {
  std::size_t retries = 0;
  duration first_delay{}, max_delay{};
  after_failure then = after_failure::skip;
  std::string dead_letter;
};
/// Throws a system_error of app_error::options_conflict if it breaks a rule.
failure_rules rules_of(const error_policy& policy);

enum class failure_kind : std::uint8_t {
  thrown,      ///< by the handler
  undecodable  ///< the handler was not called: its parameters could not be made, and will never be
};

struct failure_plan {
  bool is_retried = false;
  duration delay{};                          ///< before that
  after_failure then = after_failure::skip;  ///< otherwise
};
/// @param attempt  the number of the call that has failed, from 1 on
/// @param random  from 0 to 1
failure_plan plan_after(const failure_rules& rules, failure_kind kind, std::size_t attempt,
                        double random) noexcept;

}  // namespace handling
}  // namespace kvco
