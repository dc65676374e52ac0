// keys, history, status: what is read as a whole.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <kvco/config.hpp>
#include <kvco/entry.hpp>
#include <kvco/net/bucket_state.hpp>
#include <string>
#include <vector>

namespace kvco::net {

asio::awaitable<std::vector<std::string>> list_keys(bucket_ptr bucket, std::string filter, duration timeout);
asio::awaitable<std::vector<entry>> list_history(bucket_ptr bucket, std::string key, duration timeout);
asio::awaitable<bucket_status> read_status(bucket_ptr bucket, duration timeout);

}  // namespace kvco::net
