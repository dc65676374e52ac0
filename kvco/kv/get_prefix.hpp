// get_prefix: all values of some filters as of one revision. count: how many keys a filter has.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <kvco/kv/bucket_state.hpp>
#include <kvco/net/progress.hpp>
#include <kvco/options.hpp>
#include <kvco/snapshot.hpp>
#include <string>
#include <vector>

namespace kvco::kv {

asio::awaitable<snapshot> get_prefix(bucket_ptr bucket, std::vector<std::string> filters,
                                     get_options options);
asio::awaitable<std::uint64_t> count_keys(bucket_ptr bucket, std::string filter, duration timeout,
                                          progress* done);

}  // namespace kvco::kv
