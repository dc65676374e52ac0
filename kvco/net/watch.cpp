// A watch between the session and its user.
#include <kvco/net/watch.hpp>

#include <algorithm>
#include <boost/asio/error.hpp>
#include <kvco/jetstream/requests.hpp>
#include <kvco/net/api_call.hpp>
#include <kvco/net/memory.hpp>
#include <kvco/net/session.hpp>
#include <utility>

namespace kvco::net {
namespace {

// Of one STREAM.INFO or CONSUMER.CREATE; without an answer the consumer begins anew. A cluster gives a consumer to one of
// its nodes, and when that one has just died nobody answers: the first attempts are short, those after it are not, so that
// a server with much to do gets its time.
constexpr auto first_step_timeout = std::chrono::seconds(2), longest_step_timeout = std::chrono::seconds(8);
constexpr int most_doublings = 2;

}  // namespace

watch::watch(std::shared_ptr<session> owner, core::consumer_settings settings, bool initial_only)
    : session_(std::move(owner)),
      stream_(settings.stream),
      key_prefix_(settings.key_prefix),
      initial_only_(initial_only),
      updates_only_(settings.deliver == jetstream::deliver_policy::updates_only) {
  consumer_.emplace(std::move(settings), session_->now());
}

watch::watch(std::shared_ptr<session> owner, error_code code, std::string detail)
    : session_(std::move(owner)), code_(code), detail_(std::move(detail)), ended_(true) {}

watch::~watch() {
  if (waiter_ != nullptr) std::exchange(waiter_, nullptr)->drop();
  if (!session_->abandoned()) end({}, {});
  // Also then: the end of the reactor goes through the watches one by one, and one may own another.
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
  std::optional<entry> next(std::move(queue_[head_++]));
  // A queue that is never quite empty must not grow at its taken end either.
  if (head_ == queue_.size() || (head_ >= 1024 && head_ * 2 >= queue_.size())) {
    queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(std::exchange(head_, 0)));
  }
  cursor_ = next->revision();
  taken(1);
  return next;
}

std::optional<std::vector<entry>> watch::take_all() {
  if (queued() == 0 || (initial_only_ && initial_complete())) return std::nullopt;
  std::vector<entry> all = std::exchange(queue_, {});
  all.erase(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(std::exchange(head_, 0)));
  if (initial_only_ && initial_end_ && taken_ + all.size() > *initial_end_) {
    all.erase(all.begin() + static_cast<std::ptrdiff_t>(*initial_end_ - taken_), all.end());
  }
  cursor_ = all.back().revision();
  taken(all.size());
  return all;
}

void watch::taken(std::size_t count) {
  taken_ += count;
  if (ended_) return;
  consumer_->consumed(taken_);
  if (consumer_->has_room_again()) consumer_->resume(session_->now());
  if (initial_only_ && initial_complete()) return end({}, {});
  if (consumer_->has_commands()) obey();
}

void watch::stop() {
  queue_.clear();
  head_ = 0;
  end({}, {});
}

void watch::close() {
  queue_.clear();
  head_ = 0;
  end(asio::error::operation_aborted, {});
}

// The session's side.

watch_health watch::health() const {
  watch_health now;
  now.bucket = jetstream::bucket_of_stream(stream_);
  now.live = consumer_ && consumer_->live();
  now.initial_complete = initial_complete();
  now.cursor = cursor_;
  now.queued = queued();
  now.behind = consumer_ ? consumer_->pending() : 0;
  now.recreated = recreated_;
  return now;
}

void watch::on_connected() {
  if (ended_) return;
  consumer_->connected(session_->knows_filter_lists(), session_->now(), session_->info().max_payload);
  obey();
}

void watch::on_disconnected() {
  asked_ = false;
  if (ended_) return;
  session_->unsubscribe(std::exchange(sid_, 0));
  consumer_->disconnected();
  arm();
}

