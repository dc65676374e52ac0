// Two generations of a table from a key's hash to its known revision.
#include <kvco/core/revision_floors.hpp>

#include <absl/hash/hash.h>
#include <absl/strings/string_view.h>
#include <algorithm>
#include <utility>

namespace kvco::core {

revision_floors::key_id revision_floors::id_of(std::string_view key) noexcept {
  // Abseil hashes its own views itself, and faster; where it is built for C++14 (Debian), std::string_view is none of them.
  return key_id(absl::Hash<absl::string_view>()({key.data(), key.size()}));
}

revision_floors::known revision_floors::of(key_id key) const noexcept {
  if (const auto found = young_.find(key); found != young_.end()) return found->second;
  const auto found = old_.find(key);
  return found == old_.end() ? known() : found->second;
}

void revision_floors::note(key_id key, revision seen) noexcept {
  newest_ = std::max(newest_, seen);
  if (seen == 0) return;
  make_room(key);
  const auto [at, is_new] = young_.try_emplace(key);
  if (is_new) {
    if (const auto found = old_.find(key); found != old_.end()) at->second = found->second;
  }
  if (at->second.newest < seen) at->second = {seen, seen};
}

void revision_floors::correct(key_id key, const known& before, revision now) noexcept {
  if (now >= before.newest) return note(key, now);
  if (of(key).newest != before.newest) return;
  make_room(key);
  young_.insert_or_assign(key, known{before.newest, now});
}

void revision_floors::make_room(key_id key) {
  if (young_.size() == generation && !young_.contains(key)) old_ = std::exchange(young_, {});
}

}  // namespace kvco::core
