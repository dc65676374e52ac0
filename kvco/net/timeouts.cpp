#include <kvco/net/timeouts.hpp>

#include <kvco/detail/concat.hpp>
#include <kvco/net/task.hpp>
#include <utility>

namespace kvco::net {

void refuse(detail::refusal why) {
  if (why) throw failure(why.code, std::move(why.detail));
}

detail::refusal check_timeout(duration timeout) {
  if (timeout.count() >= 0) return {};
  return {client_error::timeout_negative, detail::concat("timeout ", std::to_string(timeout.count()), " ns")};
}

core::time_point deadline_of(const session& session, duration timeout) {
  refuse(check_timeout(timeout));
  return session.now() + timeout_or_default(session, timeout);
}

}  // namespace kvco::net
