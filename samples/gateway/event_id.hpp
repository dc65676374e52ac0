// The ids of events: where a viewer that comes back continues.
#pragma once

#include <compare>
#include <cstdint>
#include <kvco/entry.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace gateway {

/// After a revision, and after this many removals since then that have no revision, because they left no trace in the bucket.
struct event_place {
  kvco::revision revision = 0;
  std::uint64_t traceless = 0;

  friend auto operator<=>(const event_place&, const event_place&) = default;
};

/// Only places of one series can be compared. A bucket that was deleted and created again has other entries with the same revisions;
/// and a later feed does not know which keys vanished before it began.
struct event_series {
  std::uint64_t bucket_created = 0;  ///< nanoseconds since the Unix epoch
  std::uint64_t feed = 0;            ///< a random number

  friend bool operator==(const event_series&, const event_series&) = default;
};

struct event_id {
  event_series series{};
  event_place place{};

  friend bool operator==(const event_id&, const event_id&) = default;
};

/// "1764423000123456789-4711-41"; after two traceless removals "1764423000123456789-4711-41.2".
std::string to_string(const event_id& id);
/// Nothing if it is no text of to_string().
std::optional<event_id> parse_event_id(std::string_view text);

}  // namespace gateway
