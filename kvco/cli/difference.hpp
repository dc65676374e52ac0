// Where two buckets have different values.
#pragma once

#include <kvco/entry.hpp>
#include <optional>
#include <string>
#include <vector>

namespace kvco::cli {

struct difference {
  std::string key;
  std::optional<std::string> before, after;  // nothing: the bucket has no such key
};

/// Sorted by key. Each list has a key once.
std::vector<difference> differences(const std::vector<entry>& before, const std::vector<entry>& after);

}  // namespace kvco::cli
