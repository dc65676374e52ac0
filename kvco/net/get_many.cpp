// Many keys at once: chunks of them by multi_last, the rest one by one, with a bounded part of it on its way.
#include <kvco/net/get_many.hpp>

#include <algorithm>
#include <kvco/core/budget.hpp>
#include <kvco/core/key_chunk.hpp>
#include <kvco/jetstream/keys.hpp>
#include <kvco/jetstream/multi_get.hpp>
#include <kvco/jetstream/requests.hpp>
#include <kvco/net/checks.hpp>
#include <kvco/net/deadline_guard.hpp>
#include <kvco/net/memory.hpp>
#include <kvco/net/pause.hpp>
#include <kvco/net/read_operation.hpp>
#include <kvco/net/request.hpp>
#include <kvco/net/steps.hpp>
#include <kvco/net/task.hpp>
#include <memory>
#include <utility>

namespace kvco::net {
namespace {

using namespace std::chrono_literals;
using values = std::vector<std::optional<entry>>;

// The server takes 1024 messages at most (413) and answers a chunk in one go; smaller ones cost more per key, larger
// ones make other requests of the stream wait longer.
constexpr std::size_t chunk_keys = 500;
constexpr std::size_t chunk_request_bytes = 128 * 1024;
constexpr std::uint64_t chunk_reply_bytes = 4u << 20;
// A server works on one after the other: on loopback one in flight is as fast as four, four hide the way to a far one.
constexpr std::size_t most_series = 4;
constexpr std::size_t most_direct = 512;
// The leader answers these in the API queue that it shares with all clients; it drops what is behind 10 000.
constexpr std::size_t most_from_leader = 256;
// A series that is not lost but slow is not asked for again for ever.
constexpr duration longest_patience = 8s;
// What a single reply may be, while none has come: then the largest one tells.
constexpr std::size_t first_estimate = 1u << 20, least_estimate = 1024;

class many_reader final : private core::budget_waiter {
 public:
  many_reader(bucket_ptr bucket, detail::texts keys, consistency who, core::time_point until);
  many_reader(const many_reader&) = delete;
  many_reader& operator=(const many_reader&) = delete;
  ~many_reader();

  /// Asks for as much as may be on its way.
  void go_on() noexcept;
  /// Set when there is something to do: it is complete, has failed, or waits for its bucket.
  signal& turn() noexcept { return turn_; }
  bool complete() const noexcept { return open_ == 0; }
  bool failed() const noexcept { return static_cast<bool>(code_); }
  bool direct() const noexcept { return direct_; }
  /// Nobody serves the bucket (503), and nothing is on its way any more.
  bool stranded() const noexcept { return held_ && in_flight() == 0; }
  void resume() {
    held_ = false;
    if (direct_ && !bucket_->allow_direct) leave_replicas();
    go_on();
  }
  void fail(error_code code, std::string detail);
  failure why() const { return failure(code_, detail_); }
  std::uint64_t replies() const noexcept { return replies_; }
  values take() { return std::move(values_); }

 private:
  class part;
  class series;
  class single;

  void on_room() override { go_on(); }

  std::size_t in_flight() const noexcept { return series_.used() + singles_.used(); }
  bool has_next() const noexcept { return !again_.empty() || next_ < keys_.size(); }
  std::uint32_t peek_next() const noexcept { return again_.empty() ? next_ : again_.back(); }
  void skip_next() noexcept { again_.empty() ? void(++next_) : again_.pop_back(); }

  bool start_series();
  bool start_single();
  std::uint32_t take_single();
  jetstream::multi_get_limits limits() const;
  std::size_t single_cost() const;

