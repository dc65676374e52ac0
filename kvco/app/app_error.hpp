// The errors of an app: refusals of registration, and failures of a run.
#pragma once

#include <kvco/error.hpp>
#include <string>

namespace kvco {

/// The rules of an app, one code each, of a category of their own; the meaning of each is an errc, as with client_error.
enum class app_error {
  // Refused by registration, before anything is sent.
  pattern_malformed =
      1,  ///< an empty token, a blank, or another character that a filter has not (errc::invalid_filter)
  wildcard_inside_token,  ///< `a*`: a wildcard is a whole token, and `>` is the last one (errc::invalid_filter)
  capture_inside_token,    ///< `a{b}`: a capture is a whole token (errc::invalid_filter)
  capture_unclosed,        ///< `{b`, or `b}` (errc::invalid_filter)
  capture_unnamed,         ///< `{}` (errc::invalid_filter)
  capture_name_malformed,  ///< a name is `[A-Za-z_][A-Za-z0-9_]*` (errc::invalid_filter)
  capture_twice,           ///< two captures of one name (errc::invalid_filter)
  captures_mismatch,  ///< a handler takes captures as parameters, but not all of its pattern (errc::invalid_argument)
  handler_without_bucket,  ///< a handler of messages takes a bucket, and no option names one (errc::invalid_argument)
  options_conflict,  ///< options that exclude each other, or out of their range (errc::invalid_argument)
  already_running,   ///< registration after run(), or a second run() (errc::invalid_argument)
  // Of one entry or message: decided by the error policy of its handler.
  capture_not_decoded,  ///< a token is not the number that the handler takes (errc::invalid_key)
  position_malformed,   ///< a stored position is not one (errc::invalid_value)
  // Of a run.
  drain_timeout,  ///< handlers or hooks had not ended at the deadline, and were cancelled (errc::timeout)
};

/// The category of app_error ("kvco.app").
const boost::system::error_category& app_category() noexcept;
error_code make_error_code(app_error rule) noexcept;

namespace handling {
/// Throws a boost::system::system_error that begins with the text.
[[noreturn]] void refuse(app_error why, const std::string& text);
}  // namespace handling
}  // namespace kvco

template <>
struct boost::system::is_error_code_enum<kvco::app_error> : std::true_type {};
