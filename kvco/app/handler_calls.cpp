// The calls of a handler, and the consequences of those that fail.
#include <kvco/app/handler_loop.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>
#include <chrono>
#include <kvco/app/dead_letter.hpp>
#include <kvco/app/failure_text.hpp>
#include <utility>

namespace kvco::handling {

namespace asio = boost::asio;

// A worker takes one item after the other and ends when there is no item for it: without work there are no workers.
void handler_loop::start_workers() {
  while (workers_.size() < plan_->concurrency && lanes_.can_start() && !is_cancelled_) {
    const auto signal = std::make_shared<asio::cancellation_signal>();
    workers_.insert(signal);
    asio::co_spawn(
        core_->nats.get_executor(), work(shared_from_this()),
        asio::bind_cancellation_slot(signal->slot(), [self = shared_from_this(), signal](std::exception_ptr) {
          self->workers_.erase(signal);
          self->start_workers();
          if (self->is_ended_) self->end();
          self->core_->changed.notify();
        }));
  }
}

asio::awaitable<void> handler_loop::work(std::shared_ptr<handler_loop> self) {
  while (const auto number = self->lanes_.start()) {
    const delivery_ptr item = self->items_.at(*number);
    bool is_handled = false;
    std::exception_ptr failure;
    try {
      is_handled = co_await self->handle(item);
    } catch (...) {
      failure = std::current_exception();
    }
    // Not of the handler: the pause after a failure was cancelled, or there was no memory for it.
    if (failure && !self->is_cancelled_) self->fail(failure, text_of_failure(failure), self->plan_->required);
    self->lanes_.finish(*number);
    if (is_handled) {
      self->items_.erase(*number);
      self->finish(*item);
    }
    self->room_.notify();
  }
}

/// False: it is not handled, and no position goes beyond it.
asio::awaitable<bool> handler_loop::handle(delivery_ptr item) {
  for (std::size_t attempt = 1; !is_cancelled_; ++attempt) {
    item->context.attempt = attempt;
    outcome last = co_await call(item);
    // As restore_cancellation(), which would throw: a call that has ended in spite of its cancellation counts.
    co_await asio::this_coro::throw_if_cancelled(true);
    co_await asio::this_coro::reset_cancellation_state();
    if (!last.failure) co_return true;
    if (is_cancelled_) break;
    const double random = std::uniform_real_distribution<double>()(random_);
    const failure_plan next = plan_after(plan_->on_error, last.kind, attempt, random);
    if (!next.is_retried) co_return co_await give_up(std::move(item), std::move(last));
    note_failure(*item, last, "it is called again");
    ++counters_.retries;
    co_await pause(next.delay);
  }
  co_return false;
}

asio::awaitable<handler_loop::outcome> handler_loop::call(delivery_ptr item) {
  const bool is_deletion = !item->stored.key().empty() && item->stored.operation() != operation::put;
  const adapted_handler& handler = is_deletion && plan_->on_delete ? *plan_->on_delete : plan_->call;
  outcome end;
  const auto begin = std::chrono::steady_clock::now();
  try {
    asio::awaitable<void> pending = handler.call(std::move(item));
    co_await std::move(pending);
  } catch (const undecodable& reason) {
    end.kind = failure_kind::undecodable;
    end.text = reason.why.text.empty() ? reason.why.code.message()
                                       : reason.why.code.message() + ": " + reason.why.text;
    end.failure = std::make_exception_ptr(boost::system::system_error(reason.why.code, reason.why.text));
  } catch (...) {
    end.failure = std::current_exception();
    end.text = text_of_failure(end.failure);
  }
  counters_.busy += std::chrono::steady_clock::now() - begin;
  ++(end.failure ? counters_.failures : counters_.handled);
  co_return end;
}

asio::awaitable<bool> handler_loop::give_up(delivery_ptr item, outcome last) {
  switch (plan_->on_error.then) {
    case after_failure::skip:
      note_failure(*item, last, "it is skipped");
      ++counters_.skipped;
      co_return true;
    case after_failure::stop_handler:
    case after_failure::stop_app:
      note_failure(*item, last, "the handler is stopped");
      fail(last.failure, std::move(last.text), plan_->on_error.then == after_failure::stop_app);
      co_return false;
    case after_failure::dead_letter_key:
    case after_failure::dead_letter_subject:
      note_failure(*item, last, "it becomes a dead letter");
      co_return co_await store_dead_letter(std::move(item), std::move(last.text));
  }
  co_return false;
}

/// Until it has succeeded, for an entry that is neither handled nor stored elsewhere would be lost. One that can never be stored
/// stops the handler.
asio::awaitable<bool> handler_loop::store_dead_letter(delivery_ptr item, std::string why) {
  duration delay = std::chrono::milliseconds(100);
  while (!is_cancelled_) {
    outcome end;
    try {
      co_await send_dead_letter(core_, plan_, item, why);
    } catch (...) {
      end.failure = std::current_exception();
      end.text = "a dead letter was not stored: " + text_of_failure(end.failure);
    }
    if (!end.failure) {
      ++counters_.dead_letters;
      co_return true;
    }
    if (is_cancelled_) break;
    if (!may_be_sent_later(end.failure)) {
      note_failure(*item, end, "the handler is stopped");
      fail(end.failure, std::move(end.text), false);
      break;
    }
    note_failure(*item, end, "it is sent again");
    co_await pause(delay);
    delay = std::min<duration>(delay * 2, std::chrono::seconds(10));
  }
  co_return false;
}

asio::awaitable<void> handler_loop::pause(duration time) const {
  asio::steady_timer timer(core_->nats.get_executor(), time);
  co_await timer.async_wait(asio::as_tuple(asio::deferred));
}

void handler_loop::note_failure(const delivery& item, const outcome& last, const char* next) {
  last_error_ = last.text;
  core_->write(log_level::error, "a call of a handler has failed",
               {{"handler", plan_->name},
                {"key", item.key},
                {"revision", std::to_string(item.context.revision)},
                {"attempt", std::to_string(item.context.attempt)},
                {"reason", last.text},
                {"next", next}});
}

}  // namespace kvco::handling
