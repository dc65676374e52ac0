// Reads: by direct get from any replica, or from the stream's leader.
#include <kvco/kv/read_operation.hpp>

#include <algorithm>
#include <kvco/jetstream/keys.hpp>
#include <kvco/jetstream/replies.hpp>
#include <kvco/jetstream/requests.hpp>
#include <kvco/kv/bucket_cache.hpp>
#include <kvco/kv/checks.hpp>
#include <kvco/kv/steps.hpp>
#include <utility>

namespace kvco::kv {
namespace {

using namespace std::chrono_literals;

detail::refusal check(const read_request& request) {
  if (!jetstream::is_readable_key(request.key)) return jetstream::check_readable_key(request.key);
  if (auto refused = check_timeout(request.options.timeout)) return refused;
  return request.rev ? check_revision(*request.rev) : detail::refusal{};
}

struct question {
  /// Decides who is asked, for each time that the question is sent. The settings of the stream may change
  /// before the answer comes.
  void choose() noexcept {
    last_word = who == consistency::leader || lagging || (!bucket->allow_direct && !bucket->is_mirror());
    direct = !last_word && bucket->allow_direct;
  }

  bucket_ptr bucket;
  std::optional<revision> rev;
  consistency who;
  revision least = 0;       // see get_options::min_revision
  bool tombstones = false;  // a deletion is an answer
  core::revision_floors::key_id id{};
  core::revision_floors::known known{};  // when it was asked
  bool direct = false;                   // it was put to any replica; false: to a leader
  bool last_word =
      false;  // and that is the leader of the stream that is written: a mirror's own may lag behind
  bool lagging = false;         // a replica has shown less: the leader is asked instead
  revision shown_revision = 0;  // the revision of the replica's answer
};

struct multi_step_question : question {
  std::string key;
  std::optional<entry> shown;
  bool at_once = false;  // nothing was asked yet
};

// The stored message, including a tombstone; nothing for a message of another key.
std::optional<entry> message_of(const found_message& reply, std::string_view key) {
  if (!reply.value || reply.value->fields.key != key) return std::nullopt;
  return entry(reply.value->fields);
}

std::optional<entry> value_in(std::optional<entry> message) {
  if (message && message->operation() != operation::put) message.reset();
  return message;
}

// Does a replica show less than what is known?
bool lags_behind(const question& asked, revision shown) {
  if (asked.last_word) return false;
  // A revision in the middle may be gone: only of the newest it is known that it was there.
  if (asked.rev) {
    return shown == 0 && *asked.rev == asked.known.newest && asked.known.agreed == asked.known.newest;
  }
  return !asked.known.allows(shown);
}

// Records the revision that the user receives.
void note(const question& asked, revision shown, const std::optional<entry>& found) {
  auto& floors = asked.bucket->floors;
  if (!asked.rev && asked.last_word) {
    floors.correct(asked.id, asked.known, shown);
  } else if (!asked.rev || found) {
    floors.note(asked.id, shown);
  }
}

api_request encode(const question& asked, std::string_view key) {
  const auto& api = asked.bucket->session->api();
  if (asked.direct && !asked.rev) return {detail::concat(asked.bucket->direct_prefix, key), {}, {}};
  const std::string& stream = asked.bucket->stream;
  std::string subject = asked.last_word ? asked.bucket->leader_get
                        : asked.direct  ? api.direct_get(stream)
                                        : api.message_get(stream);
  std::string body = asked.rev
                         ? jetstream::by_sequence_request(*asked.rev)
                         : jetstream::last_by_subject_request(detail::concat(asked.bucket->key_prefix, key));
  return {std::move(subject), {}, std::move(body)};
}

// The replica's answer, for a user without permission to ask the leader.
std::optional<entry> settle_for_shown(multi_step_question& asked) {
  if (!asked.rev) asked.bucket->floors.correct(asked.id, asked.known, asked.shown_revision);
  return std::move(asked.shown);
}

asio::awaitable<std::optional<entry>> read_message_in_steps(multi_step_question asked, core::time_point until,
                                                            progress* done) {
  const std::shared_ptr<session> session = asked.bucket->session;
  recovery recovering(asked.bucket, until);
  core::backoff pauses = pauses_between_attempts(*session);
  bool at_once = asked.lagging || asked.at_once;
  while (true) {
    if (!std::exchange(at_once, false)) co_await recovering.try_again();
    asked.choose();
    const core::time_point now = session->now();
    const duration patience = asked.lagging
                                  ? leader_patience
                                  : silence_of(*session, asked.direct, until - now).value_or(until - now);
    const core::time_point limit = std::min(until, now + patience);
    const api_reply reply = co_await call(session, encode(asked, asked.key), limit, effect::read, done);
    if (asked.lagging && reply.code == client_error::permission_denied) co_return settle_for_shown(asked);
    found_message read;
    read.code = reply.code;
    read.detail = reply.detail;
    if (!reply.code) read = read_message(*asked.bucket, asked.direct, asked.key, reply.header, reply.payload);
    const bool silent = read.code == client_error::timeout && limit < until;
    const bool no_server =
        silent || read.code == client_error::no_responders || jetstream::is_unavailable_for_now(read.code);
    if (asked.lagging && no_server) {
      co_await pause_before_retry(session, pauses, until,
                                  "the leader does not answer, and a replica shows less than is known");
      asked.lagging = false;
      at_once = true;
    } else if (no_server) {
      continue;
    } else if (!read.ok()) {
      throw failure(read.code, read.detail);
    } else if (!lags_behind(asked, revision_of(read))) {
      std::optional<entry> found = message_of(read, asked.key);
      note(asked, revision_of(read), found);
      co_return found;
    } else {
      asked.lagging = true;
      asked.shown_revision = revision_of(read);
      asked.shown = message_of(read, asked.key);
      at_once = true;
    }
  }
}

asio::awaitable<std::optional<entry>> read_in_steps(multi_step_question asked, core::time_point until,
                                                    progress* done) {
  const bool tombstones = asked.tombstones;
  std::optional<entry> message = co_await read_message_in_steps(std::move(asked), until, done);
  co_return tombstones ? std::move(message) : value_in(std::move(message));
}

class read_operation final : public reply_operation<std::optional<entry>> {
 public:
  read_operation(bucket_ptr bucket, const read_request& asked)
      : reply_operation(*bucket->session, effect::read,
                        timeout_or_default(*bucket->session, asked.options.timeout), asked.options.diag),
        asked_{std::move(bucket), asked.rev, asked.options.consistency,
               asked.rev ? 0 : asked.options.min_revision, asked.tombstones},
        key_size_(asked.key.size()) {
    const std::string_view inbox = session_->inbox().prefix();
    if (auto refused = check(asked)) {
      key_ = asked.key;
      refuse(std::move(refused));
      return;
    }
    asked_.choose();
    asked_.id = core::revision_floors::id_of(asked.key);
    asked_.bucket->floors.prefetch(asked_.id);
    key_in_frame_ = asked_.direct && !asked_.rev;
    if (key_in_frame_) {
      frame_ = core::frame({asked_.bucket->direct_prefix, asked.key, inbox, {}, {}});
    } else {
      key_ = asked.key;
      const api_request encoded = encode(asked_, asked.key);
      frame_ = core::frame({{}, encoded.subject, inbox, {}, encoded.payload});
    }
  }

