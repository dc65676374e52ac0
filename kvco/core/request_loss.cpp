// The end of requests with their connection, and with the client.
#include <kvco/core/request_queue.hpp>

#include <algorithm>
#include <utility>
#include <vector>

namespace kvco::core {

void request_queue::on_lost(const error_line* end, const std::string& detail) {
  if (line_ == nullptr) return;
  if (end != nullptr && !ended_) find_cause_of_end(*end, detail);
  const bool by_input = end != nullptr && end->what == error_line::about::input;
  const std::uint64_t handed_over = line_->out.handed_over();
  const std::uint64_t undone_from = by_input ? line_->log.undone_from(handed_over) : handed_over;
  line_->log.clear();
  line_ = nullptr;
  subscriptions_.remove(std::exchange(inbox_sid_, 0));
  probe_.sent = inbox_question_.sent = false;
  if (!ended_) wait_again(undone_from);
}

void request_queue::wait_again(std::uint64_t undone_from) {
  std::vector<request*> again;
  inbox_.for_each([&](waiter& open) {
    auto& pending = static_cast<request&>(open);
    if (pending.effect_ != effect::read && pending.position() < undone_from) {
      return finish(pending, client_error::outcome_unknown, "sent, then the connection was lost");
    }
    inbox_.remove(pending);
    again.push_back(&pending);
  });
  std::sort(again.begin(), again.end(),
            [](const request* a, const request* b) { return a->position() > b->position(); });
  for (request* pending : again) {
    pending->stage_ = request::stage::waiting;
    waiting_.push_front(*pending);
  }
  for (auto next = waiting_.begin(); next != waiting_.end();) {
    request& open = *next++;
    if (may_wait(open)) continue;
    finish(open, client_error::connection_lost, "the connection was lost, and none is waited for");
  }
}

void request_queue::end(error_code code) noexcept {
  closed_ = ended_ = true;
  inbox_.for_each([&](waiter& open) { finish(static_cast<request&>(open), code, {}); });
  while (!waiting_.empty()) finish(waiting_.front(), code, {});
}

void request_queue::abandon() noexcept {
  closed_ = ended_ = true;
  const auto drop = [&](request& open) {
    withdraw(open);
    open.abandon();
  };
  inbox_.for_each([&](waiter& open) { drop(static_cast<request&>(open)); });
  while (!waiting_.empty()) drop(waiting_.front());
  line_ = nullptr;  // requests destroyed with their coroutines may outlive it
}

}  // namespace kvco::core
