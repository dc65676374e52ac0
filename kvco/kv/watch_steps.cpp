// Executes the commands of a watch's ordered consumer: subscriptions, requests and their replies.
#include <algorithm>
#include <kvco/jetstream/requests.hpp>
#include <kvco/kv/watch.hpp>
#include <kvco/kv/watch_setups.hpp>
#include <kvco/net/api_call.hpp>
#include <kvco/net/session.hpp>
#include <utility>

namespace kvco::kv {
namespace {

// For one STREAM.INFO or CONSUMER.CREATE; without an answer the consumer begins again. A cluster assigns a
// consumer to one of its nodes, and if that one has just died, no server answers: the first attempts are
// short, later ones are not, so that a busy server gets its time.
constexpr auto first_step_timeout = std::chrono::seconds(2), max_step_timeout = std::chrono::seconds(8);
constexpr int max_doublings = 2;

}  // namespace

// A step is not waited for longer than the watch itself: nothing of one that was given up stays behind.
core::time_point watch::step_deadline() const {
  const core::time_point at =
      session_->now() + std::min<duration>(first_step_timeout * (1 << unanswered_), max_step_timeout);
  const auto give_up = consumer_->established() ? std::nullopt : consumer_->deadline();
  return give_up ? std::min(at, *give_up) : at;
}

void watch::note_step(const api_reply& reply) noexcept {
  const bool silent = reply.code == errc::timeout || reply.code == errc::outcome_unknown;
  unanswered_ = silent ? std::min(unanswered_ + 1, max_doublings) : 0;
}

// The connection has ended because of this step: the next one would, too.
bool watch::ends_with(const api_reply& reply) noexcept {
  if (reply.code != client_error::refused_by_server) return false;
  end(reply.code, reply.detail);
  return true;
}

void watch::execute(core::consumer_command::subscribe& command) {
  if (sid_ != 0) session_->unsubscribe(std::exchange(sid_, 0));
  if (!session_->ready()) return;
  sid_ = session_->subscribe(*this, command.subject);
}

void watch::execute(core::consumer_command::unsubscribe&) {
  if (sid_ != 0) session_->unsubscribe(std::exchange(sid_, 0));
}

void watch::execute(core::consumer_command::inspect& command) {
  watch_setups::of(*session_).inspect(
      stream_, step_deadline(),
      [self = weak_from_this(), epoch = command.epoch](
          const api_reply& reply, const jetstream::outcome<jetstream::stream_info>& info) {
        const auto open = self.lock();
        if (!open || open->ended_ || open->ends_with(reply)) return;
        if (reply.code) open->note_step(reply);
        open->consumer_->on_stream_info(epoch, info, open->session_->now());
        open->run_commands();
      });
}

void watch::execute(core::consumer_command::locate& command) {
  const auto located = [self = weak_from_this(),
                        epoch = command.epoch](const jetstream::outcome<std::uint64_t>& last) {
    const auto open = self.lock();
    if (!open || open->ended_) return;
    open->consumer_->on_located(epoch, last, open->session_->now());
    open->run_commands();
    open->notify_reader();
  };
  if (command.filter.empty()) {
    watch_setups::of(*session_).inspect(
        stream_, step_deadline(),
        [located](const api_reply&, const jetstream::outcome<jetstream::stream_info>& info) {
          located({info.value.status.last_revision, info.code, info.detail});
        });
    return;
  }
  call(session_,
       {session_->api().message_get(stream_), {}, jetstream::last_by_subject_request(command.filter)},
       step_deadline(), effect::read, [located, prefix = key_prefix_](const api_reply& reply) {
         if (reply.code) return located({0, reply.code, reply.detail});
         const auto found = jetstream::parse_message_get(reply.payload, prefix);
         located({found.value ? found.value->fields.rev : 0, found.code, {}});
       });
}

// In its turn; later commands wait for it.
void watch::execute(core::consumer_command::create& command) {
  creation_ = std::move(command);
  watch_setups::of(*session_).enter([self = weak_from_this(), turn = ++turn_] {
    const auto open = self.lock();
    if (!open || !open->creation_ || open->turn_ != turn) return false;
    open->create();
    return true;
  });
}

void watch::forget_creation() noexcept {
  creation_.reset();
  after_creation_.clear();
}

void watch::create() {
  core::consumer_command::create command = std::move(*creation_);
  creation_.reset();
  const std::string subject = session_->api().consumer_create(stream_, command.name, command.filter);
  // After a reconnect the consumer begins again by itself, under another name.
  call(session_, {subject, {}, std::move(command.payload)}, step_deadline(), effect::step,
       [self = weak_from_this(), session = session_, epoch = command.epoch](const api_reply& reply) {
         if (const auto open = self.lock(); open && !open->ended_) open->on_create_reply(epoch, reply);
         watch_setups::of(*session).leave();
       });
  for (auto& next : std::exchange(after_creation_, {})) {
    std::visit([this](auto& what) { execute(what); }, next);
  }
}

void watch::on_create_reply(std::uint64_t epoch, const api_reply& reply) {
  if (ends_with(reply)) return;
  note_step(reply);
  jetstream::outcome<jetstream::consumer_info> info;
  if (reply.code) {
    info.code = reply.code;
    info.detail = reply.detail;
  } else {
    info = jetstream::parse_consumer_info(reply.payload);
  }
  if (info.ok() && consumer_->established()) {
    ++recreated_;
    session_->journal().on_watch_recreated(stream_);
  }
  consumer_->on_created(epoch, info, session_->now());
  run_commands();
  notify_reader();
}

void watch::execute(core::consumer_command::remove& command) {
  session_->publish(session_->api().consumer_delete(stream_, command.name), 0);
}

// Where it is refused nothing more comes.
void watch::execute(core::consumer_command::flow& command) { session_->publish(command.subject, sid_); }

}  // namespace kvco::kv
