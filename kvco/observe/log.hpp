// The lines of a client's log.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace kvco {
/// The importance of a line of the log.
enum class log_level : std::uint8_t { debug, info, warning, error };
std::string_view to_string(log_level level) noexcept;

/// A value of a line.
struct log_field {
  std::string_view name, value;  ///< as text
};

/// A line of the log; its views are valid during the call.
struct log_record {
  log_level level{};                  ///< how important it is
  std::string_view message;           ///< always the same for the same occasion
  std::span<const log_field> fields;  ///< the values of this occasion
};
/// `level=warning msg="connection lost" server=127.0.0.1:4222 reason="..."`, without a line end.
std::string to_string(const log_record& record);

}  // namespace kvco
