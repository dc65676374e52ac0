// Untrusted bytes -> text for error messages.
#pragma once

#include <string>
#include <string_view>

namespace kvco::detail {

/// The text in double quotes: bytes that are not printable ASCII escaped as in C (a key may hold CR LF, and
/// messages end in logs), shortened to about 80 characters.
std::string printable(std::string_view text);

}  // namespace kvco::detail