  /// False: there was no memory for the value that `make` returns, and the whole has failed.
  template <class Make>
  bool store(std::uint32_t index, const Make& make) {
    if (has_memory_for([&] { values_[index] = make(); })) return true;
    fail(no_memory, "no memory for a reply");
    return false;
  }
  void settle() noexcept { --open_; }
  /// What was shown as this key's last revision (0: none) settles it, unless a replica that lags behind has shown it.
  void judge(std::uint32_t index, revision shown, bool direct);
  core::revision_floors::known known_of(std::uint32_t index) const {
    return known_.empty() ? core::revision_floors::known() : known_[index];
  }
  void note_size(const wire::event& reply) noexcept {
    largest_ = std::max(largest_, reply.header.size() + reply.payload.size());
  }
  void on_ended(series& done, bool whole);
  void on_ended(series& done, bool whole, std::vector<std::uint32_t>& later);
  void on_too_many(series& refused);
  void on_unknown(series& refused);
  void on_no_responders(series& refused);
  void on_failure(series& failed, error_code code, std::string detail);
  void ask_again(const core::key_chunk& chunk, std::vector<std::uint32_t>& queue);
  /// The stream answers no direct get any more: the leader is asked for all that has no answer.
  void leave_replicas();
  /// After each part that has ended: others take its place.
  template <class Part>
  void release(Part& done);

  // Parts that are used again and again; those in use are registered in the session.
  template <class Part>
  class pool {
   public:
    Part& acquire(many_reader& owner) {
      if (free_.empty()) {
        all_.push_back(std::make_unique<Part>(owner));
        free_.push_back(all_.back().get());
      }
      Part& taken = *free_.back();
      free_.pop_back();
      return taken;
    }
    void release(Part& part) { free_.push_back(&part); }
    std::size_t used() const noexcept { return all_.size() - free_.size(); }
    bool has_free(const Part& part) const noexcept {
      return std::find(free_.begin(), free_.end(), &part) != free_.end();
    }
    const std::vector<std::unique_ptr<Part>>& all() const noexcept { return all_; }

   private:
    std::vector<std::unique_ptr<Part>> all_;
    std::vector<Part*> free_;
  };

  bucket_ptr bucket_;
  session& session_;
  detail::texts keys_;
  values values_;
  core::time_point until_;
  signal turn_;
  pool<series> series_;
  pool<single> singles_;
  std::vector<std::uint32_t> again_;       // indices to be asked for again
  std::vector<std::uint32_t> one_by_one_;  // that are not asked for by multi_last
  struct lagging {
    std::uint32_t index;
    revision shown;
  };
  std::vector<lagging> lagging_;  // a replica showed less than is known: the leader is asked
  std::vector<core::revision_floors::known> known_;  // of each key, when it began; empty: nothing
  std::uint32_t next_ = 0;                           // not asked for yet: from this index on
  std::size_t open_;                                 // keys without an answer
  std::size_t chunk_keys_ = chunk_keys;
  duration patience_ = first_patience;  // with a series
  std::size_t largest_ = 0;             // of the single replies so far, in bytes
  std::uint64_t replies_ = 0;
  error_code code_;
  std::string detail_;
  bool direct_, multi_;
  bool held_ = false;
};

// One request of many. Its owner goes with the coroutine that waits for the whole.
class many_reader::part : public request {
 public:
  explicit part(many_reader& owner) : request(owner.session_, effect::read), owner_(owner) {}
  ~part() = default;

  void send(kvco::net::frame encoded, std::size_t cost, core::time_point until,
            duration patience = first_patience) {
    frame_ = std::move(encoded);
    cost_ = cost;
    submit_until_answered(until, owner_.session_.now(), patience);
  }
  /// Leaves the session and gives back what it had of the budget.
  void leave() {
    withdraw();
    const std::size_t cost = std::exchange(cost_, 0);
    if (cost != 0 && !owner_.session_.abandoned()) owner_.session_.replies().give(cost);
  }

 protected:
  void abandon() noexcept final {}

  many_reader& owner_;
  std::size_t cost_ = 0;
};

class many_reader::series final : public part {
 public:
  using part::part;
  core::key_chunk chunk;
  duration patience = first_patience;
  core::time_point heard = core::time_point::min();  // when a message came last

 private:
  void on_reply(const wire::event& message) override;
  core::time_point last_reply() const noexcept override { return heard; }
  /// The messages of two answers to one request could not be told apart.
  bool on_lost() override {
    // It may have been slow only, and what comes of it now is nobody's.
    owner_.patience_ = std::max(owner_.patience_, std::min<duration>(2 * patience, longest_patience));
    owner_.on_ended(*this, false, owner_.again_);
    return false;
  }
  void run() override { owner_.on_failure(*this, code_, std::move(detail_)); }
};

class many_reader::single final : public part {
 public:
  using part::part;
  std::uint32_t index = 0;
  bool direct = false;
  bool instead = false;  // the leader is asked because a replica lags behind
  revision shown = 0;    // by that replica

