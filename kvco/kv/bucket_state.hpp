// The state that the copies of a bucket handle share: the session and the subjects of the stream, made once.
#pragma once

#include <kvco/core/revision_floors.hpp>
#include <kvco/detail/concat.hpp>
#include <kvco/jetstream/common_direct_get.hpp>
#include <kvco/jetstream/replies.hpp>
#include <kvco/jetstream/subjects.hpp>
#include <kvco/kv/mirror.hpp>
#include <kvco/kv/wide_filters.hpp>
#include <kvco/net/pause.hpp>
#include <kvco/net/session.hpp>
#include <memory>
#include <string>

namespace kvco::kv {

using namespace net;  // the operations of buckets are written in its terms

/// An inquiry that one of the waiting operations makes on behalf of all of them.
struct shared_look {
  std::uint64_t asked = 0;     // number of inquiries
  std::uint64_t answered = 0;  // the last of these with an answer
  core::time_point answered_at{};
  bool open = false;  // an inquiry is in flight
  broadcast over;
};

/// Whether a bucket still exists, if no server answers.
struct bucket_look : shared_look {
  bool no_server = false;  // the last answer: no server can answer for the bucket now
  error_code code;         // of the last answer: the reason why another attempt is useless
  std::string words;
};

struct bucket_state {
  bucket_state(std::shared_ptr<net::session> owner, std::string bucket, const jetstream::stream_info& info,
               bucket_route route)
      : session(std::move(owner)),
        name(std::move(bucket)),
        stream(jetstream::stream_name(name)),
        origin(std::move(route.origin)),
        key_prefix(std::move(route.key_prefix)),
        write_prefix(std::move(route.write_prefix)),
        leader_get(std::move(route.leader_get)),
        why_read_only(std::move(route.why_read_only)),
        direct_prefix(session->api().direct_get_last(stream, key_prefix)),
        direct_replies(name, key_prefix),
        allow_direct(info.allow_direct),
        allow_msg_ttl(route.allow_msg_ttl),
        history(route.history),
        duplicate_window(route.duplicate_window),
        wide(info.status.stream.subjects) {}

  /// multi_last is used until it is refused on this connection (by a server before 2.11, or for lack of permission).
  bool takes_multi_get() const noexcept {
    return allow_direct && no_multi_get_since != session->counters().reconnects;
  }
  void forget_multi_get() const noexcept { no_multi_get_since = session->counters().reconnects; }
  /// Stores the current state of the stream. Other clients may change it at any time: it is requested again
  /// if an answer contradicts it.
  void renew(const jetstream::stream_info& info) const noexcept {
    allow_direct = info.allow_direct;
    if (is_mirror()) return;  // writes go to its origin, whose settings apply
    allow_msg_ttl = info.allow_msg_ttl;
    history = info.status.config.history();
    duplicate_window = info.duplicate_window;
  }

  /// The origin of a mirror was asked again. One that does not answer now makes no handle read-only that was not: its writes wait for
  /// the origin.
  void renew(bucket_route route) const {
    if (why_read_only.empty() && route.unanswered) return;
    if (route.why_read_only.empty() && route.key_prefix != key_prefix)
      route.why_read_only = detail::concat("its entries are those of ", route.key_prefix, ": open it again");
    why_read_only = std::move(route.why_read_only);
    if (!why_read_only.empty()) return;
    write_prefix = std::move(route.write_prefix);
    leader_get = std::move(route.leader_get);
    allow_msg_ttl = route.allow_msg_ttl;
    history = route.history;
    duplicate_window = route.duplicate_window;
  }

  bool is_mirror() const noexcept { return !origin.empty(); }

  std::shared_ptr<net::session> session;
  std::string name, stream;
  std::string origin;                 // see bucket_route
  std::string key_prefix;             // $KV.<bucket>., of a mirror $KV.<origin>.
  mutable std::string write_prefix;   // the same for writes, with the prefix of the domain
  mutable std::string leader_get;     // MSG.GET of the stream that is written to
  mutable std::string why_read_only;  // empty: it can be written
  std::string direct_prefix;          // $JS.API.DIRECT.GET.KV_<bucket>.$KV.<bucket>.
  jetstream::common_direct_get direct_replies;
  mutable bool allow_direct, allow_msg_ttl;
  mutable int history;                // of the stream that is written to
  mutable duration duplicate_window;  // the time for which the server remembers a Nats-Msg-Id
  mutable std::uint64_t no_multi_get_since = UINT64_MAX;  // a number of session_counters::reconnects
  mutable core::revision_floors floors;                   // shared by all copies of a handle
  mutable wide_filters wide;                              // of get_prefix()
  mutable bucket_look look;
  mutable shared_look origin_look;
};

using bucket_ptr = std::shared_ptr<const bucket_state>;

}  // namespace kvco::kv
