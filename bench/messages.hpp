// The subjects of messages without a bucket, and their flow control, which all contestants share.
#pragma once

#include <cstddef>
#include <string_view>

namespace kvco::bench {

inline constexpr std::string_view sink_subject = "KVCO_BENCH.sink";  ///< has no subscriber
inline constexpr std::string_view echo_subject = "KVCO_BENCH.echo";  ///< the other side replies to requests
inline constexpr std::string_view feed_subject = "KVCO_BENCH.feed";  ///< where the other side publishes
inline constexpr std::string_view more_subject = "KVCO_BENCH.more";  ///< requests a burst of it

/// Messages that the other side publishes for each request of more, and bursts that are requested ahead: core NATS has no flow
/// control of its own.
inline constexpr std::size_t burst = 8192, bursts_ahead = 4;
inline constexpr std::size_t feed_bytes = 128;

}  // namespace kvco::bench
