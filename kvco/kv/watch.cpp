// The state of a watch, see the header.
#include <kvco/kv/watch.hpp>

#include <algorithm>
#include <boost/asio/error.hpp>
#include <iterator>
#include <kvco/kv/bucket_cache.hpp>
#include <kvco/net/memory.hpp>
#include <kvco/net/session.hpp>
#include <utility>

namespace kvco::kv {

watch::watch(std::shared_ptr<session> owner, core::consumer_settings settings, const watch_options& options)
    : session_(std::move(owner)),
      stream_(settings.stream),
      key_prefix_(settings.key_prefix),
      begun_with_(options.resume_after),
      settled_(session_->executor()),
      to_(options.diag),
      initial_only_(options.initial_only),
      updates_only_(settings.deliver == jetstream::deliver_policy::updates_only) {
  consumer_.emplace(std::move(settings), session_->now());
  if (options.conflate) updates_.emplace();
}

watch::watch(std::shared_ptr<session> owner, error_code code, std::string detail)
    : session_(std::move(owner)), settled_({}), code_(code), detail_(std::move(detail)), ended_(true) {}

watch::~watch() {
  drop_taker();
  if (!session_->abandoned()) end({}, {});
  session_->clear_deadline(*this);
  session_->remove(*this);
}

void watch::begin() noexcept {
  session_->add(*this);
  if (session_->ready()) return on_connected();
  arm();
}

// The user's side.

bool watch::available(wanted what) const noexcept {
  if (ended_ || (queued() > 0 && consumer_->established())) return true;
  return initial_complete() && (what == wanted::initial || initial_only_);
}

std::optional<entry> watch::take(wanted what) {
  if (what == wanted::initial && initial_complete()) return std::nullopt;
  if (queued() == 0 || (initial_only_ && initial_complete())) return std::nullopt;
  std::optional<entry> next(std::move(queue_[head_]));
  drop_front(1);
  if (updates_) updates_->take(next->key(), taken_);
  cursor_ = next->revision();
  taken(1);
  return next;
}

std::optional<std::vector<entry>> watch::take_batch(std::size_t max) {
  if (queued() == 0 || (initial_only_ && initial_complete())) return std::nullopt;
  std::size_t count = std::min(max, queued());
  if (initial_only_ && initial_end_) count = std::min<std::size_t>(count, *initial_end_ - taken_);
  const auto first = queue_.begin() + static_cast<std::ptrdiff_t>(head_);
  std::vector<entry> batch;
  if (count < queued()) {
    batch.assign(std::move_iterator(first), std::move_iterator(first + static_cast<std::ptrdiff_t>(count)));
    drop_front(count);
  } else {
    queue_.erase(queue_.begin(), first);
    head_ = 0;
    batch.swap(queue_);
  }
  if (updates_) {
    for (std::size_t i = 0; i < count; ++i) updates_->take(batch[i].key(), taken_ + i);
  }
  cursor_ = batch.back().revision();
  taken(count);
  return batch;
}

// Taken entries are removed in bulk, even if the queue is never empty: otherwise it would grow without limit.
void watch::drop_front(std::size_t count) noexcept {
  head_ += count;
  if (head_ == queue_.size() || (head_ >= 1024 && head_ * 2 >= queue_.size())) {
    queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(std::exchange(head_, 0)));
  }
}

void watch::taken(std::size_t count) noexcept {
  taken_ += count;
  if (ended_) return;
  consumer_->consumed(taken_ + conflated_);
  if (consumer_->has_room_again()) consumer_->resume(session_->now());
  if (initial_only_ && initial_complete()) return end({}, {});
  if (consumer_->has_commands()) run_commands();
}

void watch::stop() {
  drop_all();
  end({}, {});
}

void watch::close() {
  drop_all();
  end(asio::error::operation_aborted, {});
}

void watch::drop_all() noexcept {
  to_ = nullptr;
  if (queued() > 0) bound_ = progress();
  queue_.clear();
  head_ = 0;
}

// The session's side.

void watch::describe(client_health& client) const {
  watch_health& now = client.watches.emplace_back();
  now.bucket = jetstream::bucket_of_stream(stream_);
  now.live = consumer_ && consumer_->live();
  now.initial_complete = initial_complete();
  now.cursor = cursor_;
  now.queued = queued();
  now.behind = consumer_ ? consumer_->pending() : 0;
  now.recreated = recreated_;
}

void watch::on_connected() {
  if (ended_) return;
  consumer_->connected(session_->knows_filter_lists(), session_->now(), session_->info().max_payload);
  run_commands();
}

void watch::on_lost(const std::string&) {
  asked_ = false;
  if (ended_) return;
  session_->unsubscribe(std::exchange(sid_, 0));
  forget_creation();
  consumer_->disconnected();
  arm();
}

