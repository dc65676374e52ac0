// The life of a handler: opened, read, drained.
#include <kvco/app/handler_loop.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/system/system_error.hpp>
#include <kvco/app/app_error.hpp>
#include <kvco/app/background.hpp>
#include <kvco/app/failure_text.hpp>
#include <kvco/error.hpp>
#include <utility>

namespace kvco::handling {

namespace asio = boost::asio;

handler_loop::handler_loop(std::shared_ptr<app_core> core, std::shared_ptr<handler_plan> plan,
                           std::shared_ptr<delivery_source> source)
    : core_(std::move(core)),
      plan_(std::move(plan)),
      source_(std::move(source)),
      position_(std::make_shared<position_keeper>(
          core_, plan_, [from = source_](revision rev) { return from->position_after(rev); })),
      lanes_(plan_->concurrency, plan_->max_queued),
      room_(core_->nats.get_executor()),
      random_(std::random_device()()) {}

handler_health handler_loop::health() const {
  handler_counters counters = counters_;
  counters.conflated += source_->conflated();
  return {.name = plan_->name,
          .state = state_,
          .initial_complete = source_->initial_complete(),
          .queued = lanes_.queued(),
          .in_flight = lanes_.running(),
          .last = last_,
          .handled_to = position_->handled_to(),
          .stored_to = position_->stored_to(),
          .counters = counters,
          .last_error = last_error_.empty() ? position_->last_error() : last_error_};
}

handler_plan& handler_loop::plan_to_change() {
  if (core_->life.phase() != app_phase::registering)
    refuse(app_error::already_running, "handler \"" + plan_->name + '"');
  return *plan_;
}

asio::awaitable<void> handler_loop::open() {
  state_ = handler_state::starting;
  std::exception_ptr failure;
  try {
    std::string position = co_await position_->load();
    co_await restore_cancellation();
    if (!core_->life.is_stopped()) co_await source_->open(std::move(position));
  } catch (...) {
    failure = std::current_exception();
  }
  if (core_->life.is_stopped()) source_->abandon();
  if (failure) {
    if (!core_->life.is_stopped()) fail(failure, text_of_failure(failure), false);
    std::rethrow_exception(named_failure(failure, plan_->name));
  }
  if (core_->life.is_stopped()) co_return;
  is_reading_ = true;
  asio::co_spawn(core_->nats.get_executor(), read(shared_from_this()),
                 [self = shared_from_this()](std::exception_ptr end) { self->reading_ended(end); });
}

asio::awaitable<void> handler_loop::ready() {
  std::exception_ptr failure;
  try {
    co_await source_->ready();
    if (state_ == handler_state::starting) state_ = handler_state::running;
  } catch (...) {
    failure = std::current_exception();
  }
  if (failure) std::rethrow_exception(named_failure(failure, plan_->name));
}

bool handler_loop::is_ready() const noexcept {
  if (state_ == handler_state::failed) return true;
  return state_ == handler_state::running && source_->initial_complete() && initial_left_ == 0;
}

// --- reading ----------------------------------------------------------------------------------------------

asio::awaitable<void> handler_loop::read(std::shared_ptr<handler_loop> self) {
  while (self->state_ != handler_state::failed && !self->is_cancelled_) {
    if (self->is_full()) {
      co_await self->room_.wait();
      continue;
    }
    delivery_ptr item = co_await self->source_->next();
    if (!item) break;
    self->take(std::move(item));
  }
}

void handler_loop::take(delivery_ptr item) {
  ++counters_.received;
  const bool is_entry = !item->stored.key().empty();
  if (is_entry) last_ = item->context.revision;
  const bool is_deletion = is_entry && item->stored.operation() != operation::put;
  if (item->context.is_initial) ++initial_left_;
  position_->begin(*item);
  if (is_deletion && !plan_->on_delete && !plan_->call.sees_deletions) {
    ++counters_.ignored;
    return finish(*item);
  }
  if (plan_->watch.conflate && conflate(item)) return;
  const std::uint64_t number = item->number;
  lanes_.push(item->key, number);
  items_.emplace(number, std::move(item));
  start_workers();
}

/// True: it has replaced the update of its key that waited, in its place in the lanes. As in a watch, initial data is kept.
bool handler_loop::conflate(const delivery_ptr& item) {
  const auto place = lanes_.last_waiting(item->key);
  if (!place || items_.at(*place)->context.is_initial) return false;
  const delivery_ptr replaced = std::exchange(items_.at(*place), item);
  position_->finish(*replaced);
  ++counters_.conflated;
  return true;
}

/// It was handled, or ignored.
void handler_loop::finish(const delivery& item) {
  position_->finish(item);
  if (item.context.is_initial && --initial_left_ == 0) core_->changed.notify();
}

void handler_loop::reading_ended(const std::exception_ptr& failure) {
  is_reading_ = false;
  const bool is_wanted =
      state_ == handler_state::draining || state_ == handler_state::failed || is_cancelled_;
  if (failure && !is_wanted) fail(failure, text_of_failure(failure), plan_->required);
  if (!failure && !is_wanted) state_ = handler_state::draining;
  core_->changed.notify();
}

void handler_loop::fail(const std::exception_ptr& failure, std::string text, bool ends_app) {
  state_ = handler_state::failed;
  last_error_ = std::move(text);
  core_->write(log_level::error, "a handler has failed", {{"handler", plan_->name}, {"reason", last_error_}});
  source_->abandon();
  lanes_.drop_queued();
  room_.notify();
  if (ends_app) core_->stop(named_failure(failure, plan_->name));
  core_->changed.notify();
}

// --- the end ----------------------------------------------------------------------------------------------

void handler_loop::drain() {
  if (state_ != handler_state::failed) state_ = handler_state::draining;
  source_->stop();
  position_->drain();
  room_.notify();
}

void handler_loop::cancel() {
  is_cancelled_ = true;
  source_->abandon();
  lanes_.drop_queued();
  room_.notify();
  const std::set<signal_ptr> running = workers_;  // they leave the set when they end
  for (const signal_ptr& each : running) each->emit(asio::cancellation_type::terminal);
  position_->cancel();
}

bool handler_loop::is_idle() const noexcept {
  return !is_reading_ && lanes_.is_idle() && workers_.empty() && position_->is_idle();
}

void handler_loop::end() {
  is_ended_ = true;
  if (state_ != handler_state::failed) state_ = handler_state::ended;
  if (!is_idle()) return;
  plan_->call.call = {};
  plan_->on_delete.reset();
  plan_->load = {};
  plan_->save = {};
}

std::exception_ptr named_failure(const std::exception_ptr& failure, const std::string& handler) {
  try {
    std::rethrow_exception(failure);
  } catch (const boost::system::system_error& known) {
    return std::make_exception_ptr(
        boost::system::system_error(known.code(), "handler \"" + handler + "\": " + known.what()));
  } catch (...) {
    return failure;
  }
}

}  // namespace kvco::handling
