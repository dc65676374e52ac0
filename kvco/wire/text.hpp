// White space as the protocol knows it: blanks and tabs. Shared by the parser and the header block.
#pragma once

#include <string_view>

namespace kvco::wire {

inline bool is_blank(char c) noexcept { return c == ' ' || c == '\t'; }

inline std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace kvco::wire
