// What this process has in use. See the header.
#include <kvco_test/chaos/soak/resources.hpp>

#include <filesystem>
#include <iterator>

#include <malloc.h>

#if defined(__SANITIZE_ADDRESS__)
#define KVCO_SOAK_ASAN
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define KVCO_SOAK_ASAN
#endif
#endif
#ifdef KVCO_SOAK_ASAN
extern "C" std::size_t __sanitizer_get_current_allocated_bytes();  // g++ 12 comes without the header
#endif

namespace kvco::chaos::soak {

std::size_t heap_in_use() {
#ifdef KVCO_SOAK_ASAN
  return __sanitizer_get_current_allocated_bytes();
#else
  const auto all = ::mallinfo2();
  return all.uordblks + all.hblkhd;
#endif
}

std::size_t open_descriptors() {
  using files = std::filesystem::directory_iterator;
  return static_cast<std::size_t>(std::distance(files("/proc/self/fd"), files()));
}

}  // namespace kvco::chaos::soak
