// A flag that one coroutine waits for: set() lets it go on, in a later turn of the reactor.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <kvco/detail/operation.hpp>

namespace kvco::net {

namespace asio = boost::asio;

class signal {
 public:
  explicit signal(asio::any_io_executor executor) : executor_(std::move(executor)) {}
  signal(const signal&) = delete;
  signal& operator=(const signal&) = delete;

  void set() {
    set_ = true;
    if (waiting_) resume({});
  }
  void reset() noexcept { set_ = false; }
  bool is_set() const noexcept { return set_; }
  /// Drops whoever waits, for the end of the reactor.
  void abandon() noexcept {
    if (!waiting_) return;
    if (auto slot = waiting_->slot(); slot.is_connected()) slot.clear();
    waiting_.reset();
  }

  /// Completes when it is set; the flag stays set. Cancellation: operation_aborted.
  template <class Token>
  auto wait(Token&& token) {
    return asio::async_initiate<Token, void(error_code)>(start{this}, token);
  }

 private:
  struct start {
    signal* self;
    using executor_type = asio::any_io_executor;
    executor_type get_executor() const noexcept { return self->executor_; }

    template <class Handler>
    void operator()(Handler&& function) const {
      using function_type = std::decay_t<Handler>;
      self->waiting_ = detail::handler_of<function_type>::make(function_type(std::forward<Handler>(function)),
                                                               self->executor_);
      if (self->set_) return self->resume({});
      auto slot = self->waiting_->slot();
      if (slot.is_connected()) {
        slot.assign([self = self](asio::cancellation_type type) {
          if (type != asio::cancellation_type::none && self->waiting_)
            self->resume(asio::error::operation_aborted);
        });
      }
    }
  };

  void resume(error_code code) {
    detail::handler_ptr<> waiting = std::move(waiting_);
    // Clearing the slot frees the lambda that may be running: nothing of it is touched from here on.
    if (auto slot = waiting->slot(); slot.is_connected()) slot.clear();
    asio::post(executor_,
               [waiting = std::move(waiting), code]() mutable { waiting.release()->complete(code); });
  }

  asio::any_io_executor executor_;
  detail::handler_ptr<> waiting_;
  bool set_ = false;
};

}  // namespace kvco::net
