// The path of a request: waiting, in flight, done.
#include <kvco/core/request_queue.hpp>

#include <algorithm>
#include <kvco/detail/concat.hpp>
#include <utility>

namespace kvco::core {
namespace {

// The interval at which an overdue read is checked, and sent again.
constexpr auto next_patience = std::chrono::seconds(2);
// The maximum number of messages without an answer between two PINGs: the log holds them, as an -ERR may be about one of them.
constexpr std::size_t messages_per_fence = 4096;
// Messages without an answer wait as long as at least these bytes wait for the socket: more would leave the processor's cache before the
// kernel copies them.
constexpr std::size_t max_unsent_messages = 256 * 1024;
// The maximum number of them that the server is not known to have read; at a round trip of 100 ms still 650 000 a second. A socket
// that accepts all that is written gives no other limit, and a loop that never waits would not read the PONGs.
constexpr std::size_t max_unread_messages = 64 * 1024;

}  // namespace

request_queue::request_queue(request_host& host, const entrance& guard, dispatcher& subscriptions,
                             request_queue_settings settings)
    : host_(host),
      entrance_(guard),
      subscriptions_(subscriptions),
      inbox_(std::move(settings.inbox_prefix), settings.first_name),
      write_buffer_(settings.write_buffer),
      wait_for_connection_(settings.wait_for_connection) {}

detail::refusal request_queue::check_size(std::size_t message_size) const {
  if (message_size <= max_payload_) return {};
  return {client_error::value_over_max_payload,
          detail::concat(std::to_string(message_size), " bytes with headers, the server takes ",
                         std::to_string(max_payload_))};
}

void request_queue::submit(request& what, time_point deadline) noexcept {
  const entrance::visit inside(entrance_);
  if (closed_) return finish(what, client_error::closed, "the client was closed");
  if (auto refused = check_size(what.frame_.message_size())) {
    return finish(what, refused.code, std::move(refused.detail));
  }
  if (inbox_refused_) {
    renew_inbox();
    return finish(what, inbox_refused_,
                  detail::concat("no subscription to ", inbox_.subject(), ": ", inbox_words_));
  }
  host_.set_deadline(what, deadline);
  if (waiting_.empty() && may_send(what.answer_)) return send(what);
  if (!ready() && !may_wait(what)) {
    return finish(what, client_error::connection_lost,
                  "there is no connection to the server, and none is waited for");
  }
  what.stage_ = request::stage::waiting;
  waiting_.push_back(what);
  if (ready() && !line_->leaving && is_full() && !std::exchange(full_reported_, true)) host_.on_full();
}

bool request_queue::may_wait(const request& what) const noexcept {
  return wait_for_connection_ && what.effect_ != effect::step;
}

bool request_queue::may_send() const noexcept {
  return ready() && !line_->leaving && !is_full() && line_->log.unread() < max_unread_messages;
}

bool request_queue::may_send(answer by) const noexcept {
  return may_send() && (by != answer::none || line_->out.pending_bytes() < max_unsent_messages);
}

bool request_queue::is_full() const noexcept { return line_->out.pending_bytes() >= write_buffer_; }

void request_queue::send(request& what) {
  what.stage_ = request::stage::in_flight;
  if (what.answer_ == answer::none) [[unlikely]] {
    ++what.attempts_;
    write_unanswered(what.frame_);
    return finish(what);
  }
  const inbox::token token = inbox_.add(what);
  if (what.answer_ == answer::message) what.frame_.set_token(token);
  append(what);
  if (what.answer_ == answer::confirmation) [[unlikely]]
    what.on_written();
}

void request_queue::append(request& what) {
  line_->log.add(what, line_->out.end());
  what.overdue_ = false;
  ++what.attempts_;
  write(what.frame_);
}

bool request_queue::publish(const frame& what) noexcept {
  const entrance::visit inside(entrance_);
  if (closed_ || !waiting_.empty() || !may_send(answer::none) || what.message_size() > max_payload_)
    return false;
  write_unanswered(what);
  return true;
}

// The log needs it, so that an -ERR about this message is not attributed to a request.
void request_queue::write_unanswered(const frame& what) {
  line_->log.add_note(what.subject(), 0, line_->out.end());
  write(what);
  if (++unfenced_ < messages_per_fence) return;
  unfenced_ = 0;
  fence();
}

void request_queue::write(const frame& what) {
  outbox& out = line_->out;
  const std::string_view bytes = what.view();
  const bool small = bytes.size() < outbox::large;
  small ? out.append(bytes) : out.append(what.bytes());
  // A PING after each large message identifies the one that the server rejects as too large.
  if (!small || fences_ > 0) [[unlikely]] {
    fences_ -= fences_ > 0;
    fence();
  }
  host_.has_output();
}

void request_queue::send_waiting() {
  while (!waiting_.empty() && may_send(waiting_.front().answer_)) {
    request& next = waiting_.front();
    if (next.frame_.message_size() > max_payload_) {
      finish(next, client_error::value_over_max_payload, "the server that is connected now takes less");
    } else {
      waiting_.pop_front();
      send(next);
    }
  }
  if (waiting_.empty()) full_reported_ = false;
}

void request_queue::withdraw(request& what) noexcept {
  entrance_.check();
  host_.clear_deadline(what);
  inbox_.remove(what);
  if (what.stage_ == request::stage::waiting) {
    waiting_.erase(waiting_.iterator_to(what));
  } else if (reading_reply_ || !ready() || ended_) {
    written_log::remove(what);
  } else if (line_->log.leave(what)) {
    fence();
  }
  what.stage_ = request::stage::done;
}

void request_queue::finish(request& what) noexcept {
  withdraw(what);
  host_.ready(what);
}

void request_queue::finish(request& what, error_code code, std::string detail) noexcept {
  what.code_ = code;
  if (code) what.detail_ = std::move(detail);
  finish(what);
}

void request_queue::expire(request& what) noexcept {
  const bool sent = what.stage_ == request::stage::in_flight;
  if (what.effect_ != effect::read && sent) {
    return finish(what, client_error::outcome_unknown, "sent, and not answered until the deadline");
  }
  if (sent)
    return finish(what, client_error::timeout, detail::concat("no answer from ", what.frame_.subject()));
  finish(what, client_error::timeout, why_not_sent());
}

std::string request_queue::why_not_sent() const {
  if (ready() && line_->leaving) return "not sent: the client leaves this server for another one";
  if (ready()) return "not sent: the server has not read the messages before it";
  const std::string& why = host_.why_disconnected();
  return detail::concat("not sent: there was no connection to the server", why.empty() ? "" : ": ", why);
}

// A read has no answer yet. Requests and replies get lost inside a cluster, above all while leaders change, but a slow answer is
// not a lost one. So a PING checks that the server is alive and has read the request; if its PONG overtakes the reply, the
// request is sent again with the same reply subject: the first answer counts.
void request_queue::on_silence(request& what, time_point now) noexcept {
  const time_point flows_until = what.last_reply() + first_patience;
  host_.set_deadline(what, std::min(what.give_up_at_, flows_until > now ? flows_until : now + next_patience));
  if (what.stage_ != request::stage::in_flight || flows_until > now) return;
  what.overdue_ = true;
  if (!ready() || std::exchange(probe_.sent, true)) return;
  probe_begin_ = line_->out.end();
  send_ping(probe_);
}

void request_queue::on_probe_answered() {
  if (!may_send()) return;
  inbox_.for_each([&](waiter& open) {
    auto& pending = static_cast<request&>(open);
    if (!pending.overdue_ || pending.position() > probe_begin_) return;
    ++repeated_reads_;
    if (pending.on_lost()) append(pending);
  });
}

void request_queue::send_ping(question& what) {
  line_->link.ping(what, host_.now());
  host_.has_output();
}

void request_queue::fence() {
  line_->fence(host_.now());
  host_.has_output();
}

void request_queue::subscribe() {
  inbox_sid_ = subscriptions_.add(*this, inbox_.subject());
  line_->subscribe(inbox_.subject(), {}, inbox_sid_, host_.now());
  host_.has_output();
}

// The permission may have been restored meanwhile, which the server does not report: subscribes again. A refusal arrives before
// the PONG, and cancels the PING.
void request_queue::renew_inbox() {
  if (!ready() || std::exchange(inbox_question_.sent, true)) return;
  subscriptions_.remove(inbox_sid_);
  line_->unsubscribe(inbox_sid_);
  subscribe();
  send_ping(inbox_question_);
}

void request_queue::on_message(const wire::event& message) {
  reading_reply_ = true;
  inbox_.deliver(message);
  reading_reply_ = false;
}

// The subscription for replies was refused. Requests in flight may have been carried out.
void request_queue::on_refused(const error_code& code, const std::string& words) {
  inbox_refused_ = code;
  inbox_words_ = words;
  if (std::exchange(inbox_question_.sent, false)) line_->link.forget(inbox_question_);
  inbox_.for_each([&](waiter& open) {
    auto& pending = static_cast<request&>(open);
    if (pending.effect_ != effect::write) {
      finish(pending, code, words);
    } else {
      finish(pending, client_error::outcome_unknown, "sent, and then: " + words);
    }
  });
}

void request_queue::on_connected(line& to) {
  line_ = &to;
  inbox_refused_ = {};
  subscribe();
}

}  // namespace kvco::core
