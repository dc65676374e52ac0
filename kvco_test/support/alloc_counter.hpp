// How often the test asked the heap for memory: counted by the operator new of alloc_counter.cpp.
#pragma once

#include <cstdint>

namespace kvco::test {

/// Calls of operator new since the program started, on all threads.
std::uint64_t allocations() noexcept;

}  // namespace kvco::test
