// How a request talks to its queue.
#include <kvco/core/request.hpp>

#include <algorithm>
#include <cerrno>
#include <kvco/core/request_queue.hpp>
#include <utility>

namespace kvco::core {

void request::submit(time_point deadline) {
  give_up_at_ = deadline;
  queue_.submit(*this, deadline);
}
void request::submit_until_answered(time_point deadline, time_point now, duration patience) {
  give_up_at_ = deadline;
  if (effect_ == effect::read) deadline = std::min(deadline, now + patience);
  queue_.submit(*this, deadline);
}
void request::withdraw() noexcept { queue_.withdraw(*this); }
void request::finish() { queue_.finish(*this); }
void request::finish(error_code code, std::string detail) { queue_.finish(*this, code, std::move(detail)); }
void request::finish_without_memory() noexcept {
  const bool may_be_stored = effect_ != effect::read;
  finish(may_be_stored ? error_code(client_error::outcome_unknown)
                       : error_code(ENOMEM, boost::system::system_category()),
         "no memory for the reply");
}
void request::on_deadline(time_point now) {
  if (now < give_up_at_) return queue_.on_silence(*this, now);
  if (on_expiry()) return;
  queue_.expire(*this);
}

}  // namespace kvco::core
