// The way of what is known beside a code: handlers are called inside an explanation.
#pragma once

#include <kvco/diagnostics.hpp>
#include <kvco/error.hpp>
#include <string>

namespace kvco::detail {

/// While a handler is being called with an error, explained() is what is known of it: Asio hands on a code, which has no room for
/// more.
///
/// Afterwards error_detail() has the text, until the next error. Explanations nest: when a handler itself lets others complete, theirs
/// end before the outer one goes on.
class explanation {
 public:
  explicit explanation(diagnostics known) noexcept;
  ~explanation();
  explanation(const explanation&) = delete;
  explanation& operator=(const explanation&) = delete;

 private:
  diagnostics outer_;  // what was being explained around this one
  bool is_nested_;
};

/// What is known of the error with which a handler is being called on this thread, or was called last.
const diagnostics& explained() noexcept;

/// While it lives, the next message() of this code has the text of explained(), once: for the system_error that Asio makes of a code
/// when a coroutine goes on after the default token. Every other message() depends on the code alone.
class exception_text {
 public:
  explicit exception_text(const error_code& code) noexcept;
  ~exception_text();
  exception_text(const exception_text&) = delete;
  exception_text& operator=(const exception_text&) = delete;

  /// For the categories.
  static void append_to(std::string& message, const boost::system::error_category& category, int value);

 private:
  error_code outer_;
};

/// Throws a system_error with the text in what().
[[noreturn]] void throw_error(const error_code& code, std::string text);

}  // namespace kvco::detail
