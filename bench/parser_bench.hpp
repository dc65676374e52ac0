// Socket bytes -> events, without a socket: what the parser alone costs.
#pragma once

#include <iosfwd>

namespace kvco::bench {

/// Prints events/s, MB/s and allocations per event for streams of MSG and HMSG of several sizes,
/// and whether the events stay the same when the bytes are cut otherwise. Takes about five seconds.
void bench_parser(std::ostream& out);

}  // namespace kvco::bench
