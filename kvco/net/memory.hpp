// Handling of failed allocations. For sizes that others determine, values and messages, a failure is an error
// like others; any other failure ends the process, because an operation would be left without an outcome
// (doc/guarantees.md, "Out of memory"). Functions that must not leave work half done are noexcept for that
// reason; among them all that fill Abseil's tables, which do not survive an allocation that fails.
#pragma once

#include <boost/asio/error.hpp>
#include <exception>
#include <new>
#include <utility>

namespace kvco::net {

inline constexpr auto no_memory = boost::asio::error::no_memory;

/// Does work that needs memory for a value. False: the allocation failed.
template <class Work>
bool has_memory_for(Work&& work) {
  try {
    std::forward<Work>(work)();
  } catch (const std::bad_alloc&) {
    return false;
  }
  return true;
}

/// The completion handler of a coroutine that others wait for: an exception ends the process.
struct terminate_on_exception {
  void operator()(const std::exception_ptr& thrown) const noexcept {
    if (thrown) std::rethrow_exception(thrown);
  }
};

}  // namespace kvco::net
