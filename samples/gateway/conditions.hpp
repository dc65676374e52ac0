// If-Match and If-None-Match: entity tags are revisions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gateway {

/// `*`, or a list of entity tags. A tag that no revision has (`"abc"`, `"007"`) is counted and matches nothing.
struct tag_list {
  bool any = false;
  std::vector<std::uint64_t> strong, weak;
  std::size_t foreign = 0;

  /// The weak comparison of RFC 9110, as If-None-Match uses it.
  bool has(std::uint64_t revision) const noexcept;
};

/// Nothing if it is malformed.
std::optional<tag_list> parse_tags(std::string_view field);

/// The entity tag of a revision: `"7"`.
std::string tag_of(std::uint64_t revision);

/// The condition of a write.
struct write_condition {
  enum class kind { none, absent, revision, impossible, unsupported } kind = kind::none;
  std::uint64_t revision = 0;
};

/// `If-None-Match: *` means that there is no value, `If-Match: "7"` that revision 7 is the last one.
write_condition condition_of(std::string_view if_match, std::string_view if_none_match);

}  // namespace gateway
