// The subject matter of the server's -ERR. core/written_log.hpp looks up the operation that it belongs to.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace kvco::core {

struct error_line {
  enum class about : std::uint8_t {
    // The connection goes on.
    publish,            // a message to `subject` is not permitted
    reply,              // a message with the reply subject `subject` is not permitted
    subscription,       // the one to `subject` is not permitted; `sid` where the server names it
    some_subscription,  // one that is not named: it is one too many, or no subject
    nothing,            // it does not name the refused part
    // The connection ends.
    login,
    late_login,  // the server has waited for our credentials in vain: it has not judged them
    silence,     // it has waited for our PONG in vain
    input,       // a message or a line is too large: nothing of it was carried out
    connection,  // of the server or the account: nothing that was written has caused it
    unknown,     // also a text that cannot be read: it may begin anywhere
  };
  bool ends_connection() const noexcept { return what >= about::login; }
  /// Something that was written may have caused the end of the connection.
  bool blames_what_was_written() const noexcept { return what == about::input || what == about::unknown; }

  about what = about::unknown;
  std::string subject;
  std::uint64_t sid = 0;      // 0: it is not named
  bool is_too_large = false;  // of input: the message is over max_payload
};

/// Reads the text of an -ERR, without its quotes.
error_line parse_error_line(std::string_view text);

}  // namespace kvco::core
