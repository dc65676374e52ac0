// A pending operation: the caller's handler, its cancellation slot, exactly one completion.
#pragma once

#include <kvco/core/request.hpp>
#include <kvco/detail/operation.hpp>
#include <kvco/detail/refusal.hpp>
#include <kvco/net/memory.hpp>
#include <kvco/net/observation.hpp>
#include <kvco/net/session.hpp>
#include <kvco/net/task.hpp>
#include <memory>
#include <utility>

namespace kvco::net {

/// The text of error_detail() for an operation that was cancelled in this state.
inline std::string_view cancelled_words(core::request::stage state) noexcept {
  return state == core::request::stage::in_flight ? "cancelled after it was sent"
                                                  : "cancelled before it was sent";
}

/// An operation that is one request and one reply. Derived classes encode in the constructor and decode in decode().
template <class T>
class reply_operation : public detail::operation<T>, public core::request {
 public:
  void start(detail::handler_ptr<T> completion) noexcept final {
    completion_ = std::move(completion);
    slot_.connect(completion_, this);
    if (session_->observer() != nullptr) [[unlikely]]
      observation_ = std::make_unique<observation>(observe_start());
    if (code_) return finish(code_, std::move(detail_));  // refused
    if (session_->closing()) return finish(client_error::closed, "the client was closed");
    begin();
    const core::time_point now = session_->start_time(timeout_);
    until_ = now + timeout_;
    submit_until_answered(now + first_timeout(), now);
  }
  const asio::any_io_executor& executor() const noexcept final { return session_->executor(); }

  void cancel(asio::cancellation_type type) noexcept {
    if (may_have_effects() && without_total(type) == asio::cancellation_type::none) return;
    cancelled_ = true;
    if (state() == stage::done) return;
    finish(asio::error::operation_aborted, std::string(cancelled_words(state())));
  }

 protected:
  /// @param to  where the caller wants to know more of the end; nullptr: nowhere
  reply_operation(session& carrier, core::effect what, duration timeout, diagnostics* to)
      : request(carrier.requests(), what), session_(&carrier), timeout_(timeout), to_(to) {}

  /// Reports the start to config::observe().
  virtual observation observe_start() const = 0;
  /// Called before it is sent.
  virtual void begin() {}
  /// Reads the reply into value_ and calls finish() or continue_in_steps().
  virtual void decode(const wire::event& reply) = 0;
  /// The maximum wait for the reply to the first request; the operation's own timeout if it cannot continue in steps.
  virtual duration first_timeout() const { return timeout_; }
  /// Called when the request has ended with this error. True: the operation continues in steps.
  virtual bool continues_after(const error_code&) { return false; }
  /// It has ended by its reply, and the user is notified next: records the revisions known from now on.
  virtual void remember() {}
  /// Called when it is cancelled. True: it may have changed something, so a cancellation of type `total` is ignored.
  virtual bool may_have_effects() const noexcept { return false; }
  /// The rare paths: an operation that needs more than one request continues as a coroutine, which records the requests that it
  /// sends in `done`.
  virtual asio::awaitable<T> run_in_steps(progress* done) = 0;

  void refuse(detail::refusal why) {
    code_ = why.code;
    detail_ = std::move(why.detail);
  }
  void continue_in_steps() {
    in_steps_ = true;
    finish();
  }

  session* session_;  // the derived class keeps it alive
  duration timeout_;
  diagnostics* to_;
  core::time_point until_{};
  T value_{};

 private:
  void on_reply(const wire::event& reply) final {
    if (!has_memory_for([&] { decode(reply); })) finish_without_memory();
    // Its turn comes soon.
    __builtin_prefetch(completion_.get());
    frame_.prefetch();
  }
  void run() final {
    const std::unique_ptr<reply_operation> self(this);
    slot_.clear();
    if (code_ && !cancelled_ && continues_after(code_)) in_steps_ = true;
    if (in_steps_ && !cancelled_) {
      const auto rest = [this](progress* done) {
        return observation_ ? observe(run_in_steps(done), std::move(*observation_)) : run_in_steps(done);
      };
      return spawn(session_->executor(), rest, std::move(completion_), to_, sent_to(), attempts());
    }
    if (in_steps_) {
      code_ = asio::error::operation_aborted;
      value_ = T();  // the state for continuing
    }
    if (!code_) remember();
    if (observation_) observation_->end(code_, code_ ? 0 : bytes_of(value_));
    if (!code_ && to_ == nullptr) [[likely]]
      return completion_.release()->complete({}, nullptr, std::move(value_));
    diagnostics known{.text = std::move(detail_), .attempts = attempts(), .sent = attempts() > 0};
    has_memory_for([&] { known.subject = sent_to(); });
    complete<T>(std::move(completion_), code_, std::move(known), to_, std::move(value_));
  }
  std::string_view sent_to() const noexcept { return attempts() > 0 ? frame_.subject() : std::string_view(); }
  void prefetch() const noexcept final { completion_->prefetch(); }
  void abandon() noexcept final { delete this; }

  detail::handler_ptr<T> completion_;
  slot_link slot_;
  std::unique_ptr<observation> observation_;  // nullptr: it has no observer
  bool in_steps_ = false, cancelled_ = false;
};

}  // namespace kvco::net
