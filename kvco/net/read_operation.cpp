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
  bucket_ptr bucket;
  std::string key;
  std::optional<revision> rev;
  bool direct;
};

api_request encode(const question& asked) {
  const auto& api = asked.bucket->session->api();
  if (asked.direct && !asked.rev) return {asked.bucket->direct_prefix + asked.key, {}, {}};
  std::string subject =
      asked.direct ? api.direct_get(asked.bucket->stream) : api.message_get(asked.bucket->stream);
  std::string body = asked.rev ? jetstream::by_sequence_request(*asked.rev)
                               : jetstream::last_by_subject_request(asked.bucket->key_prefix + asked.key);
  return {std::move(subject), {}, std::move(body)};
}

asio::awaitable<std::optional<entry>> read_slowly(question asked, core::time_point until) {
  recovery recovering(asked.bucket, until);
  while (true) {
    co_await recovering.try_again();
    const api_reply reply = co_await call(asked.bucket->session, encode(asked), until);
    if (reply.code == client_error::no_responders) continue;
    if (reply.code) throw failure(reply.code, reply.detail);
    const found_message read = read_message(*asked.bucket, asked.direct, reply.header, reply.payload);
    if (jetstream::is_unavailable_for_now(read.code)) continue;
    if (!read.ok()) throw failure(read.code, read.detail);
    co_return value_of(read, asked.key);
  }
}

class read_operation final : public reply_operation<std::optional<entry>> {
 public:
  read_operation(bucket_ptr bucket, const read_request& asked)
      : reply_operation(bucket->session, effect::read,
                        timeout_or_default(*bucket->session, asked.options.timeout)),
        asked_{bucket, std::string(asked.key), asked.rev,
               bucket->allow_direct && asked.options.consistency == consistency::any} {
    const std::string_view inbox = session_->inbox().prefix();
    if (auto refused = check(asked)) {
      refuse(std::move(refused));
    } else if (asked_.direct && !asked_.rev) {
      frame_ = kvco::net::frame({bucket->direct_prefix, asked_.key, inbox, {}, {}});
    } else {
      const api_request encoded = encode(asked_);
      frame_ = kvco::net::frame({{}, encoded.subject, inbox, {}, encoded.payload});
    }
  }

 private:
  observation observe_start() const override {
    const auto kind = asked_.rev ? operation_kind::get_revision : operation_kind::get;
    return {session_, {kind, asked_.bucket->name, asked_.key}, 0};
  }
  duration first_timeout() const override {
    return silence_of(*session_, asked_.direct, timeout_).value_or(timeout_);
  }
  bool on_expiry() override {
    if (session_->now() >= until_) return false;
    go_on_slowly();
    return true;
  }
  void decode(const wire::event& reply) override {
    found_message read = read_message(*asked_.bucket, asked_.direct, reply.header, reply.payload);
    if (read.code == client_error::no_responders || jetstream::is_unavailable_for_now(read.code)) {
      return go_on_slowly();
    }
    if (read.ok()) value_ = value_of(read, asked_.key);
    finish(read.code, std::move(read.detail));
  }
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
  if (direct) return jetstream::parse_direct_get(header, payload, bucket.key_prefix);
  if (wire::headers(header).no_responders()) return {{}, client_error::no_responders, {}};
  return jetstream::parse_message_get(payload, bucket.key_prefix);
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
