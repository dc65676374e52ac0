// Reads: by direct get from any replica, or from the stream's leader.
#include <kvco/net/read_operation.hpp>

#include <algorithm>
#include <kvco/jetstream/keys.hpp>
#include <kvco/jetstream/replies.hpp>
#include <kvco/jetstream/requests.hpp>
#include <kvco/net/checks.hpp>
#include <kvco/net/steps.hpp>
#include <utility>

namespace kvco::net {
namespace {

using namespace std::chrono_literals;

detail::refusal check(const read_request& request) {
  if (!jetstream::is_valid_key(request.key)) return jetstream::check_key(request.key);
  if (auto refused = check_timeout(request.options.timeout)) return refused;
  return request.rev ? check_revision(*request.rev) : detail::refusal{};
}

struct question {
  bool direct() const noexcept { return who != consistency::leader && bucket->allow_direct && !lagging; }

  bucket_ptr bucket;
  std::string key;
  std::optional<revision> rev;
  consistency who;
  core::revision_floors::key_id id{};
  core::revision_floors::known known{};  // when it was asked
  bool lagging = false;                  // a replica has shown less: the leader is asked instead
  revision shown_revision = 0;           // what it has shown
  std::optional<entry> shown = std::nullopt;
};

void look_up(question& asked) {
  asked.id = core::revision_floors::id_of(asked.key);
  if (asked.who != consistency::any) asked.known = asked.bucket->floors.of(asked.id);
}

// Does a replica show less than what is known?
bool lags_behind(const question& asked, const found_message& reply) {
  if (!asked.direct()) return false;
  // A revision in the middle may be gone: only of the newest it is known that it was there.
  if (asked.rev) {
    return !reply.value && *asked.rev == asked.known.newest && asked.known.agreed == asked.known.newest;
  }
  return !asked.known.allows(revision_of(reply));
}

void turn_to_leader(question& asked, const found_message& reply) {
  asked.shown_revision = revision_of(reply);
  asked.shown = value_of(reply, asked.key);
  asked.lagging = true;
}

// What is known from now on, when the user is told this.
void note(const question& asked, revision shown, const std::optional<entry>& told) {
  auto& floors = asked.bucket->floors;
  if (!asked.rev && !asked.direct()) {
    floors.correct(asked.id, asked.known, shown);
  } else if (!asked.rev || told) {
    floors.note(asked.id, shown);
  }
}

api_request encode(const question& asked) {
  const auto& api = asked.bucket->session->api();
  if (asked.direct() && !asked.rev) return {asked.bucket->direct_prefix + asked.key, {}, {}};
  std::string subject =
      asked.direct() ? api.direct_get(asked.bucket->stream) : api.message_get(asked.bucket->stream);
  std::string body = asked.rev ? jetstream::by_sequence_request(*asked.rev)
                               : jetstream::last_by_subject_request(asked.bucket->key_prefix + asked.key);
  return {std::move(subject), {}, std::move(body)};
}

// What the replica has shown, for who may not ask the leader.
std::optional<entry> settle_for_shown(question& asked) {
  if (!asked.rev) asked.bucket->floors.correct(asked.id, asked.known, asked.shown_revision);
  return std::move(asked.shown);
}

asio::awaitable<std::optional<entry>> read_slowly(question asked, core::time_point until) {
  const std::shared_ptr<session> session = asked.bucket->session;
  recovery recovering(asked.bucket, until);
  core::backoff pauses = pauses_between_attempts(*session);
  bool at_once = asked.lagging;
  while (true) {
    if (!std::exchange(at_once, false)) co_await recovering.try_again();
    const core::time_point limit = asked.lagging ? std::min(until, session->now() + leader_patience) : until;
    const api_reply reply = co_await call(session, encode(asked), limit);
    if (asked.lagging && reply.code == client_error::permission_denied) co_return settle_for_shown(asked);
    found_message read;
    read.code = reply.code;
    read.detail = reply.detail;
    if (!reply.code) read = read_message(*asked.bucket, asked.direct(), reply.header, reply.payload);
    const bool nobody =
        read.code == client_error::no_responders || jetstream::is_unavailable_for_now(read.code);
    if (asked.lagging && (nobody || (read.code == client_error::timeout && limit < until))) {
      co_await pause_before_retry(session, pauses, until,
                                  "the leader does not answer, and a replica shows less than is known");
      asked.lagging = false;
      at_once = true;
    } else if (nobody) {
      continue;
    } else if (!read.ok()) {
      throw failure(read.code, read.detail);
    } else if (!lags_behind(asked, read)) {
      std::optional<entry> told = value_of(read, asked.key);
      note(asked, revision_of(read), told);
      co_return told;
    } else {
      turn_to_leader(asked, read);
      at_once = true;
    }
  }
}

class read_operation final : public reply_operation<std::optional<entry>> {
 public:
  read_operation(bucket_ptr bucket, const read_request& asked)
      : reply_operation(*bucket->session, effect::read,
                        timeout_or_default(*bucket->session, asked.options.timeout)),
        asked_{std::move(bucket), std::string(asked.key), asked.rev, asked.options.consistency} {
    const std::string_view inbox = session_->inbox().prefix();
    if (auto refused = check(asked)) {
      refuse(std::move(refused));
    } else if (asked_.direct() && !asked_.rev) {
      frame_ = kvco::net::frame({asked_.bucket->direct_prefix, asked_.key, inbox, {}, {}});
    } else {
      const api_request encoded = encode(asked_);
      frame_ = kvco::net::frame({{}, encoded.subject, inbox, {}, encoded.payload});
    }
  }

