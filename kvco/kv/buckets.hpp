// Buckets as a whole: create, open, update, ensure, delete, purge, list.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
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
boost::asio::awaitable<bucket_ptr> update_bucket(std::shared_ptr<session> session, bucket_config config,
                                                 duration timeout, progress* done);
boost::asio::awaitable<bucket_ptr> ensure_bucket(std::shared_ptr<session> session, bucket_config config,
                                                 ensure_options options, progress* done);
boost::asio::awaitable<void> delete_bucket(std::shared_ptr<session> session, std::string name,
                                           duration timeout, progress* done);
/// Returns the number of revisions removed.
boost::asio::awaitable<std::uint64_t> purge_bucket(std::shared_ptr<session> session, std::string name,
                                                   duration timeout, progress* done);
boost::asio::awaitable<std::vector<std::string>> list_buckets(std::shared_ptr<session> session,
                                                              duration timeout, progress* done);

// The steps of these.

/// The stream of a new bucket, or of one that exists with the same configuration.
boost::asio::awaitable<jetstream::stream_info> create_stream(std::shared_ptr<session> session,
                                                             bucket_config config, core::time_point until,
                                                             progress* done);
/// The stream of a bucket that exists: its name alone does not make a stream one.
boost::asio::awaitable<jetstream::stream_info> inspect(std::shared_ptr<session> session, std::string name,
                                                       core::time_point until, progress* done);
boost::asio::awaitable<bucket_ptr> make_bucket(std::shared_ptr<session> session, jetstream::stream_info info,
                                               core::time_point until, progress* done);

}  // namespace kvco::kv
