// Buckets as a whole: create, open, ensure, delete, list.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <kvco/bucket_config.hpp>
#include <kvco/kv/bucket_state.hpp>
#include <kvco/net/progress.hpp>
#include <kvco/options.hpp>
#include <memory>
#include <string>
#include <vector>

namespace kvco::kv {

/// Each request sent is noted in `done` (see net/progress.hpp).
boost::asio::awaitable<bucket_ptr> create_bucket(std::shared_ptr<session> session, bucket_config config,
                                                 duration timeout, progress* done);
boost::asio::awaitable<bucket_ptr> open_bucket(std::shared_ptr<session> session, std::string name,
                                               duration timeout, progress* done);
boost::asio::awaitable<bucket_ptr> ensure_bucket(std::shared_ptr<session> session, bucket_config config,
                                                 ensure_options options, progress* done);
boost::asio::awaitable<void> delete_bucket(std::shared_ptr<session> session, std::string name,
                                           duration timeout, progress* done);
boost::asio::awaitable<std::vector<std::string>> list_buckets(std::shared_ptr<session> session,
                                                              duration timeout, progress* done);

}  // namespace kvco::kv
