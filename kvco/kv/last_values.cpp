// The last values of a few filters by one request.
#include <kvco/kv/last_values.hpp>

#include <algorithm>
#include <kvco/net/memory.hpp>
#include <utility>

namespace kvco::kv {
namespace {

constexpr std::size_t max_request = 128 * 1024;

}  // namespace

last_values::last_values(bucket_ptr bucket)
    : request(bucket->session->requests(), core::effect::read),
      bucket_(std::move(bucket)),
      over_(bucket_->session->executor()) {}

last_values::~last_values() { stop(); }

std::string last_values::body_of(const bucket_state& bucket, const std::vector<std::string>& filters) {
  const std::size_t most = std::min<std::size_t>(max_request, bucket.session->info().max_payload / 2);
  jetstream::multi_get_body body(bucket.key_prefix, {wide_filters::max_keys, most, wide_filters::max_bytes});
  for (const std::string& filter : filters) {
    if (!body.has_room(filter)) return {};
    body.add(filter);
  }
  return body.take();
}

void last_values::begin(std::string_view body, duration timeout) {
  session& session = *bucket_->session;
  timeout_ = timeout;
  frame_ = core::frame({{}, session.api().direct_get(bucket_->stream), session.inbox().prefix(), {}, body});
  on_room();
}

void last_values::on_room() {
  session& session = *bucket_->session;
  const std::size_t cost = wide_filters::max_bytes + session.info().max_payload;
  if (!session.replies().take(cost, *this)) return;
  cost_ = cost;
  submit_until_answered(session.now() + timeout_, session.now());
}

void last_values::on_reply(const wire::event& message) {
  using kind = jetstream::multi_get_kind;
  note_reply();
  heard_ = bucket_->session->read_time();
  jetstream::multi_get_reply reply;
  if (!bucket_->direct_replies.read(message.header, message.payload, reply)) {
    reply = jetstream::parse_multi_get(message.header, message.payload, bucket_->key_prefix);
  }
  if (reply.kind == kind::message) return on_value(reply);
  refused_ = reply.kind == kind::unknown;
  too_wide_ = reply.kind == kind::too_many || (reply.kind == kind::end && reply.pending > 0);
  up_to_ = reply.up_to;
  whole_ = reply.kind == kind::end && !gap_ && up_to_ != 0 && reply.pending == 0 && pending_ == 0 &&
           reply.previous == last_;
  stop();
}

void last_values::on_value(const jetstream::multi_get_reply& reply) {
  const bool first = reply.previous == 0;
  if (first) entries_.clear();  // sent again after a reconnect
  gap_ = !first && (gap_ || reply.previous != last_ || reply.pending + 1 != pending_);
  last_ = reply.fields.rev;
  pending_ = reply.pending;
  if (has_memory_for([&] { entries_.emplace_back(reply.fields); })) return;
  code_ = no_memory;
  stop();
}

void last_values::run() {
  // A user may be allowed to read keys, but not to ask for many of them; and 2.9 answers nothing where direct get is off.
  refused_ = code_ == client_error::permission_denied;
  if (refused_ || code_ == client_error::timeout) code_ = {};
  stop();
}

void last_values::stop() noexcept {
  budget_waiter::unlink();
  withdraw();
  const std::size_t cost = std::exchange(cost_, 0);
  if (bucket_->session->abandoned()) return;
  if (cost != 0) bucket_->session->replies().give(cost);
  over_.set();
}

}  // namespace kvco::kv
