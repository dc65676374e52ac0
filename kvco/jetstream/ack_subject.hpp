// The reply subject of a delivered message contains its position (ADR-15).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace kvco::jetstream {

struct delivery_position {
  std::uint64_t stream_sequence = 0;    // the revision
  std::uint64_t consumer_sequence = 0;  // 1, 2, 3, ... without a gap
  std::int64_t timestamp_ns = 0;        // when it was stored
  std::uint64_t pending = 0;            // number of matching messages after it
  std::string_view consumer;
};

/// `$JS.ACK.<stream>.<consumer>.<delivered>.<sseq>.<cseq>.<ts>.<pending>` (9 tokens), or with
/// `<domain>.<account>` before the stream (11 tokens and more). Nothing for everything else.
std::optional<delivery_position> parse_ack_subject(std::string_view subject) noexcept;

}  // namespace kvco::jetstream
