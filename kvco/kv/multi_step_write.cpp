// A write that needs more than one request.
//
// Which answer a server gives to a write that it has carried out before depends on its version and on the replicas of the
// bucket: `duplicate` with the sequence, or "wrong last sequence" where a revision is expected, because it looks at that
// first. So a write that may have been stored is looked for in the stream after the second kind.
#include <kvco/kv/multi_step_write.hpp>

#include <algorithm>
#include <kvco/core/backoff.hpp>
#include <kvco/detail/concat.hpp>
#include <kvco/jetstream/requests.hpp>
#include <kvco/kv/checks.hpp>
#include <kvco/kv/read_operation.hpp>
#include <kvco/kv/steps.hpp>
#include <kvco/net/pause.hpp>
#include <optional>
#include <utility>
#include <vector>

namespace kvco::kv {
namespace {

// The text if only the code of the first request is known.
std::string words_of_first(const error_code& code) {
  if (code == client_error::timeout) return "not sent: there was no connection to the server";
  return is_in_process(code) ? "another write of this key is in process" : "";
}

/// The outcome of a write that was not answered.
struct own_write {
  std::optional<revision> stored;  // with this revision
  bool refused = false;            // certainly not stored
};

class multi_step_write {
 public:
  explicit multi_step_write(unfinished_write write)
      : write_(std::move(write)),
        recovering_(write_.bucket, write_.until),
        patience_(2 * write_patience(write_.until - write_.begun)),
        pauses_(pauses_between_attempts(session())) {}

  asio::awaitable<revision> run();

 private:
  net::session& session() const { return *write_.bucket->session; }
  bool repeats() const noexcept { return !write_.id.empty(); }
  bool may_be_stored() const noexcept { return !lost_.empty(); }

  asio::awaitable<revision> run_until_stored();
  asio::awaitable<void> look_again();
  asio::awaitable<std::optional<revision>> send();
  asio::awaitable<void> wait_a_little();
  void note(revision seen) { write_.bucket->floors.note(write_.key, seen); }
  void note_lost();
  asio::awaitable<std::optional<revision>> after_conflict();
  asio::awaitable<own_write> look_for_own(revision expected);
  asio::awaitable<std::optional<jetstream::written_message>> read(std::string body);
  core::time_point last_sending() const { return first_lost_ + write_.bucket->duplicate_window / 2; }