 private:
  void on_reply(const wire::event& reply) override;
  void run() override;
};

many_reader::many_reader(bucket_ptr bucket, detail::texts keys, consistency who, core::time_point until)
    : bucket_(std::move(bucket)),
      session_(*bucket_->session),
      keys_(std::move(keys)),
      values_(keys_.size()),
      until_(until),
      turn_(session_.executor()),
      open_(keys_.size()),
      direct_(who != consistency::leader && bucket_->allow_direct),
      multi_(direct_ && bucket_->takes_multi_get() && keys_.size() > 1) {
  if (who == consistency::any || bucket_->floors.size() == 0) return;
  known_.reserve(keys_.size());
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    known_.push_back(bucket_->floors.of(core::revision_floors::id_of(keys_[i])));
  }
}

many_reader::~many_reader() {
  unlink();  // leave() makes room, but not for this one
  for (const auto& each : series_.all()) each->leave();
  for (const auto& each : singles_.all()) each->leave();
}

template <class Part>
void many_reader::release(Part& done) {
  done.leave();
  if constexpr (std::is_same_v<Part, series>) {
    series_.release(done);
  } else {
    singles_.release(done);
  }
  go_on();
  if (complete() || stranded()) turn_.set();
}

void many_reader::go_on() noexcept {
  if (failed() || held_) return;
  while (start_series() || start_single()) {
  }
}

jetstream::multi_get_limits many_reader::limits() const {
  return {chunk_keys_, std::min<std::size_t>(chunk_request_bytes, session_.info().max_payload / 2),
          chunk_reply_bytes};
}

bool many_reader::start_series() {
  if (!multi_ || !has_next() || series_.used() == most_series) return false;
  // A series ends behind the message with which it exceeds its size.
  const std::size_t cost = chunk_reply_bytes + session_.info().max_payload;
  if (!session_.replies().take(cost, *this)) return false;
  series& started = series_.acquire(*this);
  started.chunk.clear();
  jetstream::multi_get_body body(bucket_->key_prefix, limits());
  for (; has_next(); skip_next()) {
    const std::uint32_t index = peek_next();
    const std::string_view key = keys_[index];
    if (body.has_room(key)) {
      if (started.chunk.add(index, key)) body.add(key);
    } else if (body.keys() == 0) {
      one_by_one_.push_back(index);
    } else {
      break;
    }
  }
  if (body.keys() == 0) {
    series_.release(started);
    session_.replies().give(cost);
    return false;
  }
  const std::string subject = session_.api().direct_get(bucket_->stream), text = body.take();
  started.patience = patience_;
  started.heard = core::time_point::min();
  started.send(kvco::net::frame({{}, subject, session_.inbox().prefix(), {}, text}), cost, until_, patience_);
  return true;
}

std::uint32_t many_reader::take_single() {
  if (one_by_one_.empty()) {
    const std::uint32_t index = peek_next();
    skip_next();
    return index;
  }
  const std::uint32_t index = one_by_one_.back();
  one_by_one_.pop_back();
  return index;
}

void many_reader::judge(std::uint32_t index, revision shown, bool direct) {
  const auto known = known_of(index);
  if (direct && !known.allows(shown)) return lagging_.push_back({index, shown});
  const auto id = core::revision_floors::id_of(keys_[index]);
  if (direct) {
    bucket_->floors.note(id, shown);
  } else {
    bucket_->floors.correct(id, known, shown);
  }
  settle();
}

std::size_t many_reader::single_cost() const {
  if (largest_ != 0) return std::max(largest_, least_estimate);
  return std::min<std::size_t>(first_estimate, session_.info().max_payload);
}

bool many_reader::start_single() {
  const bool instead = !lagging_.empty();
  if (!instead && one_by_one_.empty() && (multi_ || !has_next())) return false;
  const bool direct = direct_ && !instead;
  if (singles_.used() >= (direct ? most_direct : most_from_leader)) return false;
  const std::size_t cost = single_cost();
  if (!session_.replies().take(cost, *this)) return false;
  single& started = singles_.acquire(*this);
  started.direct = direct;
  started.instead = instead;
  core::time_point until = until_;
  if (instead) {
    started.index = lagging_.back().index;
    started.shown = lagging_.back().shown;
    lagging_.pop_back();
    until = std::min(until, session_.now() + leader_patience);
  } else {
    started.index = take_single();
  }
  const std::string_view key = keys_[started.index], inbox = session_.inbox().prefix();
  if (direct) {
    started.send(kvco::net::frame({bucket_->direct_prefix, key, inbox, {}, {}}), cost, until);
  } else {
    const std::string subject = session_.api().message_get(bucket_->stream);
    const std::string body = jetstream::last_by_subject_request(detail::concat(bucket_->key_prefix, key));
    started.send(kvco::net::frame({{}, subject, inbox, {}, body}), cost, until);
  }
  return true;
}

void many_reader::series::on_reply(const wire::event& message) {
  using kind = jetstream::multi_get_kind;
  note_reply();
  heard = owner_.session_.read_time();
  ++owner_.replies_;
  const bucket_state& bucket = *owner_.bucket_;
  jetstream::multi_get_reply reply;
  if (!bucket.direct_replies.read(message.header, message.payload, reply)) {
    reply = jetstream::parse_multi_get(message.header, message.payload, bucket.key_prefix);
  }
  switch (reply.kind) {
    case kind::message:
      owner_.note_size(message);
      if (const auto* key = chunk.on_message(reply)) {
        owner_.store(key->index, [&] {
          return reply.fields.op == operation::put ? std::optional<entry>(reply.fields) : std::nullopt;
        });
      }
      return;
    case kind::end:
      return owner_.on_ended(*this, chunk.on_end(reply));
    case kind::none:
      return owner_.on_ended(*this, true);
    case kind::broken_off:
      return owner_.on_ended(*this, false);
    case kind::too_many:
      return owner_.on_too_many(*this);
    case kind::unknown:
      return owner_.on_unknown(*this);
    case kind::no_responders:
      return owner_.on_no_responders(*this);
    case kind::failed:
      return owner_.fail(reply.code, std::move(reply.detail));
  }
}

void many_reader::single::on_reply(const wire::event& reply) {
  ++owner_.replies_;
  owner_.note_size(reply);
  found_message read =
      read_message(*owner_.bucket_, direct, owner_.keys_[index], reply.header, reply.payload);
  if (read.code == client_error::no_responders || jetstream::is_unavailable_for_now(read.code)) {
    owner_.one_by_one_.push_back(index);
    owner_.held_ = true;
  } else if (!read.ok()) {
    return owner_.fail(read.code, std::move(read.detail));
  } else {
    if (!owner_.store(index, [&] { return value_of(read, owner_.keys_[index]); })) return;
    owner_.judge(index, revision_of(read), direct);
  }
  owner_.release(*this);
}

void many_reader::single::run() {
  if (instead && code_ == client_error::permission_denied) {
    // Who may not ask the leader has what replicas show.
    owner_.judge(index, shown, false);
  } else if (instead && code_ == client_error::timeout && owner_.session_.now() < owner_.until_) {
    owner_.one_by_one_.push_back(index);  // perhaps another replica has it
  } else {
    return owner_.fail(code_, std::move(detail_));
  }
  owner_.release(*this);
}

void many_reader::ask_again(const core::key_chunk& chunk, std::vector<std::uint32_t>& queue) {
  for (const auto& key : chunk.keys()) queue.push_back(key.index);
  for (const auto& twin : chunk.duplicates()) queue.push_back(twin.index);
}

void many_reader::leave_replicas() {
  direct_ = multi_ = false;
  held_ = true;  // what is given back makes room, and nothing starts before all is
  const auto leave = [](auto& from, auto& each, auto&& note) {
    // Done: it has failed, and its turn comes.
    if (from.has_free(each) || each.state() == request::stage::done) return;
    note();
    each.leave();
    from.release(each);
  };
  for (const auto& each : series_.all()) {
    leave(series_, *each, [&] { ask_again(each->chunk, again_); });
  }
  for (const auto& each : singles_.all()) {
    if (each->direct) leave(singles_, *each, [&] { one_by_one_.push_back(each->index); });
  }
  held_ = false;
}

// What has not come is absent if the series was whole; else it is asked for again. Not by up_to_seq, the server's own way of
// paging: a key that was written meanwhile would have no revision any more that is old enough.
void many_reader::on_ended(series& done, bool whole) {
  // A series that brings nothing would be asked for for ever.
  on_ended(done, whole, done.chunk.has_come() ? again_ : one_by_one_);
}

void many_reader::on_ended(series& done, bool whole, std::vector<std::uint32_t>& later) {
  const core::key_chunk& chunk = done.chunk;
  const auto end = [&](std::uint32_t index, const core::key_chunk::key& key) {
    key.came || whole ? judge(index, key.rev, true) : later.push_back(index);
  };
  for (const auto& key : chunk.keys()) end(key.index, key);
  for (const auto& twin : chunk.duplicates()) {
    const auto& first = chunk.keys()[twin.of];
    if (first.came) values_[twin.index] = values_[first.index];
    end(twin.index, first);
  }
  release(done);
}

void many_reader::on_no_responders(series& refused) {
  held_ = true;
  ask_again(refused.chunk, again_);
  release(refused);
}

void many_reader::on_too_many(series& refused) {
  const std::size_t keys = refused.chunk.keys().size();
  ask_again(refused.chunk, keys > 1 ? again_ : one_by_one_);
  chunk_keys_ = std::max<std::size_t>(1, std::min(chunk_keys_, keys / 2));
  release(refused);
}

void many_reader::on_unknown(series& refused) {
  bucket_->forget_multi_get();
  multi_ = false;
  ask_again(refused.chunk, again_);
  release(refused);
}

void many_reader::on_failure(series& failed, error_code code, std::string detail) {
  // A user may be allowed to read keys, but not to ask for many of them: the key is not in the subject then.
  if (code == client_error::permission_denied) return on_unknown(failed);
  if (code == client_error::value_over_max_payload) return on_too_many(failed);
  fail(code, std::move(detail));
}

void many_reader::fail(error_code code, std::string detail) {
  if (failed() || complete()) return;
  code_ = code;
  detail_ = std::move(detail);
  turn_.set();
}

// --- the operation -----------------------------------------------------------------------------------------------------

void check(const detail::texts& keys, const get_options& options) {
  refuse(check_timeout(options.timeout));
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (jetstream::is_readable_key(keys[i])) continue;
    auto refused = jetstream::check_readable_key(keys[i]);
    throw failure(refused.code, detail::concat("keys[", std::to_string(i), "]: ", refused.detail));
  }
}

