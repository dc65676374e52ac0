// next(), next_initial(), next_batch(): taking from a watch, or waiting for it.
#include <kvco/kv/watch_next.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/error.hpp>
#include <kvco/net/completion.hpp>
#include <kvco/net/session.hpp>
#include <memory>
#include <string>
#include <utility>

namespace kvco::kv {
namespace {

struct take_any {
  using value = std::optional<entry>;
  static constexpr wanted what = wanted::any;
  static value from(watch& watch) { return watch.take(what); }
};
struct take_initial {
  using value = std::optional<entry>;
  static constexpr wanted what = wanted::initial;
  static value from(watch& watch) { return watch.take(what); }
};
struct take_batch {
  using value = std::optional<std::vector<entry>>;
  static constexpr wanted what = wanted::any;
  static value from(watch& watch) { return watch.take_all(); }
};

template <class Take>
class next_operation final : public detail::operation<typename Take::value>,
                             public watch_waiter,
                             public core::ready_task {
  using value_type = typename Take::value;

 public:
  next_operation(std::shared_ptr<watch> watch, asio::any_io_executor executor)
      : watch_(std::move(watch)), executor_(std::move(executor)) {}

  void start(detail::handler_ptr<value_type> completion) noexcept override {
    completion_ = std::move(completion);
    if (watch_->is_waiting()) return end(client_error::already_waiting, "next() while another one waits");
    slot_.connect(completion_, this);
    watch_->wait(*this);
    if (watch_->available(Take::what)) make_ready();
  }
  const asio::any_io_executor& executor() const noexcept override { return executor_; }

  void cancel() noexcept {
    if (!code_) end(asio::error::operation_aborted, {});
  }

 private:
  void on_available() override {
    if (watch_->available(Take::what)) make_ready();
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
    if (!code_ && !watch_->available(Take::what)) return wait_again();
    if (!code_) value = Take::from(*watch_);
    if (!code_ && !value && watch_->ended() && !ended_initial()) {
      code_ = watch_->code();
      detail_ = watch_->detail();
    }
    if (!code_) return completion_.release()->complete({}, nullptr, std::move(value));
    diagnostics known{.text = std::move(detail_)};
    complete<value_type>(std::move(completion_), code_, std::move(known), nullptr, std::move(value));
  }
  bool ended_initial() const { return Take::what == wanted::initial && watch_->initial_complete(); }
  // It was taken by the fast way of another call in between.
  void wait_again() {
    auto again = std::make_unique<next_operation>(watch_, executor_);
    again.release()->start(std::move(completion_));
  }
  void drop() noexcept override { queued_ ? watch_->forget(*this) : abandon(); }
  void abandon() noexcept override {
    watch_->forget(*this);
    delete this;
  }

  std::shared_ptr<watch> watch_;
  asio::any_io_executor executor_;
  detail::handler_ptr<value_type> completion_;
  slot_link slot_;
  error_code code_;
  std::string detail_;
  bool queued_ = false;
};

template <class Take>
detail::operation_ptr<typename Take::value> prepare(const std::shared_ptr<watch>& watch) {
  if (!is_usable(watch)) return {};
  return std::make_unique<next_operation<Take>>(watch, watch->owner()->executor());
}

// Entries already received are taken without a turn of the reactor: a tenth of the cost where entries come in
// bulk.
template <class Take>
asio::awaitable<typename Take::value> take_or_wait(std::shared_ptr<watch> watch) {
  if (is_usable(watch) && !watch->is_waiting() && watch->queued() > 0 && watch->available(Take::what)) {
    co_return Take::from(*watch);
  }
  auto waiting = prepare<Take>(watch);
  watch.reset();
  co_return co_await detail::initiate(std::move(waiting), default_token());
}

}  // namespace

bool is_usable(const std::shared_ptr<watch>& watch) {
  if (watch) watch->owner()->entrance().check();
  return watch != nullptr;
}

asio::awaitable<std::optional<entry>> next(std::shared_ptr<watch> from) {
  return take_or_wait<take_any>(std::move(from));
}
asio::awaitable<std::optional<entry>> next_initial(std::shared_ptr<watch> from) {
  return take_or_wait<take_initial>(std::move(from));
}
asio::awaitable<std::optional<std::vector<entry>>> next_batch(std::shared_ptr<watch> from) {
  return take_or_wait<take_batch>(std::move(from));
}

detail::operation_ptr<std::optional<entry>> prepare_next(const std::shared_ptr<watch>& from) {
  return prepare<take_any>(from);
}
detail::operation_ptr<std::optional<entry>> prepare_next_initial(const std::shared_ptr<watch>& from) {
  return prepare<take_initial>(from);
}
detail::operation_ptr<std::optional<std::vector<entry>>> prepare_next_batch(
    const std::shared_ptr<watch>& from) {
  return prepare<take_batch>(from);
}

}  // namespace kvco::kv
