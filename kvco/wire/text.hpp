// White space as the protocol knows it: blanks, tabs, and the end of a line.
#pragma once

#include <string_view>

namespace kvco::wire {

inline constexpr std::string_view line_break = "\r\n";

inline bool is_blank(char c) noexcept { return c == ' ' || c == '\t'; }

inline std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

/// Takes it off the beginning. False: the text begins otherwise.
inline bool take(std::string_view& rest, std::string_view literal) noexcept {
  if (!rest.starts_with(literal)) return false;
  rest.remove_prefix(literal.size());
  return true;
}

}  // namespace kvco::wire
