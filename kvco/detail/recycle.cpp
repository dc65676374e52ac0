// The rare half of recycled memory: the first block that a thread gives back, and its end.
#include <kvco/detail/recycle.hpp>

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

}  // namespace

bool memory_is_recycled() noexcept { return enabled; }

template <std::size_t Alignment, std::size_t Largest, std::size_t Kept>
struct recycled<Alignment, Largest, Kept>::end_of_thread {
  end_of_thread() noexcept { free_.most = Kept; }
  ~end_of_thread() {
    free_.most = 0;
    free_.ended = true;
    for (free_list& list : free_.lists) {
      while (free_block* block = list.head) {
        list.head = block->next;
        free_old(block);
      }
      list.bytes = 0;
    }
  }
};

template <std::size_t Alignment, std::size_t Largest, std::size_t Kept>
void recycled<Alignment, Largest, Kept>::free_one_too_many(void* block) noexcept {
  if (enabled && !free_.ended) {
    thread_local const end_of_thread registered;
    static_cast<void>(registered);
  }
  free_old(block);
}

template <std::size_t Alignment, std::size_t Largest, std::size_t Kept>
void* recycled<Alignment, Largest, Kept>::allocate_new(std::size_t size) {
  if (enabled) size = block_sizes::at(block_sizes::index_of(size));
  if constexpr (is_aligned) return ::operator new(size, std::align_val_t(Alignment));
  return ::operator new(size);
}

template <std::size_t Alignment, std::size_t Largest, std::size_t Kept>
void recycled<Alignment, Largest, Kept>::free_old(void* block) noexcept {
  if constexpr (is_aligned) return ::operator delete(block, std::align_val_t(Alignment));
  return ::operator delete(block);
}

template class recycled<64, 8192, (16u << 20)>;
template class recycled<__STDCPP_DEFAULT_NEW_ALIGNMENT__, 1024, (4u << 20)>;

}  // namespace kvco::detail