void watch::on_refused(const error_code& code, const std::string& words) {
  if (!ended_) end(code, words);
}

void watch::end(error_code code, std::string words) noexcept {
  if (std::exchange(ended_, true)) return;
  code_ = code;
  detail_ = std::move(words);
  if (consumer_) {
    consumer_->stop();
    obey();
  }
  session_->clear_deadline(*this);
  if (std::exchange(asked_, false)) session_->take_back(*this);
  tell();
}

void watch::expire(std::string words) noexcept {
  if (consumer_ && consumer_->code()) return end(consumer_->code(), consumer_->detail());
  std::string why = consumer_ ? consumer_->why_not_established() : std::string();
  end(client_error::timeout, why.empty() ? std::move(words) : std::move(why));
}

void watch::abandon() noexcept {
  ended_ = true;
  queue_.clear();
  if (waiter_ != nullptr) std::exchange(waiter_, nullptr)->drop();
}

void watch::on_message(const wire::event& message) {
  if (ended_) return;
  const bool was_established = consumer_->established();
  const auto* fields = consumer_->on_message(message, session_->read_time());
  if (fields != nullptr) {
    if (!has_memory_for([&] { queue_.emplace_back(*fields); }))
      return end(no_memory, "no memory for an entry");
    ++pushed_;
  }
  note_initial();
  if (consumer_->has_commands()) obey();
  if (fields != nullptr || !was_established) tell();
}

// A large value may be on its way for longer than its heartbeats may be late, and what a new consumer sends would queue behind it.
// So the server is asked: its PONG comes behind what it has sent.
void watch::on_deadline(core::time_point now) {
  if (consumer_->silent(now) && session_->ready()) {
    if (!std::exchange(asked_, true)) session_->ask(*this);
    return;
  }
  consumer_->on_time(now);
  obey();
}

void watch::on_pong(core::time_point now) {
  asked_ = false;
  consumer_->on_time(now);
  obey();
}

void watch::note_initial() {
  if (initial_end_ || !consumer_->initial_complete()) return;
  // Entries may overtake the reply that establishes the watch; without initial data none of them belongs to it.
  initial_end_ = updates_only_ ? 0 : pushed_;
  if (initial_only_) {
    consumer_->stop();
    obey();
  }
  tell();
}

void watch::tell() {
  if (waiter_ == nullptr) return;
  if (available(wanted::any) || available(wanted::initial)) waiter_->on_available();
}

void watch::arm() {
  if (ended_) return;
  const auto at = consumer_->deadline();
  if (!at) return session_->clear_deadline(*this);
  // A message moves the deadline forward; it is looked at again when it passes, not with each message.
  if (!has_deadline() || *at < deadline()) session_->set_deadline(*this, *at);
}

void watch::obey() noexcept {
  if (std::exchange(obeying_, true)) return;
  while (consumer_->has_commands()) {
    for (auto& command : consumer_->take_commands()) {
      std::visit([this](auto& what) { perform(what); }, command);
    }
  }
  obeying_ = false;
  note_initial();
  if (!ended_ && consumer_->ended() && !(initial_only_ && initial_end_)) {
    // A client that is closing refuses its next step: that is the end that every watch has then.
    const bool closing = consumer_->code() == client_error::closed;
    end(closing ? error_code(asio::error::operation_aborted) : consumer_->code(), consumer_->detail());
  }
  arm();
}

// A step is not waited for longer than the watch itself: nothing of one that was given up stays behind.
core::time_point watch::step_deadline() const {
  const core::time_point at =
      session_->now() + std::min<duration>(first_step_timeout * (1 << unanswered_), longest_step_timeout);
  const auto give_up = consumer_->established() ? std::nullopt : consumer_->deadline();
  return give_up ? std::min(at, *give_up) : at;
}

