// Puts a counter before the C library's heap. Not operator new alone: a C client is measured by the same rule.
#include <bench/allocations.hpp>

#include <atomic>
#include <cstddef>

extern "C" {
// glibc's own names of its functions, for programs that put something before them.
void* __libc_malloc(std::size_t size) noexcept;
void* __libc_calloc(std::size_t count, std::size_t size) noexcept;
void* __libc_realloc(void* memory, std::size_t size) noexcept;
void* __libc_memalign(std::size_t alignment, std::size_t size) noexcept;
}

namespace {
std::atomic<std::uint64_t> count{0};  // constant initialised: ready before any other static

void note() noexcept { count.fetch_add(1, std::memory_order_relaxed); }
}  // namespace

namespace kvco::bench {
std::uint64_t allocations() noexcept { return count.load(std::memory_order_relaxed); }
}  // namespace kvco::bench

extern "C" {
void* malloc(std::size_t size) noexcept {
  note();
  return __libc_malloc(size);
}
void* calloc(std::size_t number, std::size_t size) noexcept {
  note();
  return __libc_calloc(number, size);
}
void* realloc(void* memory, std::size_t size) noexcept {
  note();
  return __libc_realloc(memory, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
  note();
  return __libc_memalign(alignment, size);
}
}
