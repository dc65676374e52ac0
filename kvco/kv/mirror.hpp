// The streams and subjects by which a bucket is read and written: a mirror has the subjects of its origin, and is written there.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <kvco/jetstream/replies.hpp>
#include <kvco/net/progress.hpp>
#include <kvco/net/session.hpp>
#include <memory>
#include <string>

namespace kvco::kv {

using namespace net;  // the operations of buckets are written in its terms

struct bucket_route {
  std::string origin;         // of a mirror: stream_info::origin; empty: it is not a mirror
  std::string key_prefix;     // $KV.<bucket>., of a mirror $KV.<origin>.
  std::string write_prefix;   // the same for writes, with the prefix of the API that they need
  std::string leader_get;     // MSG.GET of the stream that is written to
  std::string why_read_only;  // empty: it can be written
  bool unanswered = false;    // the reason is that no server has answered for the origin
  bool allow_msg_ttl = false;
  int history = 1;
  duration duplicate_window{};
};

/// Finds the origin of a mirror, possibly through a chain of mirrors, by a STREAM.INFO of each: the mirror has the subjects and
/// revisions of that origin. If an origin does not answer, the bucket is read-only for now.
/// @param patience  for how long an origin is asked again that no server answers for
boost::asio::awaitable<bucket_route> find_origin(std::shared_ptr<session> session,
                                                 jetstream::stream_info info, core::time_point until,
                                                 duration patience, progress* done);

/// The same for a bucket that is opened: without its origin, the last message of a mirror shows the subjects.
boost::asio::awaitable<bucket_route> route_of(std::shared_ptr<session> session, jetstream::stream_info info,
                                              core::time_point until, progress* done);

/// Refuses a bucket that would copy itself, possibly through others. Origins that do not answer, or are in another domain, are not
/// checked.
boost::asio::awaitable<void> refuse_circle(std::shared_ptr<session> session, bucket_config config,
                                           core::time_point until, progress* done);

}  // namespace kvco::kv
