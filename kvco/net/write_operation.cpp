// Writes: encoded at once, answered by one ack; what needs a second look goes on as a coroutine.
#include <kvco/net/write_operation.hpp>

#include <kvco/jetstream/keys.hpp>
#include <kvco/jetstream/replies.hpp>
#include <kvco/net/checks.hpp>
#include <kvco/net/steps.hpp>
#include <kvco/wire/writer.hpp>
#include <utility>

namespace kvco::net {
namespace {

using text = std::string;

// The headers of a write; empty when it needs none.
text make_header(const write_request& request) {
  if (!request.expected && request.ttl.count() == 0 && request.op == operation::put) return {};
  text block;
  wire::append_header_start(block);
  if (request.op == operation::erase) wire::append_header_field(block, "KV-Operation", "DEL");
  if (request.op == operation::purge) {
    wire::append_header_field(block, "KV-Operation", "PURGE");
    wire::append_header_field(block, "Nats-Rollup", "sub");
  }
  if (request.expected) {
    wire::append_header_field(block, "Nats-Expected-Last-Subject-Sequence", *request.expected);
  }
  if (request.ttl.count() != 0) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(request.ttl).count();
    wire::append_header_field(block, "Nats-TTL", static_cast<std::uint64_t>(seconds));
  }
  wire::append_header_end(block);
  return block;
}

detail::refusal check(const bucket_state& bucket, const write_request& request) {
  if (!jetstream::is_valid_key(request.key)) return jetstream::check_key(request.key);
  if (auto refused = check_timeout(request.timeout)) return refused;
  return request.ttl.count() != 0 ? check_ttl(bucket, request.ttl) : detail::refusal{};
}

// Keeps trying after 503 (nothing was stored), and creates over a tombstone: the tombstone is still the key's last message,
// so its revision is what is expected then (ADR-8).
asio::awaitable<revision> write_slowly(bucket_ptr bucket, std::string key, std::string value,
                                       write_request request, error_code first, core::time_point until) {
  recovery recovering(bucket, until);
  error_code code = first;
  while (true) {
    if (code == client_error::no_responders) {
      co_await recovering.try_again();
    } else {
      const auto last = co_await read_last(bucket, key, until);
      if (last && last->op == operation::put) {
        throw failure(client_error::key_exists,
                      detail::concat("key \"", key, "\" has revision ", std::to_string(last->rev)));
      }
      request.expected = last ? last->rev : 0;
    }
    api_request again{bucket->write_prefix + key, make_header(request), value};
    api_reply reply = co_await call(bucket->session, std::move(again), until, effect::write);
    code = reply.code;
    if (code == client_error::no_responders) continue;
    if (code) throw failure(code, std::move(reply.detail));
    auto ack = jetstream::parse_pub_ack(reply.payload);
    if (ack.ok()) co_return ack.value.sequence;
    code = ack.code;
    if (!request.create || code != errc::wrong_last_revision) throw failure(code, std::move(ack.detail));
  }
}

class write_operation final : public reply_operation<revision> {
 public:
  write_operation(bucket_ptr bucket, const write_request& asked)
      : reply_operation(bucket->session, effect::write, timeout_or_default(*bucket->session, asked.timeout)),
        bucket_(std::move(bucket)),
        asked_(asked),
        key_size_(asked.key.size()) {
    const text header = make_header(asked);
    header_size_ = header.size();
    if (auto refused = check(*bucket_, asked)) {
      refuse(std::move(refused));
    } else {
      frame_ = kvco::net::frame(
          {bucket_->write_prefix, asked.key, session_->inbox().prefix(), header, asked.value});
    }
  }

 private:
  void decode(const wire::event& reply) override {
    auto ack = read_ack(reply);
    if (ack.ok()) {
      value_ = ack.value.sequence;
      return finish({});
    }
    const bool tombstone = asked_.create && ack.code == errc::wrong_last_revision;
    if (tombstone || ack.code == client_error::no_responders) return slowly_after(ack.code);
    finish(ack.code, std::move(ack.detail));
  }

  void slowly_after(error_code code) {
    first_ = code;
    go_on_slowly();
  }

  asio::awaitable<revision> slow_way() override {
    // Key and value are still in the frame.
    const std::string_view subject = frame_.subject();
    std::string key(subject.substr(subject.size() - key_size_));
    std::string_view bytes = frame_.view();
    bytes.remove_suffix(2);
    std::string value(bytes.substr(bytes.size() - (frame_.message_size() - header_size_)));
    return write_slowly(bucket_, std::move(key), std::move(value), asked_, first_, until_);
  }

  bucket_ptr bucket_;
  write_request asked_;  // its views are not used after the constructor
  error_code first_;
  std::size_t key_size_;
  std::size_t header_size_ = 0;
};

}  // namespace

jetstream::outcome<jetstream::pub_ack> read_ack(const wire::event& reply) {
  if (!reply.header.empty() && wire::headers(reply.header).status() == 503) {
    return {{}, client_error::no_responders, "nobody answers on this subject"};
  }
  auto ack = jetstream::parse_pub_ack(reply.payload);
  // An answer came, but not one that can be read: it may have been stored.
  if (ack.code == client_error::malformed_reply) ack.code = client_error::outcome_unknown;
  return ack;
}

detail::operation_ptr<revision> make_write(bucket_ptr bucket, const write_request& request) {
  return std::make_unique<write_operation>(std::move(bucket), request);
}

}  // namespace kvco::net
