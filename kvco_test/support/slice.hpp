// Which of many generated cases a run visits, and the seed of what it makes by chance: so that a run is short, all cases come
// round from commit to commit, and a failure can be repeated.
//
// Read from the environment, where kvco_test/run sets it:
//   KVCO_SLICE      the offset of the slice (default 0; kvco_test/run takes it from the commit)
//   KVCO_ALL_CASES  1: every case
//   KVCO_SEED       the seed (default: another one in each process)
// They are printed when a process starts that links this. kvco_test/run prints how each failed test is repeated.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <ranges>

namespace kvco::test {

/// The offset of this run's slices.
std::size_t slice_offset();
/// Whether every case is visited.
bool all_cases();
/// The seed of this run.
std::uint64_t run_seed();

/// The seed of the `number`-th generated run. The printed seed of one that failed makes it the first: KVCO_SEED.
inline unsigned seed_of(std::size_t number) { return static_cast<unsigned>(run_seed() + number); }

/// How many of `all` generated runs with seeds of their own are made: one of `every`, or all.
inline std::size_t runs_of(std::size_t all, std::size_t every) {
  return all_cases() ? all : std::max<std::size_t>(1, all / every);
}

/// Of the cases first, first + 1, ... up to `last` (inclusive) every `every`-th, or all. At least one, unless there is none.
inline auto slice(std::size_t first, std::size_t last, std::size_t every) {
  const std::size_t count = last < first ? 0 : last - first + 1;
  const std::size_t step = all_cases() ? 1 : std::clamp<std::size_t>(count, 1, every);
  const std::size_t offset = slice_offset() % step;
  const std::size_t visited = count == 0 ? 0 : (count - offset + step - 1) / step;
  return std::views::iota(std::size_t{0}, visited) |
         std::views::transform([=](std::size_t i) { return first + offset + i * step; });
}

/// Whether case `number` of an unknown number of cases belongs to the slice.
inline bool in_slice(std::size_t number, std::size_t every) {
  return all_cases() || number % every == slice_offset() % every;
}

}  // namespace kvco::test
