// count_keys, list_stored_keys: the subjects that the stream has, by STREAM.INFO, without a consumer.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <kvco/kv/bucket_state.hpp>
#include <kvco/net/progress.hpp>
#include <string>
#include <vector>

namespace kvco::kv {

asio::awaitable<std::uint64_t> count_keys(bucket_ptr bucket, std::vector<std::string> filters,
                                          duration timeout, progress* done);
asio::awaitable<std::vector<std::string>> list_stored_keys(bucket_ptr bucket,
                                                           std::vector<std::string> filters, duration timeout,
                                                           progress* done);

}  // namespace kvco::kv
