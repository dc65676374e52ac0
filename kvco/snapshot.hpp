// The result of bucket::get_prefix(): many values as of one revision.
#pragma once

#include <kvco/entry.hpp>
#include <vector>

namespace kvco {

/// The values that a bucket had at one revision: exactly these, even if other clients have written meanwhile.
struct snapshot {
  std::vector<entry> entries;   ///< each key that had a value, once; by revision, oldest first
  kvco::revision revision = 0;  ///< a watch with `.resume_from = revision + 1` continues from here
};

}  // namespace kvco
