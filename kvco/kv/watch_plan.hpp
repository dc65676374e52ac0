// Filters and options of a watch -> a watch that has begun, or one that reports why it was refused.
#pragma once

#include <kvco/kv/bucket_state.hpp>
#include <kvco/kv/watch.hpp>
#include <kvco/options.hpp>
#include <memory>
#include <string>
#include <vector>

namespace kvco::kv {

/// @param first_timeout  until it is established for the first time; 0: the client's default
/// @param are_keys  the filters are keys, and checked: one like `a*b`, which another client has stored, is
/// not a valid filter for users
std::shared_ptr<watch> begin_watch(const bucket_state& bucket, std::vector<std::string> filters,
                                   const watch_options& options, duration first_timeout = {},
                                   bool are_keys = false);

}  // namespace kvco::kv
