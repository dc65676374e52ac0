// How operations outside of the class bucket reach its state, and keep their arguments.
#pragma once

#include <kvco/kv/bucket_state.hpp>
#include <kvco/many.hpp>
#include <string>
#include <vector>

namespace kvco {

class bucket;

namespace detail {

struct bucket_access {
  /// nullptr: the handle is empty.
  static const kv::bucket_ptr& state_of(const bucket& of);
};

inline std::vector<std::string> owned(key_views filters) {
  std::vector<std::string> all;
  all.reserve(filters.size());
  for (std::size_t i = 0; i < filters.size(); ++i) all.emplace_back(filters[i]);
  return all;
}

}  // namespace detail
}  // namespace kvco
