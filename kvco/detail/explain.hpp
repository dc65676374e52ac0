// Passes the details of an error to its handler: handlers are called inside an explanation.
#pragma once

#include <kvco/diagnostics.hpp>
#include <kvco/error.hpp>
#include <string>

namespace kvco::detail {

/// While a handler is being called with an error, explained() returns its details: Asio passes on only a
/// code.
///
/// Afterwards error_detail() has the text, until the next error. Explanations nest: if a handler itself
/// completes other operations, their explanations end before the outer one continues.
class explanation {
 public:
  explicit explanation(diagnostics known) noexcept;
  ~explanation();
  explanation(const explanation&) = delete;
  explanation& operator=(const explanation&) = delete;

 private:
  diagnostics outer_;  // the explanation around this one
  bool is_nested_;
};

/// The details of the error with which a handler is being called on this thread, or was called last.
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

/// Throws a system_error whose what() contains the text.
[[noreturn]] void throw_error(const error_code& code, std::string text);

}  // namespace kvco::detail
