// One entry of a key: at a revision or after it, or at a time.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <kvco/entry.hpp>
#include <kvco/kv/bucket_state.hpp>
#include <optional>
#include <string>

namespace kvco::kv {

asio::awaitable<std::optional<entry>> get_at_or_after(bucket_ptr bucket, std::string key, revision at,
                                                      duration timeout);
asio::awaitable<std::optional<entry>> get_as_of(bucket_ptr bucket, std::string key,
                                                std::chrono::system_clock::time_point when, duration timeout);

}  // namespace kvco::kv
