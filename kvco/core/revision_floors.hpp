// The newest revisions of keys known to a bucket handle: a later read may not return an older one.
#pragma once

#include <absl/container/flat_hash_map.h>
#include <cstddef>
#include <kvco/entry.hpp>
#include <string_view>

namespace kvco::core {

/// The newest revision of each key that answers to writes and reads have contained. A replica with an older
/// one lags behind, unless the stream's leader has confirmed that revision.
///
/// Bounded: of the keys that were noted last it knows `generation` at least, and twice as many at most. Keys are known by
/// their hash: two that share all of it cost questions to the leader.
class revision_floors {
 public:
  static constexpr std::size_t generation = 32 * 1024;
  enum class key_id : std::size_t {};

  static key_id id_of(std::string_view key) noexcept;

  struct known {
    revision newest = 0;  // 0: nothing is known
    // With the leader: less than newest if the bucket was restored, or the revision removed.
    revision agreed = 0;

    /// May this be the key's last revision (0: it has none)?
    bool allows(revision shown) const noexcept { return shown >= newest || shown == agreed; }
    /// The same of who wants this revision or a newer one: what the leader has said before does not count then.
    known at_least(revision least) const noexcept { return least > newest ? known{least, least} : *this; }
  };
  known of(key_id key) const noexcept;
  /// The key is looked up or noted soon: prefetches the memory for that.
  void prefetch(key_id key) const noexcept { young_.prefetch(key); }

  // Noexcept: see net/memory.hpp.
  void note(key_id key, revision seen) noexcept;
  void note(std::string_view key, revision seen) noexcept { note(id_of(key), seen); }
  /// The leader reports the key's last revision. `before` is the knowledge at the time of the request: an
  /// answer overtaken by newer ones is ignored.
  void correct(key_id key, const known& before, revision now) noexcept;

  /// The newest revision of any key.
  revision newest() const noexcept { return newest_; }

  std::size_t size() const noexcept { return young_.size() + old_.size(); }

 private:
  using table = absl::flat_hash_map<key_id, known>;

  void put(key_id key, const known& what);

  revision newest_ = 0;
  table young_, old_;  // when the young generation is full it becomes the old one
};

}  // namespace kvco::core
