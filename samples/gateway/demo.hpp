// Data for a first look: the stock of a shop.
#pragma once

#include "hub.hpp"

namespace gateway {

/// Makes the bucket INVENTORY unless it is there, and sells and delivers goods until the client ends.
asio::awaitable<void> run_demo(hub& to);

}  // namespace gateway
