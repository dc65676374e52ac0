// The words of an exception of a user, whatever it is.
#pragma once

#include <exception>
#include <string>

namespace kvco::handling {

inline std::string text_of_failure(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& known) {
    return known.what();
  } catch (...) {
    return "an exception that is no std::exception";
  }
}

}  // namespace kvco::handling
