// A flag that coroutines wait for: set() lets them go on, in a later turn of the reactor.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/intrusive/list.hpp>
#include <kvco/net/completion.hpp>
#include <memory>
#include <utility>

namespace kvco::net {

namespace asio = boost::asio;

class signal {
 public:
  explicit signal(asio::any_io_executor executor) : executor_(std::move(executor)) {}
  signal(const signal&) = delete;
  signal& operator=(const signal&) = delete;
  ~signal() { abandon(); }

  void set() noexcept {
    set_ = true;
    while (!waiting_.empty()) resume(waiting_.front(), {});
  }
  void reset() noexcept { set_ = false; }
  bool is_set() const noexcept { return set_; }
  /// Drops who waits, for the end of the reactor, which a strand must not outlive.
  void abandon() noexcept {
    executor_ = {};
    // A dropped waiter may be the coroutine that owns this signal.
    list dropped;
    dropped.swap(waiting_);
    while (!dropped.empty()) delete &dropped.front();
  }

  /// Completes when it is set; the flag stays set. Cancellation: operation_aborted.
  template <class Token>
  auto wait(Token&& token) {
    return asio::async_initiate<Token, void(error_code)>(start{this}, token);
  }

 private:
  struct guest
      : boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
    guest(signal& waits_for, detail::handler_ptr<> handler)
        : owner(waits_for), completion(std::move(handler)) {}
    void cancel() noexcept { owner.resume(*this, asio::error::operation_aborted); }
    static void* operator new(std::size_t size) { return detail::operation_memory::allocate(size); }
    static void operator delete(void* block, std::size_t size) noexcept {
      detail::operation_memory::free(block, size);
    }

    signal& owner;
    detail::handler_ptr<> completion;
    slot_link slot;
  };
  using list = boost::intrusive::list<guest, boost::intrusive::constant_time_size<false>>;

  struct start {
    signal* self;
    using executor_type = asio::any_io_executor;
    executor_type get_executor() const noexcept { return self->executor_; }

    template <class Handler>
    void operator()(Handler&& function) const noexcept {
      using function_type = std::decay_t<Handler>;
      auto made = std::make_unique<guest>(
          *self, detail::handler_of<function_type>::make(function_type(std::forward<Handler>(function)),
                                                         self->executor_));
      made->slot.connect(made->completion, made.get());
      self->waiting_.push_back(*made);
      guest& waits = *made.release();
      if (self->set_) self->resume(waits, {});
    }
  };

  void resume(guest& waits, error_code code) noexcept {
    const std::unique_ptr<guest> gone(&waits);
    waits.slot.clear();
    asio::post(executor_, [completion = std::move(waits.completion), code]() mutable {
      completion.release()->complete(code, nullptr);
    });
  }

  asio::any_io_executor executor_;
  list waiting_;
  bool set_ = false;
};

}  // namespace kvco::net
