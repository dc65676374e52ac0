// Bytes of others -> valid UTF-8, for texts that must be that.
#pragma once

#include <string>
#include <string_view>

namespace kvco::detail {

/// How many bytes the character at the beginning of the text has; 0: they are not UTF-8 (RFC 3629).
std::size_t utf8_size(std::string_view text) noexcept;
/// The position of the first byte that is not part of a character; npos: all are.
std::size_t find_no_utf8(std::string_view text) noexcept;
/// The text with U+FFFD for each byte that is not part of a character.
std::string to_utf8(std::string_view text);

}  // namespace kvco::detail
