// A duration as Go's tools write it ("1m30s") -> nanoseconds: NATS_TIMEOUT's way in.
#pragma once

#include <kvco/options.hpp>
#include <optional>
#include <string_view>

namespace kvco::core {

/// Reads decimal numbers with a unit each (ns, us, ms, s, m, h), as time.ParseDuration does: "5s", "1.5h",
/// "1m30s", "0". Nothing if the text is not a duration, is negative, or is out of range.
std::optional<duration> parse_go_duration(std::string_view text);

}  // namespace kvco::core
