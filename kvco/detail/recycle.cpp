// Free lists by size class, one set per thread.
#include <kvco/detail/recycle.hpp>

#include <array>
#include <bit>
#include <new>

namespace kvco::detail {
namespace {

// A recycled block looks alive to AddressSanitizer: there each block goes back to the allocator.
#if defined(__SANITIZE_ADDRESS__)
constexpr bool enabled = false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
constexpr bool enabled = false;
#else
constexpr bool enabled = true;
#endif
#else
constexpr bool enabled = true;
#endif

constexpr std::size_t smallest_log2 = 6;  // 64 bytes
// Of each block: what waits for a reply is out of the processor's cache by then, and comes back line by line.
constexpr std::align_val_t cache_line{64};
constexpr std::size_t classes = 8;  // up to 8 KiB
constexpr std::size_t largest = std::size_t{1} << (smallest_log2 + classes - 1);
constexpr std::size_t kept_bytes_per_class = 16u << 20;

struct free_block {
  free_block* next;
};

struct free_list {
  free_block* head = nullptr;
  std::size_t bytes = 0;
};

// Needs no initialisation and no destructor, so that reaching it costs nothing. What it keeps is bounded by `most`: nothing
// before somebody is there to free it with the thread, and nothing afterwards.
struct cache {
  std::array<free_list, classes> lists;
  std::size_t most = 0;  // bytes of a list
  bool ended = false;
};
constinit thread_local cache kept;

struct end_of_thread {
  end_of_thread() noexcept { kept.most = kept_bytes_per_class; }
  ~end_of_thread() {
    kept.most = 0;
    kept.ended = true;
    for (free_list& list : kept.lists) {
      while (free_block* block = list.head) {
        list.head = block->next;
        ::operator delete(block, cache_line);
      }
      list.bytes = 0;
    }
  }
};

// The first block that is freed, or one too many.
void free_slowly(void* memory) noexcept {
  if (!kept.ended) {
    thread_local const end_of_thread registered;
    static_cast<void>(registered);
  }
  ::operator delete(memory, cache_line);
}

std::size_t class_of(std::size_t size) noexcept {
  const std::size_t log2 = size <= 1 ? 0 : static_cast<std::size_t>(std::bit_width(size - 1));
  return log2 <= smallest_log2 ? 0 : log2 - smallest_log2;
}

}  // namespace

void* recycle_allocate(std::size_t size) {
  if (!enabled || size > largest) return ::operator new(size);
  const std::size_t index = class_of(size);
  free_list& list = kept.lists[index];
  const std::size_t block_size = std::size_t{1} << (index + smallest_log2);
  free_block* const block = list.head;
  if (block == nullptr) return ::operator new(block_size, cache_line);
  list.head = block->next;
  list.bytes -= block_size;
  return block;
}

void recycle_free(void* memory, std::size_t size) noexcept {
  if (!enabled || size > largest) return ::operator delete(memory);
  const std::size_t index = class_of(size);
  free_list& list = kept.lists[index];
  const std::size_t block_size = std::size_t{1} << (index + smallest_log2);
  if (list.bytes + block_size > kept.most) return free_slowly(memory);
  list.head = new (memory) free_block{list.head};
  list.bytes += block_size;
}

}  // namespace kvco::detail
