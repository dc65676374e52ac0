// Memory of operations and their handlers: blocks are kept per thread and used again, so that an operation
// in the steady state allocates nothing.
#pragma once

#include <cstddef>

namespace kvco::detail {

void* recycle_allocate(std::size_t size);
void recycle_free(void* block, std::size_t size) noexcept;

template <class T>
struct recycling_allocator {
  using value_type = T;

  recycling_allocator() noexcept = default;
  template <class U>
  recycling_allocator(const recycling_allocator<U>&) noexcept {}

  T* allocate(std::size_t count) { return static_cast<T*>(recycle_allocate(count * sizeof(T))); }
  void deallocate(T* block, std::size_t count) noexcept { recycle_free(block, count * sizeof(T)); }

  friend bool operator==(const recycling_allocator&, const recycling_allocator&) noexcept { return true; }
};

}  // namespace kvco::detail
