// What the checkers found: how often each kind of violation, and the first ones in words.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace kvco::test {

class verdict {
 public:
  /// @param checker  "V1" to "V15" of the contract
  void add(std::string_view checker, std::string what) {
    auto& all = found_[std::string(checker)];
    ++all.count;
    if (all.words.size() < kept) all.words.push_back(std::move(what));
  }
  bool clean() const { return found_.empty(); }
  std::size_t count(const std::string& checker) const {
    const auto at = found_.find(checker);
    return at == found_.end() ? 0 : at->second.count;
  }
  std::size_t total() const {
    std::size_t sum = 0;
    for (const auto& [checker, all] : found_) sum += all.count;
    return sum;
  }
  /// One line each; empty when clean.
  std::string text() const {
    std::string out;
    for (const auto& [checker, all] : found_) {
      out += checker + ": " + std::to_string(all.count) + " violations\n";
      for (const std::string& one : all.words) out += "  " + one + "\n";
      if (all.count > all.words.size()) out += "  ...\n";
    }
    return out;
  }

 private:
  static constexpr std::size_t kept = 20;
  struct kind {
    std::size_t count = 0;
    std::vector<std::string> words;
  };
  std::map<std::string, kind> found_;
};

}  // namespace kvco::test
