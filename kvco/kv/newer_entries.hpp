// What was stored after a list of a bucket was made, from the leader, up to the present.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <kvco/kv/bucket_state.hpp>
#include <optional>
#include <string>
#include <vector>

namespace kvco::kv {

struct newer_entries {
  std::vector<entry> entries;  // in their order, tombstones included
  std::size_t next_width = 1;  // how many requests to send at once next
  bool end = false;            // at one moment these were all
};

/// The first entry of `filter` at revision `from` or after it.
boost::asio::awaitable<std::optional<entry>> read_next(bucket_ptr bucket, std::string filter, revision from,
                                                       core::time_point until);

/// The entries of `filter` at or behind `from`, by `width` requests at once: each one whose turn comes while others write costs a round
/// trip otherwise, and would never get to the end.
asio::awaitable<newer_entries> read_newer(bucket_ptr bucket, std::string filter, revision from,
                                          std::size_t width, core::time_point until);

}  // namespace kvco::kv
