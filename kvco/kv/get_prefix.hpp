// get_prefix: all values of some filters as of one revision.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <kvco/kv/bucket_state.hpp>
#include <kvco/options.hpp>
#include <kvco/snapshot.hpp>
#include <string>
#include <vector>

namespace kvco::kv {

asio::awaitable<snapshot> get_prefix(bucket_ptr bucket, std::vector<std::string> filters,
                                     get_options options);

}  // namespace kvco::kv
