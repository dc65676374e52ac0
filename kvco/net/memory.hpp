// Where memory may run out. For what others make large, values and messages, that is an error like others; for all else it
// is the end of the process: who waits would be left without an answer (doc/guarantees.md, "Out of memory"). Functions that
// must not leave anything half done are noexcept for that; among them all that fill Abseil's tables, which do not survive an
// allocation that fails.
#pragma once

#include <boost/asio/error.hpp>
#include <exception>
#include <new>
#include <utility>

namespace kvco::net {

inline constexpr auto no_memory = boost::asio::error::no_memory;

/// Does what needs memory for a value. False: there was none.
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
struct must_not_throw {
  void operator()(const std::exception_ptr& thrown) const noexcept {
    if (thrown) std::rethrow_exception(thrown);
  }
};

}  // namespace kvco::net
