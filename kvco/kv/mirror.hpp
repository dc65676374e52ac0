// Where the messages of a bucket are, and who has the last word about them: of a mirror both are its origin's.
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
  std::string origin;         // of a mirror: stream_info::origin; empty: it is none
  std::string key_prefix;     // $KV.<bucket>., of a mirror $KV.<origin>.
  std::string write_prefix;   // the same, behind the prefix of the API that takes it there
  std::string leader_get;     // MSG.GET of the stream that is written to
  std::string why_read_only;  // empty: it can be written
  bool allow_msg_ttl = false;
  duration duplicate_window{};
};

/// A mirror has the subjects and the revisions of its origin, over several mirrors perhaps: each is asked what it is. An origin that
/// does not answer costs no more than a part of the time; then the last message of the mirror shows the subjects, and it may be read.
boost::asio::awaitable<bucket_route> route_of(std::shared_ptr<session> session, jetstream::stream_info info,
                                              core::time_point until, progress* done);

/// A bucket that would copy itself, over others perhaps, is refused. What cannot be asked, or is in another domain, is not known.
boost::asio::awaitable<void> refuse_circle(std::shared_ptr<session> session, bucket_config config,
                                           core::time_point until, progress* done);

}  // namespace kvco::kv
