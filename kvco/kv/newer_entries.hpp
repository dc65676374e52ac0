// The entries stored after a list of a bucket was made, from the leader, up to the present.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <kvco/kv/bucket_state.hpp>
#include <optional>
#include <string>
#include <vector>

namespace kvco::kv {

struct newer_entries {
  std::vector<entry> entries;  // by revision, tombstones included
  std::size_t next_width = 1;  // the number of requests to send at once in the next call
  bool end = false;            // no entry followed these at some moment
};

/// The first entry of `filter` at revision `from` or after it.
boost::asio::awaitable<std::optional<entry>> read_next(bucket_ptr bucket, std::string filter, revision from,
                                                       core::time_point until);

/// The entries of `filter` at or after `from`, read by `width` requests at once. One at a time would cost a round trip per entry, and
/// could not keep up with other writers.
asio::awaitable<newer_entries> read_newer(bucket_ptr bucket, std::string filter, revision from,
                                          std::size_t width, core::time_point until);

}  // namespace kvco::kv
