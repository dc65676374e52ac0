// Loads and stores the position of a handler.
#include <kvco/app/position_keeper.hpp>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <chrono>
#include <kvco/app/failure_text.hpp>
#include <optional>
#include <utility>

namespace kvco::handling {

namespace asio = boost::asio;

constexpr duration min_pause_after_failure = std::chrono::milliseconds(100);
constexpr duration max_pause_after_failure = std::chrono::seconds(10);

position_keeper::position_keeper(std::shared_ptr<app_core> core, std::shared_ptr<const handler_plan> plan,
                                 std::function<std::string(revision)> text_of)
    : core_(std::move(core)),
      plan_(std::move(plan)),
      text_of_(std::move(text_of)),
      timer_(core_->nats.get_executor()) {}

asio::awaitable<std::string> position_keeper::load() {
  if (plan_->load) {
    auto loading = plan_->load();
    co_return co_await std::move(loading);
  }
  if (plan_->position_bucket.empty()) co_return std::string();
  bucket positions = co_await core_->buckets.open(plan_->position_bucket);
  std::optional<entry> found =
      co_await positions.get(plan_->position_key, {.consistency = consistency::leader});
  co_return found ? std::string(found->value()) : std::string();
}

asio::awaitable<void> position_keeper::save(std::string text) {
  if (plan_->save) {
    auto saving = plan_->save(std::move(text));
    co_return co_await std::move(saving);
  }
  bucket positions = co_await core_->buckets.open(plan_->position_bucket);
  co_await positions.put(plan_->position_key, text, {.retry = retry::idempotent});
}

void position_keeper::begin(const delivery& item) {
  if (is_used()) water_.begin(item.number, item.taken_to);
}

void position_keeper::finish(const delivery& item) {
  if (!is_used()) return;
  water_.finish(item.number);
  start_saving();
}

// Again at its end: entries may have been handled after it has looked for the last time.
void position_keeper::start_saving() {
  if (is_saving_ || is_cancelled_ || water_.mark() == stored_) return;
  is_saving_ = true;
  asio::co_spawn(
      timer_.get_executor(), save_all(shared_from_this()),
      asio::bind_cancellation_slot(cancel_.slot(), [self = shared_from_this()](std::exception_ptr) {
        self->is_saving_ = false;
        self->start_saving();
        self->core_->changed.notify();
      }));
}

asio::awaitable<void> position_keeper::save_all(std::shared_ptr<position_keeper> self) {
  duration after_failure = min_pause_after_failure;  // it doubles
  while (self->stored_ != self->water_.mark() && !self->is_cancelled_) {
    const revision mark = self->water_.mark();
    std::exception_ptr failure;
    try {
      std::string text = self->text_of_(mark);
      co_await self->save(std::move(text));
      self->stored_ = mark;
    } catch (...) {
      failure = std::current_exception();
    }
    if (failure && !self->is_cancelled_) {
      self->last_error_ = "the position was not stored: " + text_of_failure(failure);
      self->core_->write(log_level::warning, "the position of a handler was not stored",
                         {{"handler", self->plan_->name}, {"reason", self->last_error_}});
    }
    const duration shortest = failure ? after_failure : duration(0);
    after_failure = failure ? std::min(after_failure * 2, max_pause_after_failure) : min_pause_after_failure;
    if (failure || !self->is_draining_) co_await self->pause(shortest);
  }
}

asio::awaitable<void> position_keeper::pause(duration shortest) {
  timer_.expires_after(std::max(plan_->position_interval, shortest));
  co_await timer_.async_wait(asio::as_tuple(asio::deferred));
}

void position_keeper::drain() {
  is_draining_ = true;
  timer_.cancel();
}

void position_keeper::cancel() {
  is_cancelled_ = true;
  timer_.cancel();
  cancel_.emit(asio::cancellation_type::terminal);
}

}  // namespace kvco::handling
