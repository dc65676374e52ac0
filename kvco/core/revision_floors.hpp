// The newest revisions of keys that a bucket handle knows: a later read must not return an older one.
#pragma once

#include <absl/container/flat_hash_map.h>
#include <cstddef>
#include <kvco/entry.hpp>
#include <string_view>

namespace kvco::core {

/// The newest revision of each key in the answers to writes and reads. A replica that returns an older one lags behind, unless
/// the stream's leader has confirmed that revision.
///
/// Bounded: it holds at least `generation` of the keys noted last, and at most twice that number. Keys are identified by their
/// hash: a collision costs requests to the leader, and no wrong answer.
class revision_floors {
 public:
  static constexpr std::size_t generation = 32 * 1024;
  enum class key_id : std::size_t {};

  static key_id id_of(std::string_view key) noexcept;

  struct known {
    revision newest = 0;  // 0: unknown
    // The leader's last answer: less than newest if the bucket was restored, or the revision removed.
    revision agreed = 0;

    /// Whether this may be the key's last revision (0: the key has none).
    bool allows(revision shown) const noexcept { return shown >= newest || shown == agreed; }
    /// The same for a reader that requires at least revision `least`; an earlier answer of the leader does not count then.
    known at_least(revision least) const noexcept { return least > newest ? known{least, least} : *this; }
  };
  known of(key_id key) const noexcept;
  /// Prefetches the memory of a key that is going to be looked up or noted.
  void prefetch(key_id key) const noexcept { young_.prefetch(key); }

  // Noexcept: see net/memory.hpp.
  void note(key_id key, revision seen) noexcept;
  void note(std::string_view key, revision seen) noexcept { note(id_of(key), seen); }
  /// Records the key's last revision as reported by the leader. `before` is the knowledge at the time of the request: an answer
  /// overtaken by newer ones is ignored.
  void correct(key_id key, const known& before, revision now) noexcept;

  /// The newest revision of any key.
  revision newest() const noexcept { return newest_; }

  std::size_t size() const noexcept { return young_.size() + old_.size(); }

 private:
  using table = absl::flat_hash_map<key_id, known>;

  void make_room(key_id key);

  revision newest_ = 0;
  table young_, old_;  // when the young generation is full it becomes the old one
};

}  // namespace kvco::core
