// Removes tombstones and the history before them.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <kvco/kv/bucket_state.hpp>
#include <kvco/net/progress.hpp>
#include <kvco/options.hpp>

namespace kvco::kv {

asio::awaitable<std::uint64_t> purge_deletes(bucket_ptr bucket, purge_deletes_options options,
                                             progress* done);

}  // namespace kvco::kv
