// Untrusted bytes -> text for error messages.
#include <kvco/detail/printable.hpp>

#include <absl/strings/escaping.h>
#include <absl/strings/string_view.h>
#include <kvco/detail/concat.hpp>

namespace kvco::detail {

std::string printable(std::string_view text) {
  constexpr std::size_t shown = 64, longest = 80;
  const bool whole = text.size() <= longest;
  const std::string escaped = absl::CHexEscape(absl::string_view(text.data(), whole ? text.size() : shown));
  if (whole) return concat("\"", escaped, "\"");
  return concat("\"", escaped, "\"... (", std::to_string(text.size()), " bytes)");
}

}  // namespace kvco::detail
