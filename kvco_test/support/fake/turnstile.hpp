// Where a coroutine of the scripted world waits: no timer and no socket behind it, but the same end as theirs.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/post.hpp>
#include <kvco_test/support/judges/alloc_counter.hpp>
#include <map>
#include <memory>
#include <utility>

namespace kvco::test {

namespace asio = boost::asio;

/// Owns what waits, as Asio's own services do: the end of the io_context destroys it.
class waiting_room final : public asio::execution_context::service {
 public:
  using key_type = waiting_room;
  static asio::execution_context::id id;

  struct guest {
    virtual ~guest() = default;
    virtual void leave() = 0;
  };

  explicit waiting_room(asio::execution_context& context) : service(context) {}
  std::uint64_t enter(std::unique_ptr<guest> who) {
    guests_.emplace(++last_, std::move(who));
    return last_;
  }
  std::unique_ptr<guest> take(std::uint64_t number) {
    auto found = guests_.extract(number);
    return found ? std::move(found.mapped()) : nullptr;
  }

 private:
  void shutdown() override {
    // What is destroyed may own what waits elsewhere in here.
    while (!guests_.empty()) guests_.extract(guests_.begin());
  }

  std::map<std::uint64_t, std::unique_ptr<guest>> guests_;
  std::uint64_t last_ = 0;
};

/// The rest of a coroutine of the scripted world, in a later turn.
inline auto later(asio::any_io_executor executor) {
  auto start = [executor = std::move(executor)](auto handler) {
    const own_allocations mine;
    asio::post(executor, std::move(handler));
  };
  asio::deferred_t token;
  return asio::async_initiate<asio::deferred_t, void()>(std::move(start), token);
}

/// One coroutine waits, open() lets it go on in a later turn. Opening it when nobody waits does nothing.
class turnstile {
 public:
  explicit turnstile(asio::any_io_executor executor)
      : executor_(std::move(executor)),
        room_(&asio::use_service<waiting_room>(asio::query(executor_, asio::execution::context))) {}

  template <class Token>
  auto wait(Token&& token) {
    return asio::async_initiate<Token, void()>(start{this}, token);
  }
  void open() {
    if (guest_ == 0) return;
    const own_allocations mine;
    if (auto who = room_->take(std::exchange(guest_, 0))) who->leave();
  }
  bool is_waiting() const noexcept { return guest_ != 0; }

 private:
  template <class Handler>
  struct waiting final : waiting_room::guest {
    waiting(Handler&& waits, asio::any_io_executor on) : handler(std::move(waits)), executor(std::move(on)) {}
    void leave() override { asio::post(executor, std::move(handler)); }
    Handler handler;
    asio::any_io_executor executor;
  };
  struct start {
    turnstile* self;
    template <class Handler>
    void operator()(Handler&& handler) const {
      using type = std::decay_t<Handler>;
      const own_allocations mine;
      self->guest_ = self->room_->enter(
          std::make_unique<waiting<type>>(type(std::forward<Handler>(handler)), self->executor_));
    }
  };

  asio::any_io_executor executor_;
  waiting_room* room_;
  std::uint64_t guest_ = 0;
};

}  // namespace kvco::test
