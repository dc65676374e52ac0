// Keeps the entries that were taken, up to the oldest that was not handled.
#include <kvco/app/low_water.hpp>

#include <algorithm>

namespace kvco::handling {

void low_water::finish(std::uint64_t number) {
  const auto found = std::lower_bound(open_.begin(), open_.end(), number,
                                      [](const taken& one, std::uint64_t n) { return one.number < n; });
  if (found == open_.end() || found->number != number) return;
  found->is_handled = true;
  for (; !open_.empty() && open_.front().is_handled; open_.pop_front()) mark_ = open_.front().to;
}

}  // namespace kvco::handling
