// Filters and options of a watch -> a watch that has begun, or one that tells why it was refused.
#pragma once

#include <kvco/kv/bucket_state.hpp>
#include <kvco/kv/watch.hpp>
#include <kvco/options.hpp>
#include <memory>
#include <string>
#include <vector>

namespace kvco::kv {

/// @param first_timeout  until it stands for the first time; 0: the client's default
/// @param are_keys  the filters are keys, and checked: one like `a*b`, which somebody has stored, is no filter of a user's
std::shared_ptr<watch> begin_watch(const bucket_state& bucket, std::vector<std::string> filters,
                                   const watch_options& options, duration first_timeout = {},
                                   bool are_keys = false);

}  // namespace kvco::kv
