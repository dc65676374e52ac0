// Erases or purges all keys that match filters.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <kvco/entry.hpp>
#include <kvco/kv/bucket_state.hpp>
#include <kvco/net/progress.hpp>
#include <kvco/options.hpp>
#include <string>
#include <vector>

namespace kvco::kv {

/// How many were removed: those that were not written again since they were listed.
asio::awaitable<std::uint64_t> remove_keys(bucket_ptr bucket, std::vector<std::string> filters, operation how,
                                           keys_options options, progress* done);

}  // namespace kvco::kv
