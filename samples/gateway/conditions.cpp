#include "conditions.hpp"

#include <algorithm>

#include "text.hpp"

namespace gateway {
namespace {

void skip_blanks(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
}

bool take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

/// Exactly as tag_of() writes it: without leading zeros.
std::optional<std::uint64_t> revision_in(std::string_view opaque) {
  if (opaque.size() > 1 && opaque.starts_with('0')) return std::nullopt;
  return number_in(opaque);
}

bool take_tag(std::string_view& text, tag_list& to) {
  const bool weak = take(text, "W/");
  if (!take(text, "\"")) return false;
  const std::size_t end = text.find('"');
  if (end == std::string_view::npos) return false;
  if (const auto revision = revision_in(text.substr(0, end))) {
    (weak ? to.weak : to.strong).push_back(*revision);
  } else {
    ++to.foreign;
  }
  text.remove_prefix(end + 1);
  return true;
}

}  // namespace

bool tag_list::has_strong(std::uint64_t revision) const noexcept {
  return any || std::count(strong.begin(), strong.end(), revision) > 0;
}

bool tag_list::has(std::uint64_t revision) const noexcept {
  return has_strong(revision) || std::count(weak.begin(), weak.end(), revision) > 0;
}

std::optional<tag_list> parse_tags(std::string_view field) {
  tag_list out;
  skip_blanks(field);
  if (take(field, "*")) {
    out.any = true;
    skip_blanks(field);
    return field.empty() ? std::optional(out) : std::nullopt;
  }
  while (true) {
    if (!take_tag(field, out)) return std::nullopt;
    skip_blanks(field);
    if (field.empty()) return out;
    if (!take(field, ",")) return std::nullopt;
    skip_blanks(field);
  }
}

std::string tag_of(std::uint64_t revision) { return '"' + std::to_string(revision) + '"'; }

write_condition condition_of(const condition_fields& from) {
  using kind = enum write_condition::kind;
  if (!from.any()) return {kind::none};
  if (from.by_date() || (from.if_match && from.if_none_match)) return {kind::unsupported};
  const auto tags = parse_tags(from.if_match ? *from.if_match : *from.if_none_match);
  if (!tags) return {kind::unsupported};
  if (!from.if_match) return {tags->any ? kind::absent : kind::unsupported};
  if (tags->any || tags->strong.size() > 1) return {kind::unsupported};
  if (tags->strong.empty()) return {kind::impossible};
  return {kind::revision, tags->strong[0]};
}

}  // namespace gateway