// Waits until there is something to do. After a silence of `longest` it looks whether the bucket is gone, or answers no direct get any
// more.
asio::awaitable<void> wait_for(bucket_ptr bucket, many_reader& work, std::optional<duration> longest,
                               core::time_point until) {
  const std::shared_ptr<session> session = bucket->session;
  const std::uint64_t replies = work.replies();
  bool quiet = false;
  work.turn().reset();
  std::optional<deadline_guard> guard;
  if (longest) {
    guard.emplace(session, session->now() + *longest, [&] {
      quiet = work.replies() == replies;
      work.turn().set();
    });
  }
  co_await wait(session, work.turn());
  if (!quiet) co_return;
  co_await inspect_again(bucket, until);
  if (work.direct() && !bucket->allow_direct) work.resume();
}

}  // namespace

asio::awaitable<std::vector<std::optional<entry>>> get_many(bucket_ptr bucket, detail::texts keys,
                                                            get_options options) {
  check(keys, options);
  const std::shared_ptr<session> session = bucket->session;
  if (session->closing()) throw failure(client_error::closed, "the client was closed");
  if (keys.empty()) co_return values();

  const duration timeout = timeout_or_default(*session, options.timeout);
  const core::time_point until = session->now() + timeout;
  many_reader work(bucket, std::move(keys), options.consistency, until);
  deadline_guard guard(session, until,
                       [&work] { work.fail(client_error::timeout, "not all keys were answered in time"); });
  recovery recovering(bucket, until);
  work.go_on();
  while (true) {
    if (work.failed()) throw work.why();
    if (work.complete()) co_return work.take();
    if (session->terminated()) throw failure(asio::error::operation_aborted, "the client was closed");
    if (work.stranded()) {
      co_await recovering.try_again();
      work.resume();
    } else {
      co_await wait_for(bucket, work, silence_of(*session, work.direct(), timeout), until);
    }
  }
}

}  // namespace kvco::net