  unfinished_write write_;
  recovery recovering_;
  duration patience_;  // with the next sending
  core::backoff pauses_;
  error_code code_;    // of the last sending
  std::string words_;  // and the server's text
  core::time_point sent_{};
  core::time_point first_lost_{};              // when the first was sent that may have been stored
  std::vector<std::optional<revision>> lost_;  // the revisions expected by those, each once
};

asio::awaitable<revision> multi_step_write::run() {
  try {
    const revision stored = co_await run_until_stored();
    note(stored);
    co_return stored;
  } catch (const failure& known) {
    // An error of a later attempt has no bearing on an earlier one.
    if (!may_be_stored() || known.code() == client_error::outcome_unknown) throw;
    if (known.code() == asio::error::operation_aborted)
      throw failure(known.code(), "ended after it was sent");
    throw failure(
        client_error::outcome_unknown,
        detail::concat("sent, not answered, and then: ", known.code().message(), " ", known.words()),
        server_code_of(known.code()));
  }
}

asio::awaitable<revision> multi_step_write::run_until_stored() {
  code_ = write_.code;
  words_ = words_of_first(code_);
  sent_ = write_.begun;
  write_.done->end(code_ == client_error::outcome_unknown);
  if (write_.looks_first) co_await look_again();
  while (true) {
    if (code_ == client_error::no_responders) {
      co_await recovering_.try_again();
    } else if (code_ == client_error::outcome_unknown) {
      note_lost();
      co_await wait_a_little();
    } else if (is_in_process(code_)) {
      co_await wait_a_little();
    } else if (code_ == errc::wrong_last_revision) {
      if (const auto found = co_await after_conflict()) co_return *found;
    } else if (code_ != client_error::timeout || session().now() >= write_.until) {
      throw failure(code_, std::move(words_));
    }
    if (const auto stored = co_await send()) co_return *stored;
  }
}

asio::awaitable<void> multi_step_write::look_again() {
  if (write_.bucket->is_mirror()) {
    co_await ask_origin_again(write_.bucket, write_.until, write_.done);
    refuse(check_writable(*write_.bucket));
  } else {
    co_await inspect_again(write_.bucket, write_.until, write_.done);
  }
  refuse(check_ttl_of(*write_.bucket, write_.asked));
  code_ = client_error::timeout;  // of nothing: it is sent for the first time
}

// The revision, or nothing: then code_ has the reason.
asio::awaitable<std::optional<revision>> multi_step_write::send() {
  sent_ = session().now();
  core::time_point until = write_.until;
  if (repeats()) until = std::min(until, sent_ + patience_);
  patience_ *= 2;  // so that an answer that is only slow is received by a later attempt
  if (may_be_stored()) {
    if (sent_ >= last_sending()) {
      throw failure(client_error::outcome_unknown,
                    "sent, not answered, and the bucket may not know its id any more");
    }
    until = std::min(until, last_sending());
  }
  api_request request{write_.bucket->write_prefix + write_.key, write_header(write_.asked, write_.id),
                      write_.value};
  api_reply reply =
      co_await call(write_.bucket->session, std::move(request), until, effect::write, write_.done);
  code_ = reply.code;
  words_ = std::move(reply.detail);
  if (code_) co_return std::nullopt;
  if (!may_be_stored()) write_.done->has_no_effects();  // unless the answer is an acknowledgement
  auto ack = jetstream::parse_pub_ack(reply.payload);
  if (ack.ok()) co_return ack.value.sequence;
  code_ = ack.code == client_error::malformed_reply ? error_code(client_error::outcome_unknown) : ack.code;
  words_ = std::move(ack.detail);
  if (code_ == errc::wrong_last_revision) note(jetstream::last_revision_in(words_));
  co_return std::nullopt;
}

void multi_step_write::note_lost() {
  if (!repeats()) throw failure(code_, std::move(words_));
  if (words_.empty()) words_ = "sent, and not answered";
  if (lost_.empty()) first_lost_ = sent_;
  if (std::find(lost_.begin(), lost_.end(), write_.asked.expected) == lost_.end()) {
    lost_.push_back(write_.asked.expected);
  }
}

// The pause applies even if another write of the key is in process: of eight clients racing for one key, those that waited a
// millisecond instead stored a quarter as much, because the server was busy refusing them.
asio::awaitable<void> multi_step_write::wait_a_little() {
  const core::time_point next = session().now() + pauses_.next();
  // A closed client resends nothing, so the outcome of a write that may have been stored stays unknown.
  const bool ends_unknown = session().closing() && code_ == client_error::outcome_unknown;
  if (next >= write_.until || ends_unknown) {
    throw failure(is_in_process(code_) ? error_code(client_error::timeout) : code_, std::move(words_));
  }
  co_await pause(write_.bucket->session, next);
}

// Another revision is the key's last one: perhaps our own, perhaps a tombstone, over which create() goes on.
asio::awaitable<std::optional<revision>> multi_step_write::after_conflict() {
  for (const auto& expected : std::vector(lost_)) {
    const own_write own = co_await look_for_own(expected.value_or(0));
    if (own.stored) co_return own.stored;
    if (own.refused) std::erase(lost_, expected);
  }
  if (!write_.asked.create) throw failure(code_, std::move(words_));
  const auto last = co_await read_newest(write_.bucket, write_.key, write_.until, write_.done);
  if (last && last->operation() == operation::put) {
    throw failure(client_error::key_exists,
                  detail::concat("key \"", write_.key, "\" has revision ", std::to_string(last->revision())),
                  code_.value());
  }
  // The tombstone is still the key's last message, so its revision is expected then (ADR-8). An earlier
  // attempt that may have been stored cannot be stored twice: the id is the same.
  write_.asked.expected = last ? last->revision() : 0;
  co_return std::nullopt;
}

// A write that expected a revision was stored directly after it, or not at all. `refused`: certainly not,
// because that revision is still kept (the oldest are removed first) and another one follows it.
asio::awaitable<own_write> multi_step_write::look_for_own(revision expected) {
  const std::string subject = write_.bucket->key_prefix + write_.key;
  const auto next = co_await read(jetstream::next_by_subject_request(subject, expected + 1));
  if (next && next->id == write_.id) co_return own_write{next->sequence};
  if (!next || expected == 0 || write_.asked.ttl) co_return own_write{};
  const auto before = co_await read(jetstream::by_sequence_request(expected));
  co_return own_write{std::nullopt, before && before->subject == subject};
}

asio::awaitable<std::optional<jetstream::written_message>> multi_step_write::read(std::string body) {
  const api_reply reply = co_await ask_leader(write_.bucket, std::move(body), write_.until, write_.done);
  co_return take_value(*write_.bucket, jetstream::parse_written_message(reply.payload));
}

}  // namespace

bool is_in_process(const error_code& code) noexcept {
  constexpr int same_id = 10158, same_key = 10164;
  return code == error_code(same_id, jetstream_category()) ||
         code == error_code(same_key, jetstream_category());
}

asio::awaitable<revision> write_in_steps(unfinished_write write) {
  multi_step_write work(std::move(write));
  co_return co_await work.run();
}

}  // namespace kvco::kv
