// Takes from a generator - the entries of a watch, the messages of a subscription - or waits until there is something.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/error.hpp>
#include <kvco/detail/operation.hpp>
#include <kvco/detail/refusal.hpp>
#include <kvco/net/as_tuple_deferred.hpp>
#include <kvco/net/completion.hpp>
#include <kvco/net/memory.hpp>
#include <kvco/net/session.hpp>
#include <memory>
#include <string>
#include <tuple>
#include <utility>

namespace kvco::net {

class taker {
 public:
  /// There is something to take, or an end to report.
  virtual void on_available() = 0;
  virtual void drop() noexcept = 0;

 protected:
  ~taker() = default;
};

/// The place at a generator for the one operation that waits.
class takeable {
 public:
  bool is_waiting() const noexcept { return taker_ != nullptr; }
  void wait(taker& who) noexcept { taker_ = &who; }
  void forget(const taker& who) noexcept {
    if (taker_ == &who) taker_ = nullptr;
  }

 protected:
  ~takeable() = default;
  void inform_taker() {
    if (taker_ != nullptr) taker_->on_available();
  }
  void drop_taker() noexcept {
    if (taker_ != nullptr) std::exchange(taker_, nullptr)->drop();
  }

 private:
  taker* taker_ = nullptr;
};

/// False: the handle is empty, and its operations complete with errc::closed.
template <class Source>
bool is_usable(const std::shared_ptr<Source>& source) {
  if (source) source->owner()->entrance().check();
  return source != nullptr;
}

/// The error of a result as a value.
template <class Value>
using ended_with = std::tuple<error_code, Value>;

/// An operation that takes as `How` does:
///   value                           the result, empty at the end
///   check()                         refused before it waits
///   available(source)               from() returns at once
///   from(source)                    takes it; where there is no memory for it, it stays
///   is_end(source)                  nothing was taken because the source has ended: its code() is the operation's
template <class Source, class How>
class take_operation final : public detail::operation<typename How::value>,
                             public taker,
                             public core::ready_task {
  using value_type = typename How::value;

 public:
  take_operation(std::shared_ptr<Source> source, How how)
      : source_(std::move(source)), how_(how), executor_(source_->owner()->executor()) {}

  void start(detail::handler_ptr<value_type> completion) noexcept override {
    completion_ = std::move(completion);
    if (auto refused = how_.check()) return end(refused.code, std::move(refused.detail));
    if (source_->is_waiting()) return end(client_error::already_waiting, "next() while another one waits");
    slot_.connect(completion_, this);
    source_->wait(*this);
    on_available();
  }
  const asio::any_io_executor& executor() const noexcept override { return executor_; }

  void cancel() noexcept {
    if (!code_) end(asio::error::operation_aborted, {});
  }

 private:
  void on_available() override {
    if (how_.available(*source_)) make_ready();
  }
  void make_ready() {
    if (std::exchange(queued_, true)) return;
    source_->owner()->ready(*this);
  }
  void end(error_code code, std::string detail) {
    code_ = code;
    detail_ = std::move(detail);
    source_->forget(*this);
    make_ready();
  }
  // The value is taken when the user gets it: a cancelled or destroyed operation loses none.
  void run() override {
    const std::unique_ptr<take_operation> self(this);
    slot_.clear();
    source_->forget(*this);
    value_type value;
    if (!code_ && !how_.available(*source_)) return wait_again();
    if (!code_ && !has_memory_for([&] { value = how_.from(*source_); })) code_ = no_memory;
    if (!code_ && !value && how_.is_end(*source_)) {
      code_ = source_->code();
      detail_ = source_->detail();
    }
    if (!code_) return completion_.release()->complete({}, nullptr, std::move(value));
    diagnostics known{.text = std::move(detail_)};
    complete<value_type>(std::move(completion_), code_, std::move(known), nullptr, std::move(value));
  }
  // It was taken by the fast way of another call in between.
  void wait_again() {
    auto again = std::make_unique<take_operation>(source_, how_);
    again.release()->start(std::move(completion_));
  }
  void drop() noexcept override { queued_ ? source_->forget(*this) : abandon(); }
  void abandon() noexcept override {
    source_->forget(*this);
    delete this;
  }

  std::shared_ptr<Source> source_;
  How how_;
  asio::any_io_executor executor_;
  detail::handler_ptr<value_type> completion_;
  slot_link slot_;
  error_code code_;
  std::string detail_;
  bool queued_ = false;
};

template <class Source, class How>
detail::operation_ptr<typename How::value> prepare_take(const std::shared_ptr<Source>& source, How how) {
  if (!is_usable(source)) return {};
  return std::make_unique<take_operation<Source, How>>(source, how);
}

// Elements already received are taken without a turn of the reactor: a tenth of the cost where they come in bulk.
template <class Source, class How>
bool is_there(const std::shared_ptr<Source>& source, const How& how) {
  return is_usable(source) && !source->is_waiting() && source->queued() > 0 && how.available(*source) &&
         !how.check();
}

template <class Source, class How>
asio::awaitable<typename How::value> take_or_wait(std::shared_ptr<Source> source, How how) {
  if (is_there(source, how)) co_return how.from(*source);
  auto waiting = prepare_take(source, how);
  source.reset();
  co_return co_await detail::initiate(std::move(waiting), default_token());
}

template <class Source, class How>
asio::awaitable<ended_with<typename How::value>> take_or_wait_as_tuple(std::shared_ptr<Source> source,
                                                                       How how) {
  if (is_there(source, how)) {
    ended_with<typename How::value> now;
    auto& [code, value] = now;
    if (!has_memory_for([&] { value = how.from(*source); })) code = no_memory;
    co_return now;
  }
  auto waiting = prepare_take(source, how);
  source.reset();
  co_return co_await detail::initiate(std::move(waiting), as_tuple_deferred);
}

}  // namespace kvco::net
