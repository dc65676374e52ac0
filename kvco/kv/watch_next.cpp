// ready(), next(), next_initial(), next_batch(): taking from a watch, or waiting for it.
#include <kvco/kv/watch_next.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/error.hpp>
#include <kvco/detail/refusal.hpp>
#include <kvco/net/completion.hpp>
#include <kvco/net/quietly.hpp>
#include <kvco/net/session.hpp>
#include <kvco/net/task.hpp>
#include <memory>
#include <string>
#include <utility>

namespace kvco::kv {
namespace {

struct take_one {
  using value = std::optional<entry>;
  wanted what;
  detail::refusal check() const { return {}; }
  value from(watch& watch) const { return watch.take(what); }
};
struct take_batch {
  using value = std::optional<std::vector<entry>>;
  std::size_t max;
  static constexpr wanted what = wanted::any;
  detail::refusal check() const {
    if (max > 0) return {};
    return {client_error::setting_out_of_range, "a batch of at most 0 entries"};
  }
  value from(watch& watch) const { return watch.take_batch(max); }
};

/// An entry that there is no memory for stays where it is.
template <class Take>
error_code take(const Take& how, watch& from, typename Take::value& to) {
  return has_memory_for([&] { to = how.from(from); }) ? error_code() : error_code(no_memory);
}

template <class Take>
class next_operation final : public detail::operation<typename Take::value>,
                             public watch_waiter,
                             public core::ready_task {
  using value_type = typename Take::value;

 public:
  next_operation(std::shared_ptr<watch> watch, Take how, asio::any_io_executor executor)
      : watch_(std::move(watch)), how_(how), executor_(std::move(executor)) {}

  void start(detail::handler_ptr<value_type> completion) noexcept override {
    completion_ = std::move(completion);
    if (auto refused = how_.check()) return end(refused.code, std::move(refused.detail));
    if (watch_->is_waiting()) return end(client_error::already_waiting, "next() while another one waits");
    slot_.connect(completion_, this);
    watch_->wait(*this);
    if (watch_->available(how_.what)) make_ready();
  }
  const asio::any_io_executor& executor() const noexcept override { return executor_; }

  void cancel() noexcept {
    if (!code_) end(asio::error::operation_aborted, {});
  }

 private:
  void on_available() override {
    if (watch_->available(how_.what)) make_ready();
  }
  void make_ready() {
    if (std::exchange(queued_, true)) return;
    watch_->owner()->ready(*this);
  }
  void end(error_code code, std::string detail) {
    code_ = code;
    detail_ = std::move(detail);
    watch_->forget(*this);
    make_ready();
  }
  // The value is taken when the user gets it: a cancelled or destroyed operation loses none.
  void run() override {
    const std::unique_ptr<next_operation> self(this);
    slot_.clear();
    watch_->forget(*this);
    value_type value;
    if (!code_ && !watch_->available(how_.what)) return wait_again();
    if (!code_) code_ = take(how_, *watch_, value);
    if (!code_ && !value && watch_->ended() && !ended_initial()) {
      code_ = watch_->code();
      detail_ = watch_->detail();
    }
    if (!code_) return completion_.release()->complete({}, nullptr, std::move(value));
    diagnostics known{.text = std::move(detail_)};
    complete<value_type>(std::move(completion_), code_, std::move(known), nullptr, std::move(value));
  }
  bool ended_initial() const { return how_.what == wanted::initial && watch_->initial_complete(); }
  // It was taken by the fast way of another call in between.
  void wait_again() {
    auto again = std::make_unique<next_operation>(watch_, how_, executor_);
    again.release()->start(std::move(completion_));
  }
  void drop() noexcept override { queued_ ? watch_->forget(*this) : abandon(); }
  void abandon() noexcept override {
    watch_->forget(*this);
    delete this;
  }

  std::shared_ptr<watch> watch_;
  Take how_;
  asio::any_io_executor executor_;
  detail::handler_ptr<value_type> completion_;
  slot_link slot_;
  error_code code_;
  std::string detail_;
  bool queued_ = false;
};

template <class Take>
detail::operation_ptr<typename Take::value> prepare(const std::shared_ptr<watch>& watch, Take how) {
  if (!is_usable(watch)) return {};
  return std::make_unique<next_operation<Take>>(watch, how, watch->owner()->executor());
}

// Entries already received are taken without a turn of the reactor: a tenth of the cost where entries come in
// bulk.
template <class Take>
bool is_there(const std::shared_ptr<watch>& watch, const Take& how) {
  return is_usable(watch) && !watch->is_waiting() && watch->queued() > 0 && watch->available(how.what) &&
         !how.check();
}

template <class Take>
asio::awaitable<typename Take::value> take_or_wait(std::shared_ptr<watch> watch, Take how) {
  if (is_there(watch, how)) co_return how.from(*watch);
  auto waiting = prepare(watch, how);
  watch.reset();
  co_return co_await detail::initiate(std::move(waiting), default_token());
}

template <class Take>
asio::awaitable<ended_with<typename Take::value>> take_or_wait_quietly(std::shared_ptr<watch> watch,
                                                                       Take how) {
  if (is_there(watch, how)) {
    ended_with<typename Take::value> now;
    std::get<0>(now) = take(how, *watch, std::get<1>(now));
    co_return now;
  }
  auto waiting = prepare(watch, how);
  watch.reset();
  co_return co_await detail::initiate(std::move(waiting), quietly);
}

asio::awaitable<void> wait_until_established(std::shared_ptr<watch> watch) {
  if (!watch->established() && !watch->ended()) co_await watch->settled().wait(asio::deferred);
  if (watch->code()) throw failure(watch->code(), watch->detail());
  if (!watch->established()) throw failure(asio::error::operation_aborted, "the watch was stopped");
}

constexpr take_one any{wanted::any}, initial{wanted::initial};

}  // namespace

bool is_usable(const std::shared_ptr<watch>& watch) {
  if (watch) watch->owner()->entrance().check();
  return watch != nullptr;
}

asio::awaitable<maybe_entry> next(std::shared_ptr<watch> from) { return take_or_wait(std::move(from), any); }
asio::awaitable<maybe_entry> next_initial(std::shared_ptr<watch> from) {
  return take_or_wait(std::move(from), initial);
}
asio::awaitable<maybe_batch> next_batch(std::shared_ptr<watch> from, std::size_t max) {
  return take_or_wait(std::move(from), take_batch{max});
}

asio::awaitable<ended_with<maybe_entry>> next_quietly(std::shared_ptr<watch> from) {
  return take_or_wait_quietly(std::move(from), any);
}
asio::awaitable<ended_with<maybe_entry>> next_initial_quietly(std::shared_ptr<watch> from) {
  return take_or_wait_quietly(std::move(from), initial);
}
asio::awaitable<ended_with<maybe_batch>> next_batch_quietly(std::shared_ptr<watch> from, std::size_t max) {
  return take_or_wait_quietly(std::move(from), take_batch{max});
}

detail::operation_ptr<maybe_entry> prepare_next(const std::shared_ptr<watch>& from) {
  return prepare(from, any);
}
detail::operation_ptr<maybe_entry> prepare_next_initial(const std::shared_ptr<watch>& from) {
  return prepare(from, initial);
}
detail::operation_ptr<maybe_batch> prepare_next_batch(const std::shared_ptr<watch>& from, std::size_t max) {
  return prepare(from, take_batch{max});
}

detail::operation_ptr<> prepare_ready(const std::shared_ptr<watch>& from) {
  if (!is_usable(from)) return {};
  return make_task<>(from->owner()->executor(), nullptr, [from] { return wait_until_established(from); });
}

}  // namespace kvco::kv
