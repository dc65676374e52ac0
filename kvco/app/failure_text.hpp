// About an exception of a user, whatever it is.
#pragma once

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <exception>
#include <kvco/error.hpp>
#include <string>

namespace kvco::handling {

inline std::string text_of_failure(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& known) {
    const char* text = known.what();
    return text != nullptr ? text : "";
  } catch (...) {
    return "an exception that is no std::exception";
  }
}

/// Success if it has none.
inline error_code code_of(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const boost::system::system_error& known) {
    return known.code();
  } catch (...) {
    return {};
  }
}

/// That of an operation that was cancelled.
inline bool is_cancellation(const std::exception_ptr& failure) {
  return code_of(failure) == boost::asio::error::operation_aborted;
}

}  // namespace kvco::handling
