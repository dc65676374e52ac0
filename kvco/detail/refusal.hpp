// The result of a check of an input: made where names, options and settings are checked, returned to the
// caller as an error.
#pragma once

#include <kvco/error.hpp>
#include <string>

namespace kvco::detail {

/// A refusal: the rule as a code, and a text that names the input (made printable, shortened) and where it
/// breaks the rule. The rule itself is the code's message(). No error: the input is fine.
struct refusal {
  error_code code;
  std::string detail;
  explicit operator bool() const noexcept { return static_cast<bool>(code); }
};

}  // namespace kvco::detail
