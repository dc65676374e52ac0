// The decisions of get_many: which keys are asked for together, which one by one, and when a key has its answer.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <kvco/core/deadlines.hpp>
#include <kvco/core/item_queue.hpp>
#include <kvco/core/key_chunk.hpp>
#include <kvco/core/revision_floors.hpp>
#include <kvco/detail/texts.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace kvco::core {

/// How keys may be read.
struct read_ways {
  bool direct = false;     // from any replica, by direct get; else from the leader
  bool multi = false;      // many with one request, by direct get; not where there is one key
  bool remembers = false;  // no answer may be older than the revisions known
  revision least = 0;      // nor than this one, except for an answer of the leader
};

/// Keys wait, are in flight with a chunk or alone, or have their answer. Keys that a chunk leaves open are
/// requested again.
///
/// A replica with an older revision than the one known lags behind: then the leader is asked, and if it does
/// not answer, a replica again.
class many_reads {
 public:
  using place = item_queue::place;

  /// A key that is asked for by itself.
  struct single {
    place item = 0;
    bool direct = false;
    bool via_leader = false;  // the leader is asked because a replica is behind
    revision shown = 0;       // by that replica
  };

  /// A series ends after the message with which it exceeds this size.
  static constexpr std::uint64_t chunk_reply_bytes = 4u << 20;

  /// @param patience  with a series, at first
  many_reads(kvco::detail::texts keys, read_ways how, duration patience, revision_floors& floors);

  std::size_t size() const noexcept { return keys_.size(); }
  std::string_view key(place item) const noexcept { return keys_[item]; }
  bool complete() const noexcept { return queue_.complete(); }
  bool direct() const noexcept { return how_.direct; }

  // The next requests.
  bool has_chunk() const noexcept { return how_.multi && queue_.has_next(); }
  /// Moves keys into the chunk. The body of its request; empty: none of them fits into one.
  std::string fill(key_chunk& chunk, std::string_view key_prefix, std::size_t max_payload);
  bool has_single() const noexcept { return !lagging_.empty() || !by_itself_.empty() || has_plain(); }
  bool next_is_direct() const noexcept { return how_.direct && lagging_.empty(); }
  single take_single();
  /// The estimated size of its reply in bytes: the largest one so far.
  std::size_t single_cost(std::size_t max_payload) const noexcept;
  /// How long the next message of a series is waited for.
  duration patience() const noexcept { return patience_; }

  // Incoming replies.
  void note_size(std::size_t bytes) noexcept { largest_ = std::max(largest_, bytes); }
  /// This revision was shown as the key's last one; 0: it has none.
  void judge(place item, revision shown, bool direct);
  void judge(const single& what, revision shown) { judge(what.item, shown, what.direct); }
  /// A series has ended. If it was whole, keys without a reply are absent.
  void end(const key_chunk& chunk, bool whole);
  /// A series, whose messages were waited for that long, was lost or is slow.
  void end_late(const key_chunk& chunk, duration waited);
  /// The server gives less at once.
  void too_many(const key_chunk& chunk);
  /// The server does not know such requests, or does not permit them.
  void refuse_chunks(const key_chunk& chunk);
  void ask_again(const key_chunk& chunk);
  void ask_again(const single& what) { by_itself_.push_back(what.item); }
  /// Accepts the replica's answer: the user may not ask the leader.
  void accept_replica(const single& what) { judge(what.item, what.shown, false); }

  /// No server answers for the bucket: nothing is asked for until release().
  void hold() noexcept { held_ = true; }
  void release() noexcept { held_ = false; }
  bool held() const noexcept { return held_; }
  /// The stream answers no direct get any more.
  void leave_replicas() noexcept { how_.direct = how_.multi = false; }

 private:
  bool has_plain() const noexcept { return !how_.multi && queue_.has_next(); }
  place take_open();
  revision_floors::known known_of(place item) const {
    return known_.empty() ? revision_floors::known() : known_[item];
  }
  template <class Later>
  void end(const key_chunk& chunk, bool whole, Later later);
  template <class Visit>
  static void for_each(const key_chunk& chunk, Visit visit);

  struct lagging {
    place item;
    revision shown;
  };

  kvco::detail::texts keys_;
  item_queue queue_;
  std::vector<place> by_itself_;               // not asked for with others
  std::vector<lagging> lagging_;               // a replica showed less than is known
  std::vector<revision_floors::known> known_;  // of each key, when it began; empty: nothing
  revision_floors& floors_;
  read_ways how_;
  std::size_t chunk_keys_;
  duration patience_;
  std::size_t largest_ = 0;  // of the single replies so far, in bytes
  bool held_ = false;
};

}  // namespace kvco::core