 private:
  observation observe_start() const override {
    const auto kind = asked_.rev          ? operation_kind::get_revision
                      : asked_.tombstones ? operation_kind::get_entry
                                          : operation_kind::get;
    return {asked_.bucket->session, {kind, asked_.bucket->name, key()}, 0};
  }
  duration first_timeout() const override {
    return silence_of(*session_, asked_.direct, timeout_).value_or(timeout_);
  }
  bool on_expiry() override {
    if (session_->now() >= until_) return false;
    continue_in_steps();
    return true;
  }
  void begin() override {
    if (asked_.who != consistency::any) asked_.known = asked_.bucket->floors.of(asked_.id);
    asked_.known = asked_.known.at_least(asked_.least);
  }
  void decode(const wire::event& reply) override {
    detail::entry_fields found;
    const bool common =
        asked_.direct && asked_.bucket->direct_replies.read(reply.header, reply.payload, key(), found);
    if (!common) return decode_any(reply);
    asked_.lagging = lags_behind(asked_, found.rev);
    value_.emplace(found);
    end(found.rev);
  }
  void decode_any(const wire::event& reply) {
    found_message read = read_message(*asked_.bucket, asked_.direct, key(), reply.header, reply.payload);
    if (read.code == client_error::no_responders || jetstream::is_unavailable_for_now(read.code)) {
      return continue_in_steps();
    }
    if (!read.ok()) return finish(read.code, std::move(read.detail));
    asked_.lagging = lags_behind(asked_, revision_of(read));
    value_ = asked_.tombstones ? message_of(read, key()) : value_of(read, key());
    end(revision_of(read));
  }
  void end(revision shown) {
    asked_.shown_revision = shown;
    if (asked_.lagging) return continue_in_steps();
    asked_.bucket->floors.prefetch(asked_.id);
    finish();
  }
  void remember() override { note(asked_, asked_.shown_revision, value_); }
  asio::awaitable<std::optional<entry>> run_in_steps(progress* done) override {
    return read_in_steps({std::move(asked_), std::string(key()), std::move(value_)}, until_, done);
  }

