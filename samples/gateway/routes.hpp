// From a request to its handler.
#pragma once

#include "handlers.hpp"

namespace gateway {

/// The response to any request. Failures are problems; an exception would be a defect.
asio::awaitable<response> answer(handlers& to, const access& rules, request from);

}  // namespace gateway
