// Writes: encoded at once, answered by one ack; a write that needs further requests continues as a coroutine.
#include <kvco/kv/write_operation.hpp>

#include <algorithm>
#include <kvco/jetstream/keys.hpp>
#include <kvco/jetstream/pub_ack.hpp>
#include <kvco/jetstream/replies.hpp>
#include <kvco/kv/checks.hpp>
#include <kvco/kv/multi_step_write.hpp>
#include <kvco/kv/steps.hpp>
#include <kvco/wire/headers.hpp>
#include <kvco/wire/text.hpp>
#include <kvco/wire/writer.hpp>
#include <utility>

namespace kvco::kv {
namespace {

// Keys stored by other clients can be removed whatever their form; keys to be stored must follow the rules.
detail::refusal check_key(const write_request& request) {
  if (jetstream::is_valid_key(request.key)) return {};
  if (request.op == operation::put) return jetstream::check_key(request.key);
  return jetstream::check_readable_key(request.key);
}

detail::refusal check(const write_request& request) {
  if (auto refused = check_key(request)) return refused;
  if (auto refused = check_timeout(request.timeout)) return refused;
  if (request.op != operation::put && request.expected) {
    if (auto refused = check_revision(*request.expected)) return refused;
  }
  return request.ttl ? check_ttl(*request.ttl) : detail::refusal{};
}

// How long the first answer is waited for if there is an alternative to giving up.
constexpr duration max_patience = std::chrono::seconds(2);

operation_kind kind_of(const write_request& asked) noexcept {
  if (asked.op == operation::erase) return operation_kind::erase;
  if (asked.op == operation::purge) return operation_kind::purge;
  if (asked.create) return operation_kind::create;
  return asked.expected ? operation_kind::update : operation_kind::put;
}

class write_operation final : public reply_operation<revision> {
 public:
  write_operation(bucket_ptr bucket, const write_request& asked)
      : reply_operation(*bucket->session, core::effect::write,
                        timeout_or_default(*bucket->session, asked.timeout), asked.diag),
        bucket_(std::move(bucket)),
        key_size_(asked.key.size()),
        asked_(asked) {
    const std::string header = write_header(asked, repeats() ? session_->message_id() : std::string());
    header_size_ = header.size();
    if (auto refused = check(asked)) {
      refuse(std::move(refused));
    } else {
      // The bucket may allow it now: it is looked at before anything is refused that it did not allow when it was opened.
      auto not_then = check_writable(*bucket_);
      if (!not_then) not_then = check_ttl_of(*bucket_, asked);
      looks_first_ = static_cast<bool>(not_then);
      if (looks_first_) refuse(std::move(not_then));
      frame_ =
          core::frame({bucket_->write_prefix, asked.key, session_->inbox().prefix(), header, asked.value});
      key_id_ = core::revision_floors::id_of(asked.key);
    }
  }

 private:
  observation observe_start() const override {
    operation_start start{kind_of(asked_), bucket_->name, {}};
    if (!frame_.bytes()) return {bucket_->session, start, 0};  // refused
    start.key = key();
    return {bucket_->session, start, frame_.message_size() - header_size_};
  }
  void decode(const wire::event& reply) override {
    if (reply.header.empty()) {
      if (const auto ack = jetstream::read_common_pub_ack(reply.payload, bucket_->stream)) return end(*ack);
    }
    decode_any(reply);
  }
  void end(const jetstream::pub_ack& ack) {
    value_ = ack.sequence;
    bucket_->floors.prefetch(key_id_);
    finish();
  }
  void decode_any(const wire::event& reply) {
    auto ack = read_ack(reply, bucket_->stream);
    if (ack.ok()) return end(ack.value);
    if (ack.code == errc::wrong_last_revision) {
      bucket_->floors.note(key_id_, jetstream::last_revision_in(ack.detail));
    }
    const bool tombstone = asked_.create && ack.code == errc::wrong_last_revision;
    if (tombstone || ack.code == client_error::no_responders || is_in_process(ack.code)) {
      return continue_in_steps_after(ack.code);
    }
    finish(ack.code, std::move(ack.detail));
  }

