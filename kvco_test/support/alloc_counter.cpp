// Replaces the test's operator new by one that counts. The array and nothrow forms end up here,
// too.
#include <kvco_test/support/alloc_counter.hpp>

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace {
// Constant initialised: ready before any other static.
std::atomic<std::uint64_t> count{0};
std::atomic<std::uint64_t> freed{0};

void release(void* memory) noexcept {
  if (memory == nullptr) return;
  freed.fetch_add(1, std::memory_order_relaxed);
  std::free(memory);
}
}  // namespace

namespace kvco::test {
std::uint64_t allocations() noexcept { return count.load(std::memory_order_relaxed); }
std::int64_t live_allocations() noexcept {
  return static_cast<std::int64_t>(count.load(std::memory_order_relaxed) -
                                   freed.load(std::memory_order_relaxed));
}

namespace {
int depth = 0;
std::uint64_t own = 0;
}  // namespace

own_allocations::own_allocations() noexcept : begin_(allocations()) { ++depth; }
own_allocations::~own_allocations() {
  if (--depth == 0) own += allocations() - begin_;
}
std::uint64_t own_allocations::total() noexcept { return own; }

}  // namespace kvco::test

void* operator new(std::size_t size) {
  count.fetch_add(1, std::memory_order_relaxed);
  if (void* memory = std::malloc(size != 0 ? size : 1)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { release(memory); }
void operator delete(void* memory, std::size_t) noexcept { release(memory); }
