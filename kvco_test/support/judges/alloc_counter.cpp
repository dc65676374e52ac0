// Replaces the test's operator new by one that counts. The array and nothrow forms end up here,
// too.
#include <kvco_test/support/judges/alloc_counter.hpp>

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <new>

#include <malloc.h>

namespace {
// Constant initialised: ready before any other static.
std::atomic<std::uint64_t> allocated{0};
std::atomic<std::uint64_t> freed{0};

int depth = 0;
std::uint64_t own = 0;
std::uint64_t until_failure = 0;  // 0: none fails
std::string_view needle;
std::uint64_t found = 0;

template <class Allocate>
void* checked(Allocate allocate) {
  allocated.fetch_add(1, std::memory_order_relaxed);
  if (until_failure != 0 && depth == 0 && --until_failure == 0) throw std::bad_alloc();
  if (void* memory = allocate()) return memory;
  throw std::bad_alloc();
}

void release(void* memory) noexcept {
  if (memory == nullptr) return;
  if (!needle.empty()) {
    char* const bytes = static_cast<char*>(memory);
    const std::size_t size = malloc_usable_size(memory);
    // What the test frees must not come to light in a block that the library gets later and does not fill.
    if (depth > 0) {
      std::memset(bytes, 0, size);
    } else if (std::string_view(bytes, size).find(needle) != std::string_view::npos) {
      ++found;
    }
  }
  freed.fetch_add(1, std::memory_order_relaxed);
  std::free(memory);
}
}  // namespace

namespace kvco::test {
std::uint64_t allocations() noexcept { return allocated.load(std::memory_order_relaxed); }
std::int64_t live_allocations() noexcept {
  return static_cast<std::int64_t>(allocated.load(std::memory_order_relaxed) -
                                   freed.load(std::memory_order_relaxed));
}

own_allocations::own_allocations() noexcept : begin_(allocations()) { ++depth; }
own_allocations::~own_allocations() {
  if (--depth == 0) own += allocations() - begin_;
}
std::uint64_t own_allocations::total() noexcept { return own; }

failing_allocation::failing_allocation(std::uint64_t k) noexcept { until_failure = k; }
failing_allocation::~failing_allocation() { until_failure = 0; }
bool failing_allocation::happened() const noexcept { return until_failure == 0; }

search_of_freed_memory::search_of_freed_memory(std::string_view text) noexcept {
  needle = text;
  ::found = 0;
}
search_of_freed_memory::~search_of_freed_memory() { needle = {}; }
std::uint64_t search_of_freed_memory::found() const noexcept { return ::found; }

}  // namespace kvco::test

void* operator new(std::size_t size) {
  return checked([size] { return std::malloc(size != 0 ? size : 1); });
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  const auto align = static_cast<std::size_t>(alignment);
  return checked([=] { return std::aligned_alloc(align, (size + align - 1) / align * align); });
}
void operator delete(void* memory) noexcept { release(memory); }
void operator delete(void* memory, std::size_t) noexcept { release(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { release(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { release(memory); }
