// Filters that match more keys than one request can read.
#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/strings/str_join.h>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace kvco::kv {

/// Remembers the size of the answers to lists of filters. A server needs as long to refuse a list that is too wide (413) as to
/// deliver it: 100 ms for 100 000 keys.
class wide_filters {
 public:
  /// The server refuses more matching subjects.
  static constexpr std::size_t max_keys = 1024;
  /// More does not come with one request.
  static constexpr std::uint64_t max_bytes = 4u << 20;

  /// @param subjects  of the stream, when the bucket was opened
  explicit wide_filters(std::uint64_t subjects) : subjects_(subjects) {}

  bool has(const std::vector<std::string>& filters) const {
    const std::string name = name_of(filters);
    const auto known = known_.find(name);
    return known != known_.end() ? known->second : name == ">" && subjects_ > max_keys;
  }
  void note(const std::vector<std::string>& filters, bool wide) noexcept {
    if (known_.size() >= max_known) known_.clear();
    known_[name_of(filters)] = wide;
  }

 private:
  static constexpr std::size_t max_known = 64;

  static std::string name_of(const std::vector<std::string>& filters) { return absl::StrJoin(filters, " "); }

  std::uint64_t subjects_;
  absl::flat_hash_map<std::string, bool> known_;
};

}  // namespace kvco::kv
