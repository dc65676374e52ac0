// White space as the protocol knows it: blanks, tabs, and the end of a line.
#pragma once

#include <cstdint>
#include <limits>
#include <string_view>

namespace kvco::wire {

inline constexpr std::string_view line_break = "\r\n";

inline bool is_blank(char c) noexcept { return c == ' ' || c == '\t'; }

inline std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

inline bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// Takes it off the beginning. False: the text begins otherwise.
inline bool take(std::string_view& rest, std::string_view literal) noexcept {
  if (!rest.starts_with(literal)) return false;
  rest.remove_prefix(literal.size());
  return true;
}

/// Takes the digits off the beginning. False: there are no digits, or more than 64 bits can safely hold.
inline bool take_number(std::string_view& rest, std::uint64_t& out) noexcept {
  constexpr std::size_t most = std::numeric_limits<std::uint64_t>::digits10;
  std::size_t size = 0;
  std::uint64_t value = 0;
  for (; size < rest.size() && is_digit(rest[size]); ++size) {
    value = value * 10 + static_cast<std::uint64_t>(rest[size] - '0');
  }
  if (size == 0 || size > most) return false;
  out = value;
  rest.remove_prefix(size);
  return true;
}

}  // namespace kvco::wire
