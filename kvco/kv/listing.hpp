// keys, history, status: reads of whole lists.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <kvco/bucket_status.hpp>
#include <kvco/entry.hpp>
#include <kvco/kv/bucket_state.hpp>
#include <kvco/kv/newest_entries.hpp>
#include <kvco/net/progress.hpp>
#include <string>
#include <vector>

namespace kvco::kv {

/// A key's last entry, without its value.
struct last_entry {
  revision rev = 0;
  operation op = operation::put;
  std::chrono::system_clock::time_point created;
};
/// By key.
using last_entries = absl::flat_hash_map<std::string, last_entry>;
asio::awaitable<last_entries> list_last(bucket_ptr bucket, std::vector<std::string> filters,
                                        core::time_point until);
/// Only the keys that have no value.
asio::awaitable<last_entries> list_deletions(bucket_ptr bucket, core::time_point until);

/// The last entries of all keys that match, tombstones included.
asio::awaitable<newest_entries> list_newest(bucket_ptr bucket, std::vector<std::string> filters,
                                            core::time_point until);

asio::awaitable<std::vector<std::string>> list_keys(bucket_ptr bucket, std::vector<std::string> filters,
                                                    duration timeout);
asio::awaitable<std::vector<entry>> list_history(bucket_ptr bucket, std::string key, duration timeout);
asio::awaitable<bucket_status> read_status(bucket_ptr bucket, duration timeout, progress* done);

}  // namespace kvco::kv
