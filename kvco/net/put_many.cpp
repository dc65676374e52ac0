// Many puts at once: a window of unanswered requests moves over the items, and never puts one before another.
#include <kvco/net/put_many.hpp>

#include <absl/container/flat_hash_map.h>
#include <algorithm>
#include <kvco/jetstream/keys.hpp>
#include <kvco/net/checks.hpp>
#include <kvco/net/pause.hpp>
#include <kvco/net/request.hpp>
#include <kvco/net/signal.hpp>
#include <kvco/net/steps.hpp>
#include <kvco/net/task.hpp>
#include <kvco/net/write_operation.hpp>
#include <memory>
#include <utility>

namespace kvco::net {
namespace {

class many_writer : public progress::source {
 public:
  many_writer(bucket_ptr bucket, detail::texts items, std::size_t max_in_flight, duration timeout);
  many_writer(const many_writer&) = delete;
  many_writer& operator=(const many_writer&) = delete;
  ~many_writer();

  /// Sends as much as may be unanswered.
  void go_on() noexcept;
  /// Set when there is something to do: it is complete, was aborted, or waits for its bucket.
  signal& turn() noexcept { return turn_; }
  bool complete() const noexcept { return open_ == 0; }
  bool aborted() const noexcept { return aborted_; }
  /// Some were refused by 503 (nothing was stored), and nothing is on its way any more.
  bool stranded() const noexcept { return !refused_.empty() && in_flight() == 0; }
  /// Has anything been stored since this was asked last?
  bool has_stored() noexcept { return std::exchange(has_stored_, false); }
  /// One is, or one was that may be stored.
  bool is_in_flight() const noexcept override;
  /// When the first of those that were refused has no time left.
  core::time_point refused_until() const noexcept;
  /// Sends what was refused, and all that comes after it.
  void resume() noexcept;
  /// What was refused and what was not sent yet ends like this.
  void give_up(error_code code, const std::string& detail);
  std::vector<put_outcome> take() { return std::move(outcomes_); }

 private:
  class part;

  std::size_t count() const noexcept { return items_.size() / 2; }
  std::string_view key(std::size_t i) const noexcept { return items_[2 * i]; }
  std::string_view value(std::size_t i) const noexcept { return items_[2 * i + 1]; }
  std::size_t in_flight() const noexcept { return parts_.size() - free_.size(); }
  bool has_next() const noexcept { return again_at_ < again_.size() || next_ < count(); }
  std::uint32_t peek_next() const noexcept { return again_at_ < again_.size() ? again_[again_at_] : next_; }
  void skip_next() noexcept { again_at_ < again_.size() ? ++again_at_ : ++next_; }

  bool start(std::uint32_t index);
  void settle(std::uint32_t index, put_outcome outcome);
  void on_reply(part& answered, const wire::event& reply);
  void on_failure(part& failed, error_code code, std::string detail);
  void release(part& done);
  void tell_if_due();

  bucket_ptr bucket_;
  session& session_;
  detail::texts items_;
  std::vector<put_outcome> outcomes_;
  std::vector<core::time_point>
      due_;  // set when it is an item's turn for the first time: it has no second deadline
  std::vector<std::unique_ptr<part>> parts_;
  std::vector<part*> free_;
  std::vector<std::uint32_t> refused_;  // by 503
  std::vector<std::uint32_t> again_;    // to be sent before next_, in this order
  std::size_t again_at_ = 0;
  std::uint32_t next_ = 0;  // not sent yet: from this index on
  std::size_t open_;        // items without an outcome
  std::size_t max_in_flight_;
  std::size_t bytes_ = 0;  // unanswered
  duration timeout_;
  core::time_point last_answer_;
  signal turn_;
  bool has_stored_ = false, may_be_stored_ = false, aborted_ = false;
};

// One item on its way. Its owner goes with the coroutine that waits for the whole.
class many_writer::part final : public request {
 public:
  explicit part(many_writer& owner) : request(owner.session_, effect::write), owner_(owner) {}

  void send(std::uint32_t item, kvco::net::frame encoded, core::time_point deadline) {
    index = item;
    frame_ = std::move(encoded);
    size = frame_.message_size();
    submit(deadline);
  }
  void leave() noexcept { withdraw(); }

  std::uint32_t index = 0;
  std::size_t size = 0;

 private:
  void on_reply(const wire::event& reply) override { owner_.on_reply(*this, reply); }
  void run() override { owner_.on_failure(*this, code_, std::move(detail_)); }
  void abandon() noexcept override {}

