// Options of single operations: aggregates with defaults, written with designated initialisers.
//
// All are trivially destructible on purpose: g++ 12 destroys an owning aggregate temporary twice inside a
// co_await expression. Options that own strings are classes with setters (config.hpp).
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <kvco/diagnostics.hpp>
#include <kvco/entry.hpp>
#include <kvco/resume_token.hpp>
#include <optional>
#include <type_traits>

namespace kvco {

using duration = std::chrono::nanoseconds;  ///< of deadlines, pauses and lifetimes

/// As a time to live (`.ttl`): it does not expire, whatever the bucket's own ttl is.
inline constexpr duration no_expiry = duration::max();

/// The servers that may answer a read.
enum class consistency : std::uint8_t {
  /// Read-your-writes and monotonic reads per bucket handle and its copies: any replica or mirror may answer
  /// (direct get, ADR-31), but never with a revision older than one that an answer to a write, get(),
  /// get_many() or history() of this handle has shown. If it lags behind, the leader is asked, and its answer
  /// is final; recent writes of other clients may be missing for a moment. While no leader answers, the read
  /// waits for one, or for a replica that has caught up. For a user without permission to ask the leader
  /// (STREAM.MSG.GET), the replica's answer is returned. The revisions of at least the 32 768 most recently
  /// used keys are remembered, those delivered by watches are not.
  session,
  any,  ///< any replica or mirror, however old its data
  leader,  ///< the stream's leader, which does not lag behind (one that was cut off from its peers does, for seconds)
};

/// How a write that was sent and not answered is handled.
enum class retry : std::uint8_t {
  never,  ///< it ends with errc::outcome_unknown
  /// It is resent until its deadline, under an id (Nats-Msg-Id) by which the server, or a read of the stored
  /// message, determines whether it was carried out before: it is stored at most once. If that can no longer
  /// be determined, it ends with errc::outcome_unknown: after half of the bucket's duplicate window (2 min
  /// unless configured), or when the history has no room for it any more.
  idempotent,
};

/// Of bucket::put().
struct put_options {
  duration timeout{};  ///< until the outcome is known; 0: the client's default (config::timeout)
  kvco::retry retry = retry::never;
  kvco::diagnostics* diag = nullptr;  ///< receives details of the result (see diagnostics); nullptr: none
};

/// Of bucket::create().
struct create_options {
  duration timeout{};
  /// Whole seconds, at least one, or kvco::no_expiry: the key expires by itself (server 2.11, a bucket with limit_marker_ttl).
  /// With a history above 1 the server raises a shorter one to limit_marker_ttl. Not set: the bucket's ttl. Others, which
  /// a server would refuse or cut (0, 500 ms, 1.5 s), are errc::invalid_argument.
  std::optional<duration> ttl{};
  kvco::retry retry = retry::never;
  kvco::diagnostics* diag = nullptr;
};

/// Of bucket::update().
struct update_options {
  duration timeout{};
  /// As create_options::ttl, in a bucket with a history of 1 only (client_error::ttl_with_history): where older values are kept,
  /// the one before would come back when this one expires.
  std::optional<duration> ttl{};
  kvco::retry retry = retry::never;
  kvco::diagnostics* diag = nullptr;
};

/// Of the reads of a bucket: get(), get_entry(), get_revision(), get_many(), get_prefix().
struct get_options {
  duration timeout{};                                    ///< get_many(): of the whole
  kvco::consistency consistency = consistency::session;  ///< which replica may answer
  /// A revision that another client has written, and that has to be visible: if a replica returns an older revision of the key
  /// (get_prefix(): of the bucket), the leader is asked, even with consistency::any. Its answer is final. 0: not set; get_revision()
  /// ignores it.
  kvco::revision min_revision = 0;
  kvco::diagnostics* diag = nullptr;
};

/// Of bucket::put_many().
struct put_many_options {
  /// Of each item, starting at its turn. If the server has answered nothing at all for this time, the items
  /// not yet sent are no longer sent. 0: the client's default.
  duration timeout{};
  std::size_t max_in_flight = 1024;  ///< maximum number of unanswered items; at least 1
  kvco::diagnostics* diag = nullptr;
};

/// Of bucket::erase().
struct erase_options {
  duration timeout{};
  /// Erases only if this is the key's last revision (at least 1). Not set: always.
  std::optional<kvco::revision> last_revision{};
  kvco::retry retry = retry::never;
  kvco::diagnostics* diag = nullptr;
};

/// Of bucket::purge().
struct purge_options {
  duration timeout{};
  /// Purges only if this is the key's last revision (at least 1). Not set: always.
  std::optional<kvco::revision> last_revision{};
  std::optional<duration> ttl{};  ///< of the marker left behind (as create_options::ttl)
  kvco::retry retry = retry::never;
  kvco::diagnostics* diag = nullptr;
};

/// Of bucket::purge_deletes().
struct purge_deletes_options {
  duration timeout{};  ///< of the whole
  /// Younger markers are kept, by this machine's clock and the server's: a watch that was disconnected for a
  /// shorter time still receives the deletion. 0: no marker is kept.
  duration older_than = std::chrono::minutes(30);
  kvco::diagnostics* diag = nullptr;
};

/// For reads of many entries and requests about buckets. The timeout covers the whole operation.
struct request_options {
  duration timeout{};
  kvco::diagnostics* diag = nullptr;
};

/// Of erase_keys() and purge_keys().
struct keys_options {
  /// Of the list of keys; then of each removal, starting at its turn. 0: the client's default.
  duration timeout{};
  std::size_t max_in_flight = 1024;  ///< maximum number of unanswered removals; at least 1
  kvco::diagnostics* diag = nullptr;
};

/// Of reverting a key.
struct revert_options {
  duration timeout{};
  kvco::retry retry = retry::never;
  kvco::diagnostics* diag = nullptr;
};

/// Of copying a bucket.
struct copy_options {
  duration timeout{};
  bool overwrite = true;  ///< false: errc::key_exists if the target has a value
  kvco::retry retry = retry::never;
  kvco::diagnostics* diag = nullptr;
};

/// Behaviour of ensure_bucket() if the bucket exists with another configuration.
enum class on_conflict : std::uint8_t {
  keep,    ///< opens it as it is
  update,  ///< changes the settings that are set in the given configuration, and no others (see bucket_config)
  fail,    ///< completes with errc::bucket_exists
};

/// Of client::ensure_bucket().
struct ensure_options {
  duration timeout{};
  kvco::on_conflict on_conflict = on_conflict::keep;  ///< the action in that case
  kvco::diagnostics* diag = nullptr;
};

/// Of client::key_value().
struct key_value_options {
  duration timeout{};
  bool declare = true;  ///< false: a bucket that does not exist is not created (errc::bucket_not_found)
  kvco::diagnostics* diag = nullptr;
};

/// The start of a watch and the entries it leaves out. By default: the last entry of every matching key,
/// including deletions, then each change. Conflicting options are refused (errc::invalid_argument).
struct watch_options {
  bool ignore_deletes = false;   ///< leave out erase and purge
  bool meta_only = false;        ///< entries without values; value_size() is still known
  bool include_history = false;  ///< all kept revisions of each key first, not just the last
  bool updates_only = false;     ///< only changes made from now on
  bool initial_only = false;     ///< end after the initial data
  /// Of the queued updates of a key only the newest is kept, in the place of the first: a reader that is slower than the writers gets
  /// the last value of each key, and takes no more memory than one entry per key. The revisions of a key keep their order, those of
  /// different keys do not: to continue later use watcher::resume_token(), not cursor(). Initial data is not conflated.
  bool conflate = false;
  /// Every kept revision from this one on (inclusive); 0: not set. If it is higher than the revision after the last one:
  /// errc::bucket_recreated, because it belongs to another bucket, or the bucket has lost its last revisions.
  kvco::revision resume_from = 0;
  /// Continues where an earlier watch has stopped, of this process or of another one: every kept revision after the token's, instead
  /// of the start that `include_history` and `updates_only` choose. If the bucket was created again since then:
  /// errc::bucket_recreated. Revisions that the bucket no longer keeps are counted by watcher::missed(). An empty token: not set.
  kvco::resume_token resume_after{};
  duration heartbeat{};  ///< interval of the heartbeats of an idle watch; 0: 5 s; at least 100 ms
  kvco::diagnostics* diag = nullptr;  ///< written when the watch ends with an error
};

static_assert(
    std::is_trivially_destructible_v<put_options> && std::is_trivially_destructible_v<create_options> &&
    std::is_trivially_destructible_v<update_options> && std::is_trivially_destructible_v<get_options> &&
    std::is_trivially_destructible_v<erase_options> && std::is_trivially_destructible_v<purge_options> &&
    std::is_trivially_destructible_v<put_many_options> &&
    std::is_trivially_destructible_v<purge_deletes_options> &&
    std::is_trivially_destructible_v<keys_options> && std::is_trivially_destructible_v<revert_options> &&
    std::is_trivially_destructible_v<copy_options> && std::is_trivially_destructible_v<request_options> &&
    std::is_trivially_destructible_v<ensure_options> && std::is_trivially_destructible_v<key_value_options> &&
    std::is_trivially_destructible_v<watch_options>);

}  // namespace kvco
