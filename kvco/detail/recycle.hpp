// Memory of operations, their handlers, and entries: blocks are kept per thread and used again, so that an operation in the
// steady state allocates nothing.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <new>

namespace kvco::detail {

/// Sizes of blocks: multiples of 64 bytes up to 1 KiB, then powers of two up to 8 KiB.
struct block_sizes {
  static constexpr std::size_t step = 64, even_ones = 16, count = even_ones + 3;

  static constexpr std::size_t index_of(std::size_t size) noexcept {
    if (size <= even_ones * step) return size == 0 ? 0 : (size - 1) / step;
    return even_ones + static_cast<std::size_t>(std::bit_width((size - 1) / (even_ones * step))) - 1;
  }
  static constexpr std::size_t at(std::size_t index) noexcept {
    return index < even_ones ? (index + 1) * step : (even_ones * step) << (index - even_ones + 1);
  }
};

/// Are blocks kept? Decided where the library is built: not with AddressSanitizer.
bool memory_is_recycled() noexcept;

/// Free blocks of this thread, by size, up to `Largest`: at most `Kept` bytes of each. Larger blocks go to
/// the heap, and have the heap's alignment.
template <std::size_t Alignment, std::size_t Largest, std::size_t Kept>
class recycled {
 public:
  static constexpr std::size_t largest = Largest;
  static constexpr bool is_aligned = Alignment > __STDCPP_DEFAULT_NEW_ALIGNMENT__;

  static void* allocate(std::size_t size) {
    if (size > Largest) return ::operator new(size);
    const std::size_t index = block_sizes::index_of(size);
    free_list& list = free_.lists[index];
    free_block* const block = list.head;
    if (block == nullptr) return allocate_new(size);
    list.head = block->next;
    list.bytes -= block_sizes::at(index);
    return block;
  }
  static void free(void* block, std::size_t size) noexcept {
    if (size > Largest) return ::operator delete(block);
    const std::size_t index = block_sizes::index_of(size);
    free_list& list = free_.lists[index];
    if (list.bytes + block_sizes::at(index) > free_.most) return free_one_too_many(block);
    list.head = new (block) free_block{list.head};
    list.bytes += block_sizes::at(index);
  }
  /// Of a block that another thread has allocated: kept, it would stay where none is asked for.
  static void free_foreign(void* block) noexcept requires(!is_aligned) { ::operator delete(block); }
  /// The same for all calls of one thread. (A thread may get that of one that has ended, and with it its blocks, which does no harm.)
  static const void* thread() noexcept { return &free_; }

 private:
  struct free_block {
    free_block* next;
  };
  struct free_list {
    free_block* head = nullptr;
    std::size_t bytes = 0;
  };
  // Needs no initialisation and no destructor, so access costs nothing. The memory kept is limited by `most`:
  // 0 until an object exists that frees it at the end of the thread, and again after that.
  struct free_lists {
    std::array<free_list, block_sizes::count> lists;
    std::size_t most = 0;  // bytes of a list
    bool ended = false;
  };
  struct end_of_thread;

  static void* allocate_new(std::size_t size);
  static void free_old(void* block) noexcept;
  // The first block that is freed, too.
  static void free_one_too_many(void* block) noexcept;

  static inline constinit thread_local free_lists free_;
};

/// For operations and their parts. Each begins at a cache line: the memory of a waiting operation has left
/// the cache when its reply arrives, and is loaded line by line.
using operation_memory = recycled<64, 8192, (16u << 20)>;
/// Of entries: they come by turns of the reactor, and some stay with the user, who does not pay for more than 63 bytes too many.
using entry_memory = recycled<__STDCPP_DEFAULT_NEW_ALIGNMENT__, 1024, (4u << 20)>;

extern template class recycled<64, 8192, (16u << 20)>;
extern template class recycled<__STDCPP_DEFAULT_NEW_ALIGNMENT__, 1024, (4u << 20)>;

template <class T>
struct recycling_allocator {
  using value_type = T;

  recycling_allocator() noexcept = default;
  template <class U>
  recycling_allocator(const recycling_allocator<U>&) noexcept {}

  T* allocate(std::size_t count) { return static_cast<T*>(operation_memory::allocate(count * sizeof(T))); }
  void deallocate(T* block, std::size_t count) noexcept { operation_memory::free(block, count * sizeof(T)); }

  friend bool operator==(const recycling_allocator&, const recycling_allocator&) noexcept { return true; }
};

}  // namespace kvco::detail
