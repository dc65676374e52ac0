// How often the program asked the heap for memory: counted by the operator new of allocations.cpp.
#pragma once

#include <cstdint>

namespace kvco::bench {

/// Calls of operator new since the program started, on all threads.
std::uint64_t allocations() noexcept;

}  // namespace kvco::bench
