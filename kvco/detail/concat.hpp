// Text from pieces, with one allocation.
#pragma once

#include <concepts>
#include <string>
#include <string_view>

namespace kvco::detail {

/// As absl::StrCat, which does not take a std::string_view where Abseil was built with its own (Debian 12).
template <std::convertible_to<std::string_view>... Pieces>
std::string concat(const Pieces&... pieces) {
  std::string text;
  text.reserve((std::string_view(pieces).size() + ... + 0));
  (text.append(std::string_view(pieces)), ...);
  return text;
}

}  // namespace kvco::detail
