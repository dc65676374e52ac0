// Operations of more than one step: a coroutine inside, an ordinary asynchronous operation outside.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>
#include <concepts>
#include <exception>
#include <kvco/net/completion.hpp>
#include <kvco/net/effects.hpp>
#include <memory>
#include <string>
#include <utility>

namespace kvco::net {

/// How the coroutine of a task ends with an error.
class failure : public boost::system::system_error {
 public:
  explicit failure(error_code code, std::string words = {}) : system_error(code), words_(std::move(words)) {}
  const std::string& words() const noexcept { return words_; }
  std::string take_words() noexcept { return std::move(words_); }

 private:
  std::string words_;
};

/// Takes the code and words of what a coroutine has thrown; anything but a system_error and bad_alloc goes on to the reactor.
std::pair<error_code, std::string> explain(const std::exception_ptr& thrown);

// Asio may keep it longer than the coroutine, and the other way round: both own what it looks at.
struct task_filter {
  std::shared_ptr<const effects> done;  // nullptr: the task only reads
  asio::cancellation_type operator()(asio::cancellation_type type) const noexcept {
    return done != nullptr && done->possible() ? without_total(type) : type;
  }
};

template <class T, class Work>
asio::awaitable<T> all_cancellations(Work work, std::shared_ptr<const effects> done) {
  // By default co_spawn lets only terminal cancellation through. (It has a name: g++ 12 destroys owning temporaries twice here.)
  auto let_through = asio::this_coro::reset_cancellation_state(task_filter{done});
  co_await std::move(let_through);
  co_return co_await std::move(work);
}

template <class T>
struct task_end {
  detail::handler_ptr<T> completion;
  void operator()(std::exception_ptr thrown, T value) {
    auto [code, words] = explain(thrown);
    complete<T>(std::move(completion), code, std::move(words), code ? T() : std::move(value));
  }
};

template <>
struct task_end<void> {
  detail::handler_ptr<> completion;
  void operator()(std::exception_ptr thrown) {
    auto [code, words] = explain(thrown);
    complete<>(std::move(completion), code, std::move(words));
  }
};

/// A function that makes a coroutine which may change something, and notes when it does.
template <class Make>
concept makes_changes = std::invocable<Make&, effects*>;

/// Runs the coroutine that `make` returns to the end, and gives what it returns or throws to the handler.
template <class Make, class Completion>
void spawn(const asio::any_io_executor& executor, Make&& make, Completion completion) noexcept {
  std::shared_ptr<effects> done;
  auto work = [&] {
    if constexpr (makes_changes<Make>) {
      done = std::make_shared<effects>();
      return make(done.get());
    } else {
      return make();
    }
  }();
  using T = typename decltype(work)::value_type;
  auto slot = completion->slot();
  asio::co_spawn(executor, all_cancellations<T>(std::move(work), std::move(done)),
                 asio::bind_cancellation_slot(slot, task_end<T>{std::move(completion)}));
}

/// An operation whose coroutine is made when it starts: `make` is called with no arguments, or with an effects* that lives as long
/// as the coroutine, and returns awaitable<T>.
template <class Make, class... Ts>
class task_operation final : public detail::operation<Ts...> {
 public:
  task_operation(asio::any_io_executor executor, Make make)
      : executor_(std::move(executor)), make_(std::move(make)) {}

  void start(detail::handler_ptr<Ts...> completion) noexcept override {
    // The coroutine begins in a later turn: an initiating function never runs into its own completion.
    completion_ = std::move(completion);
    slot_.connect(completion_, this);
    asio::post(executor_, [self = std::unique_ptr<task_operation>(this)] { self->begin(); });
  }
  const asio::any_io_executor& executor() const noexcept override { return executor_; }
  void cancel() noexcept { cancelled_ = true; }

 private:
  void begin() {
    slot_.clear();
    if (!cancelled_) return spawn(executor_, make_, std::move(completion_));
    complete<Ts...>(std::move(completion_), asio::error::operation_aborted, {}, Ts()...);
  }

  asio::any_io_executor executor_;
  Make make_;
  detail::handler_ptr<Ts...> completion_;
  slot_link slot_;
  bool cancelled_ = false;
};

template <class... Ts, class Make>
detail::operation_ptr<Ts...> make_task(asio::any_io_executor executor, Make make) {
  return std::make_unique<task_operation<Make, Ts...>>(std::move(executor), std::move(make));
}

}  // namespace kvco::net
