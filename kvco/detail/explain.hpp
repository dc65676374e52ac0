// The way of an error's text beside its code: net/operation calls a handler inside an explanation, message() reads it.
#pragma once

#include <kvco/error.hpp>
#include <string>

namespace kvco::detail {

/// What was known of an error: its code, the text, and whether a handler is being called with it now.
struct explained_error {
  error_code code;
  std::string detail;
  bool active = false;
};

/// While a handler is being called with `code`, message() of that code adds `detail`, and so does an exception
/// that is made from it.
///
/// Why this detour: a completion token (deferred in a coroutine, use_future) makes its system_error from the
/// error_code alone, and a code has no room for a text. But it does so inside the call of the handler, and
/// system_error takes message() at once. So the text waits on this thread for as long as that call lasts.
///
/// Afterwards only error_detail() has it, until the next error. Explanations nest: when a handler itself lets
/// others complete, theirs end before the outer one goes on. A code that is no error explains nothing.
class explanation {
 public:
  explanation(error_code code, std::string detail) noexcept;
  ~explanation();
  explanation(const explanation&) = delete;
  explanation& operator=(const explanation&) = delete;

 private:
  explained_error outer_;  // what was being explained around this one, if active
  bool explains_;
};

/// For the categories: adds ": " and the detail to `message` if this very code is being explained now.
void append_explanation(std::string& message, const boost::system::error_category& category, int value);

}  // namespace kvco::detail
