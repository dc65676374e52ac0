// A value that is in the bucket, or in another one, is stored again.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <kvco/entry.hpp>
#include <kvco/kv/bucket_state.hpp>
#include <kvco/net/progress.hpp>
#include <kvco/options.hpp>
#include <optional>
#include <string>

namespace kvco::kv {

/// Nothing: that revision has no value of the key, or the history does not keep it.
asio::awaitable<std::optional<revision>> revert_key(bucket_ptr bucket, std::string key, revision to,
                                                    revert_options options, progress* done);

/// Nothing: the key has no value.
asio::awaitable<std::optional<revision>> copy_key(bucket_ptr from, std::string key, bucket_ptr to,
                                                  std::string to_key, copy_options options, progress* done);

}  // namespace kvco::kv
