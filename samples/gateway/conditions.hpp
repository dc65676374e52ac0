// Conditional requests: entity tags are revisions.
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

  /// The strong comparison of RFC 9110, as If-Match uses it.
  bool has_strong(std::uint64_t revision) const noexcept;
  /// The weak one, as If-None-Match uses it.
  bool has(std::uint64_t revision) const noexcept;
};

/// Nothing if it is malformed.
std::optional<tag_list> parse_tags(std::string_view field);

/// The entity tag of a revision: `"7"`.
std::string tag_of(std::uint64_t revision);

/// The fields that make a request conditional. All lines of a field are one list; nothing: the request has no such field.
///
/// If-Modified-Since is not among them: writes have to ignore it (RFC 9110, 13.1.3), and reads may.
struct condition_fields {
  std::optional<std::string> if_match{}, if_none_match{}, if_unmodified_since{};

  bool any() const noexcept { return if_match || if_none_match || if_unmodified_since; }
  /// It is ignored beside If-Match (RFC 9110, 13.1.4). Otherwise a date is refused: a key can change twice within the second that it
  /// names, and the second change would be overwritten.
  bool by_date() const noexcept { return if_unmodified_since && !if_match; }
};

/// The condition of a write.
struct write_condition {
  enum class kind { none, absent, revision, impossible, unsupported } kind = kind::none;
  std::uint64_t revision = 0;
};

/// `If-None-Match: *` means that there is no value, `If-Match: "7"` that revision 7 is the last one.
write_condition condition_of(const condition_fields& from);

}  // namespace gateway
