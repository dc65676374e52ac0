// put_many on a connection.
#include <kvco/kv/many_writer.hpp>

#include <algorithm>
#include <kvco/core/request.hpp>
#include <kvco/jetstream/keys.hpp>
#include <kvco/kv/steps.hpp>
#include <kvco/kv/write_operation.hpp>
#include <kvco/net/session.hpp>

namespace kvco::kv {

// One item in flight. Its owner goes with the coroutine that waits for the whole.
class many_writer::part final : public core::request {
 public:
  explicit part(many_writer& owner)
      : request(owner.session_.requests(), core::effect::write), owner_(owner) {}

  void send(std::uint32_t item, std::size_t bytes, core::frame encoded, core::time_point deadline) {
    index = item;
    frame_ = std::move(encoded);
    size = bytes;
    submit(deadline);
  }
  void leave() noexcept { withdraw(); }

  std::uint32_t index = 0;
  std::size_t size = 0;  // that bytes_ counts

 private:
  void on_reply(const wire::event& reply) override { owner_.on_reply(*this, reply); }
  void run() override { owner_.on_failure(*this, code_, std::move(detail_)); }
  void abandon() noexcept override {}

  many_writer& owner_;
};

many_writer::many_writer(bucket_ptr bucket, detail::texts items, header_of_item header,
                         std::size_t max_in_flight, duration timeout)
    : bucket_(std::move(bucket)),
      session_(*bucket_->session),
      items_(std::move(items)),
      header_(std::move(header)),
      outcomes_(count()),
      due_(count()),
      queue_(count()),
      max_in_flight_(max_in_flight),
      timeout_(timeout),
      last_answer_(session_.now()),
      turn_(session_.executor()) {}

many_writer::~many_writer() {
  for (const auto& each : parts_.all()) each->leave();
}

void many_writer::go_on() noexcept {
  if (session_.closing() && queue_.has_next()) give_up(client_error::closed, "the client was closed");
  // While an item is refused, none goes past it.
  while (queue_.refused().empty() && queue_.has_next() && start(queue_.next())) queue_.take();
  notify_if_due();
}

// Removals have headers. They may have keys of any form that other clients have stored.
detail::refusal many_writer::check(std::uint32_t index) const {
  if (!header_ && !jetstream::is_valid_key(key(index))) return jetstream::check_key(key(index));
  return check_writable(*bucket_);
}

// False: there is no room for it now.
bool many_writer::start(std::uint32_t index) {
  if (auto why = check(index)) {
    return settle(index, put_outcome(why.code, std::move(why.detail))), true;
  }
  if (parts_.used() == max_in_flight_) return false;
  const std::string header = header_ ? header_(index) : std::string();
  const std::size_t size = header.size() + value(index).size();
  // Unanswered items are held in memory: no more than may wait for the socket.
  if (parts_.used() > 0 && bytes_ + size > session_.settings().write_buffer()) return false;
  part& started = parts_.acquire(*this);
  bytes_ += size;
  if (due_[index] == core::time_point()) due_[index] = session_.start_time(timeout_) + timeout_;
  started.send(
      index, size,
      core::frame({bucket_->write_prefix, key(index), session_.inbox().prefix(), header, value(index)}),
      due_[index]);
  return true;
}

bool many_writer::is_in_flight() const noexcept {
  return may_be_stored_ || std::any_of(parts_.all().begin(), parts_.all().end(), [](const auto& each) {
           return each->state() == core::request::stage::in_flight;
         });
}

void many_writer::settle(std::uint32_t index, put_outcome outcome) {
  if (outcome.ok() || outcome.code() == client_error::outcome_unknown) may_be_stored_ = true;
  outcomes_[index] = std::move(outcome);
  queue_.settle();
}

void many_writer::on_reply(part& answered, const wire::event& reply) {
  last_answer_ = session_.read_time();
  auto ack = read_ack(reply, bucket_->stream);
  if (ack.ok()) {
    has_stored_ = true;
    bucket_->floors.note(key(answered.index), ack.value.sequence);
    settle(answered.index, put_outcome(ack.value.sequence));
  } else if (ack.code == client_error::no_responders) {
    queue_.refuse(answered.index);
  } else {
    settle(answered.index, put_outcome(ack.code, std::move(ack.detail)));
  }
  release(answered);
}

void many_writer::on_failure(part& failed, error_code code, std::string detail) {
  if (session_.terminated() && code == asio::error::operation_aborted) {
    aborted_ = true;
    return turn_.set();
  }
  if (code == client_error::permission_denied) last_answer_ = session_.now();
  const bool silent = session_.now() - last_answer_ >= timeout_;
  if (silent) give_up(client_error::timeout, "not sent: the server does not answer");
  if (code == client_error::connection_lost) give_up(code, detail);
  settle(failed.index, put_outcome(code, std::move(detail)));
  release(failed);
}

void many_writer::release(part& done) {
  done.leave();
  bytes_ -= done.size;
  parts_.release(done);
  go_on();
}

void many_writer::notify_if_due() {
  if (complete() || stranded()) turn_.set();
}

// An item that was refused is sent again, unless a later one of its key is stored, or may be: it would become the last value,
// and must not.
void many_writer::resume() noexcept {
  const auto last_stored = last_stored_after_refused();
  queue_.retry([&](std::uint32_t index) {
    if (last_stored.at(key(index)) <= index) return true;
    settle(index, put_outcome(client_error::no_responders, "a later item of this key was stored"));
    return false;
  });
  go_on();
}

// By the keys that were refused: their last item that is stored, or may be.
absl::flat_hash_map<std::string_view, std::uint32_t> many_writer::last_stored_after_refused() const noexcept {
  absl::flat_hash_map<std::string_view, std::uint32_t> stored;
  std::uint32_t first = queue_.untaken();
  for (const std::uint32_t index : queue_.refused()) {
    stored[key(index)] = 0;
    first = std::min(first, index);
  }
  for (std::uint32_t i = first; i < queue_.untaken(); ++i) {
    if (!outcomes_[i].ok() && outcomes_[i].code() != errc::outcome_unknown) continue;
    if (const auto found = stored.find(key(i)); found != stored.end()) found->second = i;
  }
  return stored;
}

core::time_point many_writer::refused_until() const noexcept {
  core::time_point first = core::time_point::max();
  for (const std::uint32_t index : queue_.refused()) first = std::min(first, due_[index]);
  return first;
}

void many_writer::give_up(error_code code, const std::string& detail) {
  for (const std::uint32_t index : queue_.take_refused()) settle(index, put_outcome(code, detail));
  for (; queue_.has_next(); queue_.take()) settle(queue_.next(), put_outcome(code, detail));
  notify_if_due();
}

}  // namespace kvco::kv
