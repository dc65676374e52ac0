// Keeps the entries that were taken, up to the oldest that was not handled.
#include <kvco/app/low_water.hpp>

#include <algorithm>

namespace kvco::handling {

void low_water::finish(revision rev) {
  const auto found = std::lower_bound(open_.begin(), open_.end(), rev,
                                      [](const taken& one, revision r) { return one.rev < r; });
  if (found == open_.end() || found->rev != rev) return;
  found->is_handled = true;
  for (; !open_.empty() && open_.front().is_handled; open_.pop_front()) mark_ = open_.front().rev;
}

}  // namespace kvco::handling
