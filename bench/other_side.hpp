// The other side of messages: replies to requests, and publishes for subscriptions. A process of its own, the same for all contestants.
#pragma once

#include <bench/contestant.hpp>

namespace kvco::bench {

/// One work, "serve": it is done when the subscriptions are established, and goes on until the process ends.
works other_side_works();

}  // namespace kvco::bench
