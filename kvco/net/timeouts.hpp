// The deadline of an operation, from its timeout.
#pragma once

#include <algorithm>
#include <kvco/detail/refusal.hpp>
#include <kvco/net/session.hpp>

namespace kvco::net {

/// Throws net::failure with it, if there is one.
void refuse(detail::refusal why);

/// A negative timeout is refused.
detail::refusal check_timeout(duration timeout);
/// 0: the client's default.
inline duration timeout_or_default(const session& session, duration timeout) {
  return std::min(timeout.count() == 0 ? session.settings().timeout() : timeout, core::max_time);
}
/// Of an operation that begins now. A negative timeout is refused (net::failure); 0: the client's default.
core::time_point deadline_of(const session& session, duration timeout);

}  // namespace kvco::net
