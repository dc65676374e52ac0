// Many filters, found by their tokens: matching, covering and overlapping ones are found without a comparison
// with each.
#pragma once

#include <absl/container/flat_hash_map.h>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kvco::jetstream {

/// A trie of distinct filters, each with a number. It refers to the caller's texts, which must outlive it.
class filter_set {
 public:
  filter_set() : nodes_(1) {}

  /// False: there is an equal one.
  bool add(std::string_view filter, std::uint32_t number) noexcept;
  /// Adds those that are not there yet, by their places.
  void add_all(std::span<const std::string> filters) noexcept {
    for (std::size_t i = 0; i < filters.size(); ++i) add(filters[i], static_cast<std::uint32_t>(i));
  }
  bool empty() const noexcept { return nodes_.front().filters == 0; }
  /// One that is there.
  void remove(std::string_view filter);
  /// Does one of them match this key?
  bool matches(std::string_view key) const;
  /// Does another one cover this one?
  bool is_covered(std::string_view filter) const;
  /// Of those that overlap it and are not covered by it the one with the least number.
  std::optional<std::uint32_t> first_across(std::string_view filter) const;
  /// The numbers of those that it covers, in no order.
  std::vector<std::uint32_t> covered_by(std::string_view filter) const;

 private:
  static constexpr std::uint32_t none = UINT32_MAX;
  struct node {
    absl::flat_hash_map<std::string_view, std::uint32_t> children;  // by token, but for the wildcards
    std::uint32_t star = none;                                      // the child of a `*`
    std::uint32_t tail = none;  // the number of the filter that goes on with `>`
    std::uint32_t end = none;   // the number of the filter that ends here
    std::uint32_t filters = 0;  // here and below
  };

  std::uint32_t child_of(std::uint32_t parent, std::string_view token) const;
  template <class Visitor>
  void visit_overlapping(std::string_view filter, Visitor&& visit) const;

  std::vector<node> nodes_;  // the first is the root; those that were left are not used again
};

}  // namespace kvco::jetstream
