// An operation with an observer.
#include <kvco/net/observation.hpp>

#include <kvco/net/user_call.hpp>

namespace kvco::net {

observation::observation(std::shared_ptr<session> owner, const operation_start& start, std::size_t bytes_sent)
    : session_(std::move(owner)),
      observer_(session_->settings().observe().operations()),
      kind_(start.kind),
      bucket_(start.bucket),
      key_(start.key),
      bytes_sent_(bytes_sent),
      begun_(session_->now()) {
  call_user(session_->executor(), [&] { tag_ = observer_->on_start(start); });
}

void observation::end(const error_code& code, std::size_t bytes_received) {
  operation_end report;
  report.kind = kind_;
  report.bucket = bucket_;
  report.key = key_;
  report.code = code;
  report.elapsed = session_->now() - begun_;
  report.bytes_sent = bytes_sent_;
  report.bytes_received = bytes_received;
  report.tag = tag_;
  call_user(session_->executor(), [&] { observer_->on_end(report); });
}

}  // namespace kvco::net
