// A failed system call as an exception. Private to kvco/testing.
#pragma once

#include <cerrno>
#include <string>
#include <system_error>

namespace kvco::detail {

[[noreturn]] inline void throw_errno(const std::string& action) {
  throw std::system_error(errno, std::generic_category(), action);
}

}  // namespace kvco::detail
