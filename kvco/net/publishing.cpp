// publish() and request() of core NATS.
#include <kvco/net/publishing.hpp>

#include <boost/asio/error.hpp>
#include <kvco/core/message_rules.hpp>
#include <kvco/core/request.hpp>
#include <kvco/net/completion.hpp>
#include <kvco/net/memory.hpp>
#include <kvco/net/operation.hpp>
#include <kvco/net/session.hpp>
#include <kvco/net/timeouts.hpp>
#include <kvco/wire/headers.hpp>
#include <string>
#include <utility>

namespace kvco::net {
namespace {

detail::refusal check(std::string_view subject, const headers* fields, duration timeout) {
  if (auto refused = core::check_message(subject, fields)) return refused;
  return check_timeout(timeout);
}

/// The part that both have: one message, one completion.
template <class... Ts>
class message_operation : public detail::operation<Ts...>, public core::request {
 public:
  void start(detail::handler_ptr<Ts...> completion) noexcept final {
    completion_ = std::move(completion);
    slot_.connect(completion_, this);
    if (code_) return finish(code_, std::move(detail_));  // refused
    if (session_->closing()) return finish(client_error::closed, "the client was closed");
    const core::time_point now = session_->start_time(timeout_);
    submit(now + timeout_);
  }
  const asio::any_io_executor& executor() const noexcept final { return session_->executor(); }

  void cancel(asio::cancellation_type type) noexcept {
    const bool may_have_effects = is_write_ && state() == stage::in_flight;
    if (may_have_effects && without_total(type) == asio::cancellation_type::none) return;
    if (state() != stage::done) finish(asio::error::operation_aborted, std::string(cancelled_words(state())));
  }

 protected:
  message_operation(std::shared_ptr<session> owner, core::effect what, core::answer by, duration timeout,
                    diagnostics* to)
      : request(owner->requests(), what, by),
        session_(std::move(owner)),
        timeout_(timeout_or_default(*session_, timeout)),
        to_(to),
        is_write_(what == core::effect::write) {}

  void refuse(detail::refusal why) {
    code_ = why.code;
    detail_ = std::move(why.detail);
  }

  template <class... Values>
  void complete_with(Values&&... values) {
    slot_.clear();
    diagnostics known{.text = std::move(detail_), .attempts = attempts(), .sent = attempts() > 0};
    if (code_ || to_ != nullptr) {
      has_memory_for([&] { known.subject = attempts() > 0 ? frame_.subject() : std::string_view(); });
    }
    complete<Ts...>(std::move(completion_), code_, std::move(known), to_, std::forward<Values>(values)...);
  }

  std::shared_ptr<session> session_;

 private:
  duration timeout_;
  diagnostics* to_;
  detail::handler_ptr<Ts...> completion_;
  slot_link slot_;
  bool is_write_;
};

detail::refusal check(std::string_view subject, const publish_options& options) {
  if (auto refused = check(subject, options.headers, options.timeout)) return refused;
  return options.reply_to.empty() ? detail::refusal() : core::check_subject(options.reply_to);
}

core::frame encode(std::string_view subject, std::string_view payload, const publish_options& options) {
  const std::string header = core::encode_headers(options.headers);
  return core::frame({.subject_prefix = {},
                      .subject = subject,
                      .inbox_prefix = {},
                      .header = header,
                      .payload = payload,
                      .reply_to = options.reply_to});
}

class publish_operation final : public message_operation<>, private core::ping_waiter {
 public:
  /// @param options  its views have been read
  publish_operation(std::shared_ptr<session> owner, core::frame message, const publish_options& options)
      : message_operation(std::move(owner), core::effect::write,
                          options.confirm ? core::answer::confirmation : core::answer::none, options.timeout,
                          options.diag) {
    frame_ = std::move(message);
  }
  publish_operation(std::shared_ptr<session> owner, std::string_view subject, std::string_view payload,
                    const publish_options& options)
      : publish_operation(std::move(owner), {}, options) {
    if (auto refused = check(subject, options)) {
      refuse(std::move(refused));
    } else {
      frame_ = encode(subject, payload, options);
    }
  }

 private:
  void on_reply(const wire::event&) override {}
  void on_written() override { session_->send_ping(*this); }
  void on_pong(core::time_point) override {
    if (state() != stage::done) finish();  // it was not refused meanwhile
  }
  void run() override {
    const std::unique_ptr<publish_operation> self(this);
    session_->cancel_ping(*this);
    complete_with();
  }
  void abandon() noexcept override {
    session_->cancel_ping(*this);
    delete this;
  }
};

// Without an operation, as long as the message can be written at once.
asio::awaitable<void> publish_frame(std::shared_ptr<session> session, core::frame message, duration timeout) {
  if (session->publish(message)) co_return;
  publish_options options;
  options.timeout = timeout;
  detail::operation_ptr<> waits =
      std::make_unique<publish_operation>(std::move(session), std::move(message), options);
  co_await detail::initiate(std::move(waits), default_token());
}

asio::awaitable<void> start(detail::operation_ptr<> prepared) {
  co_await detail::initiate(std::move(prepared), default_token());
}

class request_operation final : public message_operation<message> {
 public:
  request_operation(std::shared_ptr<session> owner, std::string_view subject, std::string_view payload,
                    const message_request_options& options)
      : message_operation(std::move(owner),
                          options.retry == retry::idempotent ? core::effect::read : core::effect::write,
                          core::answer::message, options.timeout, options.diag) {
    if (auto refused = check(subject, options.headers, options.timeout)) {
      refuse(std::move(refused));
      return;
    }
    const std::string header = core::encode_headers(options.headers);
    frame_ = core::frame({.subject_prefix = {},
                          .subject = subject,
                          .inbox_prefix = session_->inbox().prefix(),
                          .header = header,
                          .payload = payload});
  }

 private:
  void on_reply(const wire::event& reply) override {
    if (reply.payload.empty() && wire::headers(reply.header).no_responders()) {
      return finish(client_error::no_responders, "nobody answers on this subject");
    }
    const bool kept =
        has_memory_for([&] { reply_ = message(reply.subject, reply.reply, reply.header, reply.payload); });
    kept ? finish() : finish_without_memory();
  }
  void run() override {
    const std::unique_ptr<request_operation> self(this);
    complete_with(std::move(reply_));
  }
  void abandon() noexcept override { delete this; }

  message reply_;
};

}  // namespace

detail::operation_ptr<> make_publish(std::shared_ptr<session> session, std::string_view subject,
                                     std::string_view payload, const publish_options& options) {
  return std::make_unique<publish_operation>(std::move(session), subject, payload, options);
}

asio::awaitable<void> publish(std::shared_ptr<session> session, std::string_view subject,
                              std::string_view payload, const publish_options& options) {
  if (!session) return start({});
  const bool is_plain = !options.confirm && options.diag == nullptr && !check(subject, options);
  if (!is_plain) return start(make_publish(std::move(session), subject, payload, options));
  return publish_frame(std::move(session), encode(subject, payload, options), options.timeout);
}

detail::operation_ptr<message> make_request(std::shared_ptr<session> session, std::string_view subject,
                                            std::string_view payload,
                                            const message_request_options& options) {
  return std::make_unique<request_operation>(std::move(session), subject, payload, options);
}

}  // namespace kvco::net
