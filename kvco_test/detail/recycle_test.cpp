// Memory that is used again: sizes of blocks, threads, and what is kept: detail/recycle.hpp, and entries on top of it.
#include <gtest/gtest.h>

#include <kvco/detail/recycle.hpp>
#include <kvco/entry.hpp>
#include <kvco_test/support/judges/alloc_counter.hpp>

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace kvco::detail {
namespace {

const bool recycles = memory_is_recycled();

static_assert(block_sizes::index_of(0) == 0 && block_sizes::index_of(1) == 0 &&
              block_sizes::index_of(64) == 0);
static_assert(block_sizes::index_of(65) == 1 && block_sizes::index_of(1024) == 15);
static_assert(block_sizes::index_of(1025) == 16 && block_sizes::index_of(2048) == 16);
static_assert(block_sizes::index_of(2049) == 17 && block_sizes::index_of(8192) == block_sizes::count - 1);

TEST(recycled_memory, has_a_block_for_each_size) {
  for (std::size_t size = 0; size <= operation_memory::largest; ++size) {
    const std::size_t index = block_sizes::index_of(size);
    ASSERT_LT(index, block_sizes::count) << size;
    ASSERT_GE(block_sizes::at(index), size);
    ASSERT_TRUE(index == 0 || block_sizes::at(index - 1) < size) << size;
    ASSERT_EQ(block_sizes::index_of(block_sizes::at(index)), index) << size;
  }
}

template <class Memory>
void use_each_size() {
  std::vector<std::pair<void*, std::size_t>> blocks;
  for (std::size_t size = 1; size <= Memory::largest + 200; size += 37) {
    void* block = Memory::allocate(size);
    std::memset(block, 0x5a, size);
    blocks.emplace_back(block, size);
  }
  for (const auto& [block, size] : blocks) Memory::free(block, size);
}

TEST(recycled_memory, is_used_again) {
  std::thread([] {                 // of which none is kept yet
    for (int i = 0; i < 2; ++i) {  // the first block of all goes back to the heap
      use_each_size<operation_memory>();
      use_each_size<entry_memory>();
    }
    const std::uint64_t before = test::allocations();
    void* const block = operation_memory::allocate(100);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % (recycles ? 64 : 1), 0u);
    operation_memory::free(block, 100);
    entry_memory::free(entry_memory::allocate(100), 100);
    if (recycles) {
      EXPECT_EQ(test::allocations(), before);
    }
  })
      .join();
}

TEST(recycled_memory, goes_with_its_thread) {
  const std::int64_t before = test::live_allocations();
  for (int i = 0; i < 10; ++i) {
    std::thread([] {
      use_each_size<operation_memory>();
      use_each_size<entry_memory>();
    }).join();
  }
  EXPECT_LE(test::live_allocations(), before);
}

TEST(recycled_memory, is_bounded) {
  constexpr std::size_t size = 1024, most = (4u << 20) / size;
  std::thread([] {
    std::vector<void*> blocks(2 * most);
    const std::int64_t before = test::live_allocations();
    for (void*& block : blocks) block = entry_memory::allocate(size);
    for (void* block : blocks) entry_memory::free(block, size);
    const std::int64_t kept = test::live_allocations() - before;
    EXPECT_LE(kept, static_cast<std::int64_t>(most));
    EXPECT_GE(kept, static_cast<std::int64_t>(recycles ? most - 1 : 0));
  }).join();
}

entry made_here(std::string_view value) {
  entry_fields fields;
  fields.bucket = "b";
  fields.key = "k";
  fields.value = value;
  return entry(fields);
}

// A reactor makes them, others let them go: nothing gathers with those.
TEST(recycled_memory, of_an_entry_goes_home_from_another_thread) {
  const std::string value(100, 'v');
  made_here(value);  // this thread keeps some
  std::int64_t kept = 0;
  std::vector<entry> made;
  std::thread other([&] {
    const std::int64_t before = test::live_allocations();
    for (int i = 0; i < 1000; ++i) made_here(value);
    kept = test::live_allocations() - before;
    for (int i = 0; i < 1000; ++i) made.push_back(made_here(value));
  });
  other.join();
  EXPECT_LE(kept, 2);
  const std::int64_t before = test::live_allocations();
  for (const entry& each : made) EXPECT_EQ(each.value(), value);
  made.clear();  // of a thread that is gone; the address of its memory may be that of the next one
  EXPECT_LE(test::live_allocations(), before - 1000);
  std::thread([&] {
    for (int i = 0; i < 100; ++i) EXPECT_EQ(made_here(value).value(), value);
  }).join();
}

}  // namespace
}  // namespace kvco::detail