  void remember() override { bucket_->floors.note(key_id_, value_); }
  duration first_timeout() const override { return repeats() ? write_patience(timeout_) : timeout_; }
  bool on_expiry() override {
    if (!repeats() || session_->now() >= until_) return false;
    const bool sent = state() == stage::in_flight;
    continue_in_steps_after(sent ? client_error::outcome_unknown : client_error::timeout);
    return true;
  }
  bool continues_after(const error_code& code) override {
    first_ = code;
    if (looks_first_) return !session_->closing();
    return repeats() && code == client_error::outcome_unknown && session_->now() < until_ &&
           !session_->closing();
  }

  std::string_view key() const noexcept { return frame_.end_of_subject(key_size_); }
  bool repeats() const noexcept { return asked_.retry == retry::idempotent; }
  void continue_in_steps_after(error_code code) {
    first_ = code;
    continue_in_steps();
  }

  bool may_have_effects() const noexcept override {
    const error_code unknown = client_error::outcome_unknown;
    return state() == stage::in_flight || code_ == unknown || first_ == unknown;
  }
  asio::awaitable<revision> run_in_steps(progress* done) override {
    // Key, value and id are still in the frame.
    std::string_view message = frame_.view();
    message.remove_suffix(wire::line_break.size());
    message.remove_prefix(message.size() - frame_.message_size());
    write_request asked = asked_;
    asked.key = key();
    asked.value = message.substr(header_size_);
    std::string id;
    if (repeats()) id = wire::headers(message.substr(0, header_size_)).find("Nats-Msg-Id").value_or("");
    if (looks_first_) until_ = session_->now() + timeout_;  // it has not been started
    unfinished_write rest(bucket_, asked, std::move(id), first_, until_ - timeout_, until_, done);
    rest.looks_first = looks_first_;
    return write_in_steps(std::move(rest));
  }

  bucket_ptr bucket_;
  core::revision_floors::key_id key_id_{};
  std::size_t key_size_;
  std::size_t header_size_ = 0;
  // Read when it starts, and when it continues in steps; not by a reply that ends it:
  write_request asked_;  // its views are not used after the constructor
  error_code first_;
  bool looks_first_ = false;
};

}  // namespace

detail::refusal check_ttl_of(const bucket_state& bucket, const write_request& request) {
  if (!request.ttl) return {};
  if (!bucket.allow_msg_ttl) return no_ttl(bucket);
  const bool update = request.op == operation::put && request.expected && !request.create;
  return update ? check_single_history(bucket) : detail::refusal{};
}

std::string write_header(const write_request& request, std::string_view id) {
  if (!request.expected && !request.ttl && request.op == operation::put && id.empty()) return {};
  std::string block;
  wire::append_header_start(block);
  if (request.op == operation::erase) wire::append_header_field(block, "KV-Operation", "DEL");
  if (request.op == operation::purge) {
    wire::append_header_field(block, "KV-Operation", "PURGE");
    wire::append_header_field(block, "Nats-Rollup", "sub");
  }
  if (request.expected) {
    wire::append_header_field(block, "Nats-Expected-Last-Subject-Sequence", *request.expected);
  }
  if (request.ttl == no_expiry) {
    wire::append_header_field(block, "Nats-TTL", "never");
  } else if (request.ttl) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(*request.ttl).count();
    wire::append_header_field(block, "Nats-TTL", static_cast<std::uint64_t>(seconds));
  }
  if (!id.empty()) wire::append_header_field(block, "Nats-Msg-Id", id);
  wire::append_header_end(block);
  return block;
}

duration write_patience(duration timeout) { return std::min(timeout / 4, max_patience); }

jetstream::outcome<jetstream::pub_ack> read_ack(const wire::event& reply, std::string_view stream) {
  if (!reply.header.empty() && wire::headers(reply.header).no_responders()) {
    return {{}, client_error::no_responders, "no server answers on this subject"};
  }
  auto ack = jetstream::parse_pub_ack(reply.payload, stream);
  // An answer came, but not one that can be read: it may have been stored.
  if (ack.code == client_error::malformed_reply) ack.code = client_error::outcome_unknown;
  return ack;
}

detail::operation_ptr<revision> make_write(bucket_ptr bucket, const write_request& request) {
  return std::make_unique<write_operation>(std::move(bucket), request);
}

}  // namespace kvco::kv