void watch::note_step(const api_reply& reply) noexcept {
  const bool silent = reply.code == errc::timeout || reply.code == errc::outcome_unknown;
  unanswered_ = silent ? std::min(unanswered_ + 1, most_doublings) : 0;
}

// The connection has ended because of this step: the next one would, too.
bool watch::ends_with(api_reply& reply) noexcept {
  if (reply.code != client_error::refused_by_server) return false;
  end(reply.code, std::move(reply.detail));
  return true;
}

void watch::perform(core::consumer_command::subscribe& command) {
  if (sid_ != 0) session_->unsubscribe(std::exchange(sid_, 0));
  if (!session_->ready()) return;
  sid_ = session_->subscribe(*this, command.subject);
}

void watch::perform(core::consumer_command::unsubscribe&) {
  if (sid_ != 0) session_->unsubscribe(std::exchange(sid_, 0));
}

void watch::perform(core::consumer_command::inspect& command) {
  call(session_, {session_->api().stream_info(stream_), {}, {}}, step_deadline(), effect::read,
       [self = weak_from_this(), epoch = command.epoch](api_reply reply) {
         const auto open = self.lock();
         if (!open || open->ended_ || open->ends_with(reply)) return;
         if (reply.code) open->note_step(reply);
         jetstream::outcome<jetstream::stream_info> info;
         if (reply.code) {
           info.code = reply.code;
           info.detail = std::move(reply.detail);
         } else {
           info = jetstream::parse_stream_info(reply.payload);
         }
         open->consumer_->on_stream_info(epoch, info, open->session_->now());
         open->obey();
       });
}

void watch::perform(core::consumer_command::locate& command) {
  const bool of_all = command.filter.empty();
  api_request request = of_all ? api_request(session_->api().stream_info(stream_), {}, {})
                               : api_request(session_->api().message_get(stream_), {},
                                             jetstream::last_by_subject_request(command.filter));
  call(session_, request, step_deadline(), effect::read,
       [self = weak_from_this(), epoch = command.epoch, of_all](api_reply reply) {
         const auto open = self.lock();
         if (!open || open->ended_) return;
         jetstream::outcome<std::uint64_t> last;
         last.code = reply.code;
         if (!reply.code && of_all) {
           const auto info = jetstream::parse_stream_info(reply.payload);
           last.code = info.code;
           last.value = info.value.status.last_revision;
         } else if (!reply.code) {
           const auto found = jetstream::parse_message_get(reply.payload, open->key_prefix_);
           last.code = found.code;
           if (found.value) last.value = found.value->fields.rev;
         }
         open->consumer_->on_located(epoch, last, open->session_->now());
         open->obey();
         open->tell();
       });
}

void watch::perform(core::consumer_command::create& command) {
  const std::string subject = session_->api().consumer_create(stream_, command.name, command.filter);
  // After a reconnect the consumer begins anew by itself, under another name.
  call(session_, {subject, {}, std::move(command.payload)}, step_deadline(), effect::step,
       [self = weak_from_this(), epoch = command.epoch](api_reply reply) {
         const auto open = self.lock();
         if (!open || open->ended_ || open->ends_with(reply)) return;
         open->note_step(reply);
         jetstream::outcome<jetstream::consumer_info> info;
         if (reply.code) {
           info.code = reply.code;
           info.detail = std::move(reply.detail);
         } else {
           info = jetstream::parse_consumer_info(reply.payload);
         }
         if (info.ok() && open->consumer_->established()) {
           ++open->recreated_;
           open->session_->on_watch_recreated(open->stream_);
         }
         open->consumer_->on_created(epoch, info, open->session_->now());
         open->obey();
         open->tell();
       });
}

void watch::perform(core::consumer_command::remove& command) {
  session_->publish(session_->api().consumer_delete(stream_, command.name), 0);
}

// Where it is refused nothing more comes.
void watch::perform(core::consumer_command::flow& command) { session_->publish(command.subject, sid_); }

}  // namespace kvco::net