 private:
  observation observe_start() const override {
    const auto kind = asked_.rev ? operation_kind::get_revision : operation_kind::get;
    return {asked_.bucket->session, {kind, asked_.bucket->name, asked_.key}, 0};
  }
  duration first_timeout() const override {
    return silence_of(*session_, asked_.direct(), timeout_).value_or(timeout_);
  }
  bool on_expiry() override {
    if (session_->now() >= until_) return false;
    go_on_slowly();
    return true;
  }
  void begin() override { look_up(asked_); }
  void decode(const wire::event& reply) override {
    found_message read = read_message(*asked_.bucket, asked_.direct(), reply.header, reply.payload);
    if (read.code == client_error::no_responders || jetstream::is_unavailable_for_now(read.code)) {
      return go_on_slowly();
    }
    if (read.ok() && lags_behind(asked_, read)) {
      turn_to_leader(asked_, read);
      return go_on_slowly();
    }
    if (!read.ok()) return finish(read.code, std::move(read.detail));
    value_ = value_of(read, asked_.key);
    asked_.shown_revision = revision_of(read);
    asked_.bucket->floors.prefetch(asked_.id);
    finish();
  }
  void remember() override { note(asked_, asked_.shown_revision, value_); }
  asio::awaitable<std::optional<entry>> slow_way() override { return read_slowly(std::move(asked_), until_); }

  question asked_;
};

}  // namespace

std::optional<duration> silence_of(const session& session, bool direct, duration timeout) {
  if (!direct || session.at_least(2, 10)) return std::nullopt;
  return std::min<duration>(timeout / 2, 1s);
}

found_message read_message(const bucket_state& bucket, bool direct, std::string_view header,
                           std::string_view payload) {
  if (direct) return jetstream::parse_direct_get(header, payload, bucket.key_prefix, bucket.stream);
  if (wire::headers(header).no_responders()) return {{}, client_error::no_responders, {}};
  return jetstream::parse_message_get(payload, bucket.key_prefix);
}

revision revision_of(const found_message& reply) noexcept {
  return reply.value ? reply.value->fields.rev : 0;
}

std::optional<entry> value_of(const found_message& reply, std::string_view key) {
  if (!reply.value || reply.value->fields.op != operation::put || reply.value->fields.key != key)
    return std::nullopt;
  return entry(reply.value->fields);
}

detail::operation_ptr<std::optional<entry>> make_read(bucket_ptr bucket, const read_request& request) {
  return std::make_unique<read_operation>(std::move(bucket), request);
}

}  // namespace kvco::net
