// The state of a subscription, see the header.
#include <kvco/net/inbound.hpp>

#include <boost/asio/error.hpp>
#include <kvco/core/message_rules.hpp>
#include <kvco/net/completion.hpp>
#include <kvco/net/memory.hpp>
#include <kvco/net/session.hpp>
#include <utility>

namespace kvco::net {
namespace {

detail::refusal check(const subscribe_options& options, std::string_view subject) {
  if (auto refused = core::check_subscription(subject)) return refused;
  if (auto refused = core::check_queue_group(options.queue)) return refused;
  if (options.max_pending == 0) return {client_error::setting_out_of_range, "max_pending 0"};
  if (options.max_pending_bytes == 0) return {client_error::setting_out_of_range, "max_pending_bytes 0"};
  return {};
}

struct take_message {
  using value = std::optional<message>;
  detail::refusal check() const { return {}; }
  bool available(const inbound& from) const { return from.available(); }
  value from(inbound& source) const { return source.take(); }
  bool is_end(const inbound&) const { return true; }
};

}  // namespace

inbound::inbound(std::shared_ptr<session> owner, std::string subject, const subscribe_options& options)
    : session_(std::move(owner)),
      subject_(std::move(subject)),
      queue_group_(options.queue),
      max_pending_(options.max_pending),
      max_pending_bytes_(options.max_pending_bytes),
      max_messages_(options.max_messages),
      to_(options.diag),
      when_full_(options.when_full) {}

inbound::~inbound() {
  drop_taker();
  if (!session_->abandoned()) end({}, {});
  session_->remove(*this);
}

void inbound::begin(detail::refusal refused) noexcept {
  if (!refused && session_->closing()) refused = {client_error::closed, "the client was closed"};
  if (refused) return end(refused.code, refused.detail);
  session_->add(*this);
  if (session_->ready()) on_connected();
}

std::optional<message> inbound::take() {
  if (queue_.empty()) return std::nullopt;
  queued_bytes_ -= queue_.front().bytes;
  std::optional<message> next(std::move(queue_.front().what));
  queue_.pop_front();
  if (queue_.size() <= max_pending_ / 2 && queued_bytes_ <= max_pending_bytes_ / 2) is_full_ = false;
  return next;
}

void inbound::stop(const error_code& code) noexcept {
  to_ = nullptr;
  queue_.clear();
  queued_bytes_ = 0;
  end(code, {});
}

// Messages that the server has sent before it reads UNSUB arrive before the PONG.
void inbound::drain() {
  if (ended_ || std::exchange(draining_, true)) return;
  if (sid_ == 0 || !session_->ready()) return end({}, {});
  session_->limit(sid_, 0);
  session_->send_ping(*this);
}

void inbound::on_pong(core::time_point) { end({}, {}); }

void inbound::on_connected() {
  if (ended_) return;
  sid_ = session_->subscribe(*this, subject_, queue_group_);
  if (max_messages_ != 0) session_->limit(sid_, max_messages_ - received_);
  on_subscribed();
}

void inbound::on_lost(const std::string&) {
  if (sid_ != 0) session_->unsubscribe(std::exchange(sid_, 0));
  if (draining_) end({}, {});
}

void inbound::on_refused(const error_code& code, const std::string& words) { end(code, words); }

void inbound::on_message(const wire::event& incoming) {
  if (ended_ || !accepts(incoming)) return;
  ++received_;
  const std::size_t bytes = incoming.subject.size() + incoming.header.size() + incoming.payload.size();
  if (queue_.size() >= max_pending_ || queued_bytes_ + bytes > max_pending_bytes_) {
    on_full();
  } else if (!has_memory_for([&] {
               queue_.push_back(
                   {message(incoming.subject, incoming.reply, incoming.header, incoming.payload), bytes});
             })) {
    return end(no_memory, "no memory for a message");
  } else {
    queued_bytes_ += bytes;
    on_queued();
  }
  if (max_messages_ != 0 && received_ >= max_messages_) end({}, {});
  inform_taker();
}

void inbound::on_full() {
  ++dropped_;
  if (when_full_ == when_full::end) return end(client_error::slow_consumer, "subject " + subject_);
  if (!std::exchange(is_full_, true)) session_->journal().on_slow_consumer(subject_);
}

void inbound::end(error_code code, const std::string& words) noexcept {
  if (std::exchange(ended_, true)) return;
  code_ = code;
  detail_ = words;
  if (to_ != nullptr && code_) *to_ = {.text = detail_};
  if (sid_ != 0) session_->unsubscribe(std::exchange(sid_, 0));
  session_->cancel_ping(*this);
  inform_taker();
}

void inbound::abandon() noexcept {
  ended_ = true;
  queue_.clear();
  drop_taker();
}

asio::awaitable<std::optional<message>> next(std::shared_ptr<inbound> from) {
  return take_or_wait(std::move(from), take_message());
}
detail::operation_ptr<std::optional<message>> prepare_next(const std::shared_ptr<inbound>& from) {
  return prepare_take(from, take_message());
}

std::shared_ptr<inbound> subscribe(std::shared_ptr<session> session, std::string_view subject,
                                   const subscribe_options& options) {
  auto made = std::make_shared<inbound>(std::move(session), std::string(subject), options);
  made->begin(check(options, subject));
  return made;
}

}  // namespace kvco::net
