// The key that an operation uses, and its last revision.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <unordered_map>
#include <vector>

namespace kvco::bench {

/// Of four mixed operations one is a put and three are gets.
inline bool is_put_of_mixed(std::size_t number) { return number % 4 == 0; }

/// Keys in turns. By schedule any number of operations may be open: a key that has one is passed over, because two
/// updates of one key at a time would refuse each other.
class key_turns {
 public:
  explicit key_turns(std::size_t keys) : revisions_(keys), busy_(keys) {}

  std::uint64_t& revision(std::size_t key) { return revisions_[key]; }
  std::uint64_t revision(std::size_t key) const { return revisions_[key]; }

  /// The key for operation `number`.
  std::size_t begin(std::size_t number) {
    if (open_.size() == busy_.size()) throw std::runtime_error("overloaded: every key has an open operation");
    std::size_t key = number % busy_.size();
    while (busy_[key]) key = (key + 1) % busy_.size();
    busy_[key] = true;
    open_[number] = key;
    return key;
  }
  void end(std::size_t number, std::uint64_t revision) {
    const auto found = open_.find(number);
    if (found == open_.end()) throw std::runtime_error("a reply that no operation waits for");
    revisions_[found->second] = revision;
    busy_[found->second] = false;
    open_.erase(found);
  }

 private:
  std::vector<std::uint64_t> revisions_;
  std::vector<bool> busy_;
  std::unordered_map<std::size_t, std::size_t> open_;  // operation -> key
};

}  // namespace kvco::bench
