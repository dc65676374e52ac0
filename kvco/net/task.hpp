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
#include <kvco/net/progress.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace kvco::net {

/// How the coroutine of a task ends with an error.
class failure : public boost::system::system_error {
 public:
  /// @param server_code  JetStream's, where `code` is not that itself
  explicit failure(error_code code, std::string words = {}, int server_code = 0)
      : system_error(code), words_(std::move(words)), server_code_(server_code) {}
  const std::string& words() const noexcept { return words_; }
  std::string take_words() noexcept { return std::move(words_); }
  int server_code() const noexcept { return server_code_; }

 private:
  std::string words_;
  int server_code_;
};

/// Takes the code of an exception from a coroutine, and adds its details; anything but a system_error and
/// bad_alloc is passed to the reactor.
error_code explain(const std::exception_ptr& thrown, diagnostics& known);

// Asio may keep it longer than the coroutine, and vice versa: both own the shared state.
struct task_filter {
  std::shared_ptr<const progress> done;  // nullptr: the task only reads
  asio::cancellation_type operator()(asio::cancellation_type type) const noexcept {
    return done != nullptr && done->may_have_effects() ? without_total(type) : type;
  }
};

template <class T, class Work>
asio::awaitable<T> all_cancellations(Work work, std::shared_ptr<const progress> done) {
  // By default co_spawn lets only terminal cancellation through. (It has a name: g++ 12 destroys owning temporaries twice here.)
  auto let_through = asio::this_coro::reset_cancellation_state(task_filter{done});
  co_await std::move(let_through);
  co_return co_await std::move(work);
}

template <class T>
struct task_end {
  detail::handler_ptr<T> completion;
  std::shared_ptr<progress> done;
  diagnostics* to;
  void operator()(std::exception_ptr thrown, T value) {
    diagnostics known = done ? done->take_known() : diagnostics();
    const error_code code = explain(thrown, known);
    complete<T>(std::move(completion), code, std::move(known), to, code ? T() : std::move(value));
  }
};

template <>
struct task_end<void> {
  detail::handler_ptr<> completion;
  std::shared_ptr<progress> done;
  diagnostics* to;
  void operator()(std::exception_ptr thrown) {
    diagnostics known = done ? done->take_known() : diagnostics();
    const error_code code = explain(thrown, known);
    complete<>(std::move(completion), code, std::move(known), to);
  }
};

/// A function that returns a coroutine which records its requests.
template <class Make>
concept takes_progress = std::invocable<Make&, progress*>;

/// Runs the coroutine that `make` returns to its end, and passes its result or exception to the handler.
/// @param to  where the caller wants details; nullptr: nowhere
/// @param sent_to, attempts  of the requests sent before
template <class Make, class Completion>
void spawn(const asio::any_io_executor& executor, Make&& make, Completion completion, diagnostics* to,
           std::string_view sent_to = {}, unsigned attempts = 0) noexcept {
  std::shared_ptr<progress> done;
  auto work = [&] {
    if constexpr (takes_progress<Make>) {
      done = std::make_shared<progress>();
      done->note(sent_to, attempts);
      return make(done.get());
    } else {
      return make();
    }
  }();
  using T = typename decltype(work)::value_type;
  auto slot = completion->slot();
  asio::co_spawn(executor, all_cancellations<T>(std::move(work), done),
                 asio::bind_cancellation_slot(slot, task_end<T>{std::move(completion), done, to}));
}

/// An operation whose coroutine is made when it starts: `make` is called with no arguments, or with an progress* that lives as long
/// as the coroutine, and returns awaitable<T>.
template <class Make, class... Ts>
class task_operation final : public detail::operation<Ts...> {
 public:
  task_operation(asio::any_io_executor executor, diagnostics* to, Make make)
      : executor_(std::move(executor)), to_(to), make_(std::move(make)) {}

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
    if (!cancelled_) return spawn(executor_, make_, std::move(completion_), to_);
    complete<Ts...>(std::move(completion_), asio::error::operation_aborted, {}, to_, Ts()...);
  }

  asio::any_io_executor executor_;
  diagnostics* to_;
  Make make_;
  detail::handler_ptr<Ts...> completion_;
  slot_link slot_;
  bool cancelled_ = false;
};

template <class... Ts, class Make>
detail::operation_ptr<Ts...> make_task(asio::any_io_executor executor, diagnostics* to, Make make) {
  return std::make_unique<task_operation<Make, Ts...>>(std::move(executor), to, std::move(make));
}

}  // namespace kvco::net
