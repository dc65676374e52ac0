// How often the program asked the heap for memory: counted by the malloc of allocations.cpp.
#pragma once

#include <cstdint>

namespace kvco::bench {

/// Calls of malloc, calloc and realloc since the program started, on all threads; operator new ends there, too.
std::uint64_t allocations() noexcept;

}  // namespace kvco::bench
