#include "event_id.hpp"

#include <algorithm>

#include "text.hpp"

namespace gateway {
namespace {

/// The number before `separator`, which is removed as well.
std::optional<std::uint64_t> take_number(std::string_view& from, char separator) {
  const std::size_t end = std::min(from.find(separator), from.size());
  const auto number = number_in(from.substr(0, end));
  from.remove_prefix(std::min(end + 1, from.size()));
  return number;
}

}  // namespace

std::string to_string(const event_id& id) {
  std::string out = std::to_string(id.series.bucket_created) + "-" + std::to_string(id.series.feed) + "-" +
                    std::to_string(id.place.revision);
  if (id.place.traceless != 0) out += "." + std::to_string(id.place.traceless);
  return out;
}

std::optional<event_id> parse_event_id(std::string_view text) {
  std::string_view rest = text;
  const auto created = take_number(rest, '-'), feed = take_number(rest, '-'),
             revision = take_number(rest, '.');
  const auto traceless = rest.empty() ? std::optional<std::uint64_t>(0) : number_in(rest);
  if (!created || !feed || !revision || !traceless) return std::nullopt;
  const event_id out{{*created, *feed}, {*revision, *traceless}};
  return to_string(out) == text ? std::optional(out) : std::nullopt;  // no second text for the same id
}

}  // namespace gateway