  many_writer& owner_;
};

many_writer::many_writer(bucket_ptr bucket, detail::texts items, std::size_t max_in_flight, duration timeout)
    : bucket_(std::move(bucket)),
      session_(*bucket_->session),
      items_(std::move(items)),
      outcomes_(count()),
      due_(count()),
      open_(count()),
      max_in_flight_(max_in_flight),
      timeout_(timeout),
      last_answer_(session_.now()),
      turn_(session_.executor()) {}

many_writer::~many_writer() {
  for (const auto& each : parts_) each->leave();
}

void many_writer::go_on() noexcept {
  if (session_.closing() && has_next()) give_up(client_error::closed, "the client was closed");
  // While somebody is refused, nothing goes past it.
  while (refused_.empty() && has_next() && start(peek_next())) skip_next();
  tell_if_due();
}

// False: there is no room for it now.
bool many_writer::start(std::uint32_t index) {
  if (!jetstream::is_valid_key(key(index))) {
    auto why = jetstream::check_key(key(index));
    return settle(index, put_outcome(why.code, std::move(why.detail))), true;
  }
  const std::size_t size = value(index).size();
  // What is unanswered is held in memory: no more than may wait for the socket.
  if (in_flight() == max_in_flight_) return false;
  if (in_flight() > 0 && bytes_ + size > session_.settings().write_buffer()) return false;
  if (free_.empty()) {
    parts_.push_back(std::make_unique<part>(*this));
    free_.push_back(parts_.back().get());
  }
  part& started = *free_.back();
  free_.pop_back();
  bytes_ += size;
  if (due_[index] == core::time_point()) due_[index] = session_.start_time(timeout_) + timeout_;
  started.send(
      index,
      kvco::net::frame({bucket_->write_prefix, key(index), session_.inbox().prefix(), {}, value(index)}),
      due_[index]);
  return true;
}

bool many_writer::is_in_flight() const noexcept {
  return may_be_stored_ || std::any_of(parts_.begin(), parts_.end(), [](const auto& each) {
           return each->state() == request::stage::in_flight;
         });
}

void many_writer::settle(std::uint32_t index, put_outcome outcome) {
  if (outcome.ok() || outcome.code() == client_error::outcome_unknown) may_be_stored_ = true;
  outcomes_[index] = std::move(outcome);
  --open_;
}

void many_writer::on_reply(part& answered, const wire::event& reply) {
  last_answer_ = session_.read_time();
  auto ack = read_ack(reply, bucket_->stream);
  if (ack.ok()) {
    has_stored_ = true;
    bucket_->floors.note(key(answered.index), ack.value.sequence);
    settle(answered.index, put_outcome(ack.value.sequence));
  } else if (ack.code == client_error::no_responders) {
    refused_.push_back(answered.index);
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
  free_.push_back(&done);
  go_on();
}

void many_writer::tell_if_due() {
  if (complete() || stranded()) turn_.set();
}

// An item that was refused is sent again, unless a later one of its key is stored, or may be: it would become the last value,
// and must not.
void many_writer::resume() noexcept {
  std::sort(refused_.begin(), refused_.end());
  absl::flat_hash_map<std::string_view, std::uint32_t>
      stored;  // the keys that were refused: their last stored item
  for (const std::uint32_t index : refused_) stored[key(index)] = 0;
  for (std::uint32_t i = refused_.front() + 1; i < next_; ++i) {
    if (!outcomes_[i].ok() && outcomes_[i].code() != errc::outcome_unknown) continue;
    if (const auto found = stored.find(key(i)); found != stored.end()) found->second = i;
  }
  std::vector<std::uint32_t> again;
  for (const std::uint32_t index : std::exchange(refused_, {})) {
    if (stored[key(index)] > index) {
      settle(index, put_outcome(client_error::no_responders, "a later item of this key was stored"));
    } else {
      again.push_back(index);
    }
  }
  again.insert(again.end(), again_.begin() + static_cast<std::ptrdiff_t>(again_at_), again_.end());
  again_ = std::move(again);
  again_at_ = 0;
  go_on();
}

core::time_point many_writer::refused_until() const noexcept {
  core::time_point first = core::time_point::max();
  for (const std::uint32_t index : refused_) first = std::min(first, due_[index]);
  return first;
}

void many_writer::give_up(error_code code, const std::string& detail) {
  for (const std::uint32_t index : std::exchange(refused_, {})) settle(index, put_outcome(code, detail));
  for (; has_next(); skip_next()) settle(peek_next(), put_outcome(code, detail));
  tell_if_due();
}

// --- the operation -----------------------------------------------------------------------------------------------------

void check(const put_many_options& options) {
  refuse(check_timeout(options.timeout));
  if (options.max_in_flight == 0)
    throw failure(client_error::setting_out_of_range, "max_in_flight 0, at least 1");
}

struct give_up_for {
  error_code code;
  std::string words;
};

// Waits until the bucket is served again. What is returned with a code is why there is no hope.
asio::awaitable<give_up_for> recover(recovery& outage) {
  give_up_for why;
  try {
    co_await outage.try_again();
  } catch (const failure& known) {
    if (known.code() == asio::error::operation_aborted) throw;
    why.code = known.code();
    why.words = known.words();
  }
  co_return why;
}

}  // namespace

asio::awaitable<std::vector<put_outcome>> put_many(bucket_ptr bucket, detail::texts items,
                                                   put_many_options options, progress* done) {
  check(options);
  const std::shared_ptr<session> session = bucket->session;
  if (session->closing()) throw failure(client_error::closed, "the client was closed");
  const duration timeout = timeout_or_default(*session, options.timeout);
  many_writer work(bucket, std::move(items), options.max_in_flight, timeout);
  struct end {
    progress& of;
    ~end() { of.end(false); }
  } guard{*done};
  done->begin(work);
  std::optional<recovery> outage;
  work.go_on();
  while (!work.complete()) {
    if (work.aborted() || session->terminated()) {
      throw failure(asio::error::operation_aborted, "the client was closed");
    }
    if (work.stranded()) {
      // An outage may last as long as the first item has time.
      if (work.has_stored() || !outage) outage.emplace(bucket, work.refused_until());
      const give_up_for why = co_await recover(*outage);
      why.code ? work.give_up(why.code, why.words) : work.resume();
    } else {
      work.turn().reset();
      co_await wait(session, work.turn());
    }
  }
  co_return work.take();
}

}  // namespace kvco::net
