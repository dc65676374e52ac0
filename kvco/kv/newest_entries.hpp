// The last entries of many keys, merged from a list and the entries stored after it.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <kvco/entry.hpp>
#include <string>
#include <utility>
#include <vector>

namespace kvco::kv {

class newest_entries {
 public:
  /// Adds an entry that is no older than those of its key before it. @param once_until  up to this revision a key occurs once
  void add(entry e, revision once_until) noexcept {
    see(e.revision());
    if (e.revision() <= once_until) return first_.push_back(std::move(e));
    entry& last = later_[std::string(e.key())];
    if (last.revision() < e.revision()) last = std::move(e);
  }
  /// Records that everything up to this revision was added.
  void see(revision last) noexcept { seen_ = std::max(seen_, last); }
  revision seen() const noexcept { return seen_; }

  /// At least as many as there are keys, tombstones included.
  std::size_t size() const noexcept { return first_.size() + later_.size(); }
  /// Of their keys and values.
  std::size_t bytes() const noexcept {
    std::size_t sum = 0;
    for (const entry& e : first_) sum += e.key().size() + e.value().size();
    for (const auto& [key, e] : later_) sum += key.size() + e.value().size();
    return sum;
  }

  /// The entries of the keys that have a value, by revision.
  std::vector<entry> take_values() {
    std::erase_if(first_, [this](const entry& e) {
      return e.operation() != operation::put || later_.contains(std::string(e.key()));
    });
    for (auto& [key, e] : later_) {
      if (e.operation() == operation::put) first_.push_back(std::move(e));
    }
    const auto by_revision = [](const entry& a, const entry& b) { return a.revision() < b.revision(); };
    if (!std::is_sorted(first_.begin(), first_.end(), by_revision))
      std::sort(first_.begin(), first_.end(), by_revision);
    return std::move(first_);
  }

 private:
  std::vector<entry> first_;
  absl::flat_hash_map<std::string, entry> later_;
  revision seen_ = 0;
};

}  // namespace kvco::kv
