// What this process has in use.
#pragma once

#include <cstddef>

namespace kvco::chaos::soak {

/// Bytes of the heap that are allocated and not freed.
std::size_t heap_in_use();
std::size_t open_descriptors();

}  // namespace kvco::chaos::soak
