#include <algorithm>

#include "http.hpp"
#include "text.hpp"

namespace gateway {
namespace {

/// Calls `use` for each piece; stops with false if `use` returns false.
template <class Use>
bool for_each_piece(std::string_view text, char separator, Use use) {
  while (true) {
    const std::size_t end = std::min(text.find(separator), text.size());
    if (!use(text.substr(0, end))) return false;
    if (end == text.size()) return true;
    text.remove_prefix(end + 1);
  }
}

bool add_parameter(target& to, std::string_view piece) {
  if (piece.empty()) return true;
  const std::size_t equals = std::min(piece.find('='), piece.size());
  std::string text(piece.substr(std::min(equals + 1, piece.size())));
  std::replace(text.begin(), text.end(), '+', ' ');
  auto name = percent_decoded(piece.substr(0, equals));
  auto value = percent_decoded(text);
  if (!name || !value) return false;
  to.query.emplace_back(std::move(*name), std::move(*value));
  return true;
}

bool add_segment(target& to, std::string_view piece) {
  auto segment = percent_decoded(piece);
  if (segment) to.path.push_back(std::move(*segment));
  return segment.has_value();
}

}  // namespace

const std::string* target::parameter(std::string_view name) const noexcept {
  for (const auto& [each, value] : query) {
    if (each == name) return &value;
  }
  return nullptr;
}

std::optional<target> parse_target(std::string_view text) {
  if (!text.starts_with('/')) return std::nullopt;
  target out;
  const std::size_t mark = std::min(text.find('?'), text.size());
  const std::string_view path = text.substr(1, mark - 1);
  const std::string_view query = text.substr(std::min(mark + 1, text.size()));
  if (!path.empty() &&
      !for_each_piece(path, '/', [&](std::string_view piece) { return add_segment(out, piece); }))
    return std::nullopt;
  if (!for_each_piece(query, '&', [&](std::string_view piece) { return add_parameter(out, piece); }))
    return std::nullopt;
  return out;
}

}  // namespace gateway
