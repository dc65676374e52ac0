// How often the test asked the heap for memory: counted by the operator new of alloc_counter.cpp.
#pragma once

#include <cstdint>
#include <string_view>

namespace kvco::test {

/// Calls of operator new since the program started, on all threads.
std::uint64_t allocations() noexcept;
/// Blocks that were allocated and not freed yet.
std::int64_t live_allocations() noexcept;

/// While one of these lives, allocations are the test's own.
class own_allocations {
 public:
  own_allocations() noexcept;
  ~own_allocations();
  own_allocations(const own_allocations&) = delete;
  own_allocations& operator=(const own_allocations&) = delete;
  /// All of them so far.
  static std::uint64_t total() noexcept;

 private:
  std::uint64_t begin_;
};

/// While it lives, one allocation fails, with std::bad_alloc: the k-th from now on, from 1, without own_allocations.
class failing_allocation {
 public:
  explicit failing_allocation(std::uint64_t k) noexcept;
  ~failing_allocation();
  failing_allocation(const failing_allocation&) = delete;
  failing_allocation& operator=(const failing_allocation&) = delete;
  bool happened() const noexcept;
};

/// While it lives, every block that is given back to the heap (not by the test's own_allocations) is searched for a text.
class search_of_freed_memory {
 public:
  explicit search_of_freed_memory(std::string_view text) noexcept;
  ~search_of_freed_memory();
  search_of_freed_memory(const search_of_freed_memory&) = delete;
  search_of_freed_memory& operator=(const search_of_freed_memory&) = delete;
  std::uint64_t found() const noexcept;  ///< so many blocks had it
};

}  // namespace kvco::test