  std::string_view key() const noexcept { return key_in_frame_ ? frame_.end_of_subject(key_size_) : key_; }

  question asked_;
  std::size_t key_size_;
  std::string key_;  // where the frame has it not
  bool key_in_frame_ = false;
};

}  // namespace

std::optional<duration> silence_of(const session& session, bool direct, duration timeout) {
  const bool always_answered = session.at_least(2, 10) && session.is_version_of_jetstream();
  if (!direct || always_answered) return std::nullopt;
  return std::min<duration>(timeout / 2, 1s);
}

found_message read_message(const bucket_state& bucket, bool direct, std::string_view key,
                           std::string_view header, std::string_view payload) {
  found_message found;
  if (direct) {
    if (bucket.direct_replies.read(header, payload, key, found.value.emplace().fields)) return found;
    found = jetstream::parse_direct_get(header, payload, bucket.key_prefix);
  } else if (jetstream::is_no_responders(header)) {
    return {{}, client_error::no_responders, {}};
  } else {
    found = jetstream::parse_message_get(payload, bucket.key_prefix);
    bucket_cache::note_error(bucket, found.code);
  }
  if (found.value) found.value->fields.bucket = bucket.name;  // of a mirror the subject has another one's
  return found;
}

revision revision_of(const found_message& reply) noexcept {
  return reply.value ? reply.value->fields.rev : 0;
}

std::optional<entry> value_of(const found_message& reply, std::string_view key) {
  return value_in(message_of(reply, key));
}

asio::awaitable<std::optional<entry>> read_newest(bucket_ptr bucket, std::string key, core::time_point until,
                                                  progress* done) {
  multi_step_question asked{{std::move(bucket), {}, consistency::session}, std::move(key), {}, true};
  asked.id = core::revision_floors::id_of(asked.key);
  asked.known = asked.bucket->floors.of(asked.id);
  return read_message_in_steps(std::move(asked), until, done);
}

detail::operation_ptr<std::optional<entry>> make_read(bucket_ptr bucket, const read_request& request) {
  return std::make_unique<read_operation>(std::move(bucket), request);
}

}  // namespace kvco::kv
