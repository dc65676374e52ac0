// Keys that several clients write at once.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace kvco::chaos {

/// A slot goes on to a new key before the bucket's history is full, so that each revision can be found at the end.
class shared_keys {
 public:
  shared_keys(std::string prefix, std::size_t count, std::size_t writes)
      : prefix_(std::move(prefix)), most_(writes), slots_(count) {}
  std::size_t size() const { return slots_.size(); }
  std::string name(std::size_t number) const {
    return prefix_ + "." + std::to_string(number) + "." + std::to_string(slots_[number].generation);
  }
  /// Something may have been stored in this key.
  void written(std::size_t number, const std::string& key) {
    slot& one = slots_[number];
    if (key != name(number) || ++one.writes < most_) return;
    ++one.generation;
    one.writes = 0;
  }

 private:
  struct slot {
    std::size_t generation = 0, writes = 0;
  };
  std::string prefix_;
  std::size_t most_;
  std::vector<slot> slots_;
};

}  // namespace kvco::chaos