void watch::on_refused(const error_code& code, const std::string& words) {
  if (!ended_) end(code, words);
}

void watch::end(error_code code, const std::string& words) noexcept {
  if (std::exchange(ended_, true)) return;
  code_ = code;
  detail_ = words;
  if (to_ != nullptr && code_) *to_ = {.text = detail_, .server_code = server_code_of(code_)};
  if (consumer_) {
    consumer_->stop();
    run_commands();
  }
  session_->clear_deadline(*this);
  if (std::exchange(asked_, false)) session_->cancel_ping(*this);
  notify_reader();
}

void watch::expire(std::string words) noexcept {
  if (consumer_ && consumer_->code()) return end(consumer_->code(), consumer_->detail());
  if (consumer_) {
    if (const detail::refusal denied = consumer_->why_not_complete()) return end(denied.code, denied.detail);
  }
  std::string why = consumer_ ? consumer_->why_not_established() : std::string();
  end(client_error::timeout, why.empty() ? std::move(words) : std::move(why));
}

void watch::abandon() noexcept {
  const auto kept = weak_from_this().lock();  // the operation that waits may be the only owner
  ended_ = true;
  drop_all();
  settled_.abandon();
  drop_taker();
}

void watch::on_message(const wire::event& message) {
  if (ended_) return;
  const bool was_established = consumer_->established();
  const auto* fields = consumer_->on_message(message, session_->read_time());
  if (fields != nullptr) {
    if (!has_memory_for([&] { push(*fields); })) {
      bound_ = fields->rev - 1;
      return end(no_memory, "no memory for an entry");
    }
  }
  note_initial();
  if (consumer_->has_commands()) run_commands();
  if (fields != nullptr || !was_established) notify_reader();
}

void watch::push(const detail::entry_fields& fields) {
  if (updates_ && conflate(fields)) return;
  queue_.emplace_back(fields);
  ++pushed_;
}

// True: it has replaced the queued update of its key. The server need not wait for room for both.
bool watch::conflate(const detail::entry_fields& fields) {
  if (!initial_end_) return false;
  const conflation::update* update = updates_->find(fields.key);
  if (update == nullptr) return updates_->add(fields.key, {pushed_, fields.rev}), false;
  queue_[head_ + (update->place - taken_)] = entry(fields);
  consumer_->consumed(taken_ + ++conflated_);
  return true;
}

// The transfer of a large value may take longer than heartbeats may be late, and the data of a new consumer would queue after it.
// So a PING is sent first: its PONG arrives after everything that the server has sent before.
void watch::on_deadline(core::time_point now) {
  if (consumer_->silent(now) && session_->ready()) {
    if (!std::exchange(asked_, true)) session_->send_ping(*this);
    return;
  }
  consumer_->on_time(now);
  run_commands();
}

void watch::on_pong(core::time_point now) {
  asked_ = false;
  consumer_->on_time(now);
  run_commands();
}

void watch::note_initial() {
  if (initial_end_ || !consumer_->initial_complete()) return;
  // Entries may overtake the reply that establishes the watch; with updates_only they do not belong to the initial data.
  initial_end_ = updates_only_ ? 0 : pushed_;
  if (initial_only_) {
    consumer_->stop();
    run_commands();
  }
  notify_reader();
}

void watch::notify_reader() {
  if (ended_ || established()) settled_.set();
  if (is_waiting() && (available(wanted::any) || available(wanted::initial))) inform_taker();
}

void watch::arm() {
  if (ended_) return;
  const auto at = consumer_->deadline();
  if (!at) return session_->clear_deadline(*this);
  // Each message moves the deadline forward; the timer is set again only when it expires, not with each message.
  if (!has_deadline() || *at < deadline()) session_->set_deadline(*this, *at);
}

void watch::run_commands() noexcept {
  if (std::exchange(running_commands_, true)) return;
  if (creation_ && (consumer_->ended() || consumer_->epochs() != creation_->epoch)) forget_creation();
  while (consumer_->has_commands()) {
    for (auto& command : consumer_->take_commands()) {
      if (creation_) {
        after_creation_.push_back(std::move(command));
      } else {
        std::visit([this](auto& what) { execute(what); }, command);
      }
    }
  }
  running_commands_ = false;
  note_initial();
  if (!ended_ && consumer_->ended() && !(initial_only_ && initial_end_)) {
    // A client that is closing refuses the next request of a watch, which then ends as all watches of a closed client do.
    const bool closing = consumer_->code() == client_error::closed;
    bucket_cache::note_error(*session_, jetstream::bucket_of_stream(stream_), consumer_->code());
    end(closing ? error_code(asio::error::operation_aborted) : consumer_->code(), consumer_->detail());
  }
  arm();
}

}  // namespace kvco::kv
