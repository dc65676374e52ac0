// The updates of a watch that wait to be taken, one of each key: a newer one replaces the one before.
#pragma once

#include <cstdint>
#include <functional>
#include <kvco/entry.hpp>
#include <map>
#include <string>
#include <string_view>

namespace kvco::kv {

/// Knows the places of updates in a queue. Places count from the beginning of the watch.
class conflation {
 public:
  struct update {
    std::uint64_t place = 0;
    revision since = 0;  // the first revision of the key that was not taken
  };

  /// nullptr: no update of the key is queued.
  const update* find(std::string_view key) const noexcept {
    const auto found = waiting_.find(key);
    return found == waiting_.end() ? nullptr : &found->second;
  }
  void add(std::string_view key, const update& waits) { waiting_.emplace(std::string(key), waits); }
  /// The entry at this place was taken: it may be one of the initial data, while an update of its key is queued.
  void take(std::string_view key, std::uint64_t place) noexcept {
    const auto found = waiting_.find(key);
    if (found != waiting_.end() && found->second.place == place) waiting_.erase(found);
  }

 private:
  std::map<std::string, update, std::less<>> waiting_;
};

}  // namespace kvco::kv
