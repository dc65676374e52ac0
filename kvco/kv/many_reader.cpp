// get_many on a connection: chunks of keys by multi_last, the rest one by one.
#include <algorithm>
#include <kvco/jetstream/multi_get.hpp>
#include <kvco/jetstream/requests.hpp>
#include <kvco/kv/many_reader_parts.hpp>
#include <kvco/kv/read_operation.hpp>
#include <kvco/net/memory.hpp>

namespace kvco::kv {
namespace {

// A server works on one after the other: on loopback one in flight is as fast as four, four hide the way to a far one.
constexpr std::size_t max_series = 4;
constexpr std::size_t max_direct = 512;
// The leader answers these in the API queue that it shares with all clients; it drops requests beyond 10 000.
constexpr std::size_t max_from_leader = 256;

core::read_ways ways_of(const bucket_state& bucket, const get_options& options) {
  const consistency who = options.consistency;
  const bool direct = who != consistency::leader && bucket.allow_direct;
  return {direct, direct && bucket.takes_multi_get(), who != consistency::any, options.min_revision};
}

}  // namespace

many_reader::many_reader(bucket_ptr bucket, detail::texts keys, const get_options& options,
                         core::time_point until)
    : bucket_(std::move(bucket)),
      session_(*bucket_->session),
      reads_(std::move(keys), ways_of(*bucket_, options), core::first_patience, bucket_->floors),
      values_(reads_.size()),
      until_(until),
      turn_(session_.executor()) {}

many_reader::~many_reader() {
  unlink();  // leave() makes room, but not for this one
  for (const auto& each : series_.all()) each->leave();
  for (const auto& each : singles_.all()) each->leave();
}

// --- requests ---------------------------------------------------------------------------------------------

void many_reader::go_on() noexcept {
  if (failed() || reads_.held()) return;
  while (start_series() || start_single()) {
  }
}

bool many_reader::start_series() {
  if (!reads_.has_chunk() || series_.used() == max_series) return false;
  const std::size_t max_payload = session_.info().max_payload;
  const std::size_t cost = core::many_reads::chunk_reply_bytes + max_payload;
  if (!session_.replies().take(cost, *this)) return false;
  series& started = series_.acquire(*this);
  const std::string text = reads_.fill(started.chunk, bucket_->key_prefix, max_payload);
  if (text.empty()) {
    series_.release(started);
    session_.replies().give(cost);
    return false;
  }
  const std::string subject = session_.api().direct_get(bucket_->stream);
  started.patience = reads_.patience();
  started.heard = core::time_point::min();
  started.send(core::frame({{}, subject, session_.inbox().prefix(), {}, text}), cost, until_,
               started.patience);
  return true;
}

bool many_reader::start_single() {
  if (!reads_.has_single()) return false;
  if (singles_.used() >= (reads_.next_is_direct() ? max_direct : max_from_leader)) return false;
  const std::size_t cost = reads_.single_cost(session_.info().max_payload);
  if (!session_.replies().take(cost, *this)) return false;
  single& started = singles_.acquire(*this);
  started.what = reads_.take_single();
  core::time_point until = until_;
  if (started.what.via_leader) until = std::min(until, session_.now() + leader_patience);
  const std::string_view key = reads_.key(started.what.item), inbox = session_.inbox().prefix();
  if (started.what.direct) {
    started.send(core::frame({bucket_->direct_prefix, key, inbox, {}, {}}), cost, until);
  } else {
    const std::string body = jetstream::last_by_subject_request(detail::concat(bucket_->key_prefix, key));
    started.send(core::frame({{}, bucket_->leader_get, inbox, {}, body}), cost, until);
  }
  return true;
}

void many_reader::release(series& done) {
  done.leave();
  series_.release(done);
  go_on_after_one();
}

void many_reader::release(single& done) {
  done.leave();
  singles_.release(done);
  go_on_after_one();
}

void many_reader::go_on_after_one() {
  go_on();
  if (complete() || stranded()) turn_.set();
}

// --- replies ----------------------------------------------------------------------------------------------

template <class Make>
bool many_reader::store(std::uint32_t index, const Make& make) {
  if (has_memory_for([&] { values_[index] = make(); })) return true;
  fail(no_memory, "no memory for a reply");
  return false;
}

void many_reader::on_reply(series& from, const wire::event& message) {
  using kind = jetstream::multi_get_kind;
  from.note();
  ++replies_;
  jetstream::multi_get_reply reply;
  if (!bucket_->direct_replies.read(message.header, message.payload, reply)) {
    reply = jetstream::parse_multi_get(message.header, message.payload, bucket_->key_prefix);
    reply.fields.bucket = bucket_->name;
  }
  switch (reply.kind) {
    case kind::message:
      reads_.note_size(message.header.size() + message.payload.size());
      if (const auto* key = from.chunk.on_message(reply)) {
        store(key->index, [&] {
          return reply.fields.op == operation::put ? std::optional<entry>(reply.fields) : std::nullopt;
        });
      }
      return;
    case kind::end:
      return on_ended(from, from.chunk.on_end(reply));
    case kind::none:
      return on_ended(from, true);
    case kind::broken_off:
      return on_ended(from, false);
    case kind::too_many:
      reads_.too_many(from.chunk);
      return release(from);
    case kind::unknown:
      return refuse_chunks(from);
    case kind::no_responders:
      reads_.hold();
      reads_.ask_again(from.chunk);
      return release(from);
    case kind::failed:
      return fail(reply.code, std::move(reply.detail));
  }
}

void many_reader::on_reply(single& from, const wire::event& reply) {
  ++replies_;
  reads_.note_size(reply.header.size() + reply.payload.size());
  const std::uint32_t index = from.what.item;
  found_message read =
      read_message(*bucket_, from.what.direct, reads_.key(index), reply.header, reply.payload);
  if (read.code == client_error::no_responders || jetstream::is_unavailable_for_now(read.code)) {
    reads_.ask_again(from.what);
    reads_.hold();
  } else if (!read.ok()) {
    return fail(read.code, std::move(read.detail));
  } else {
    if (!store(index, [&] { return value_of(read, reads_.key(index)); })) return;
    reads_.judge(from.what, revision_of(read));
  }
  release(from);
}

void many_reader::copy_twins(const core::key_chunk& chunk) {
  for (const auto& twin : chunk.duplicates()) {
    const auto& first = chunk.keys()[twin.of];
    if (first.came) values_[twin.index] = values_[first.index];
  }
}

void many_reader::on_ended(series& done, bool whole) {
  copy_twins(done.chunk);
  reads_.end(done.chunk, whole);
  release(done);
}

void many_reader::on_lost(series& lost) {
  copy_twins(lost.chunk);
  reads_.end_late(lost.chunk, lost.patience);
  release(lost);
}

void many_reader::refuse_chunks(series& refused) {
  bucket_->forget_multi_get();
  reads_.refuse_chunks(refused.chunk);
  release(refused);
}

void many_reader::on_refused(series& refused, error_code code, std::string detail) {
  // A user may be allowed to read keys, but not to ask for many of them: the key is not in the subject then.
  if (code == client_error::permission_denied) return refuse_chunks(refused);
  if (code != client_error::value_over_max_payload) return fail(code, std::move(detail));
  reads_.too_many(refused.chunk);
  release(refused);
}

void many_reader::on_failure(single& failed, error_code code, std::string detail) {
  const bool via_leader = failed.what.via_leader;
  if (via_leader && code == client_error::permission_denied) {
    reads_.accept_replica(failed.what);
  } else if (via_leader && code == client_error::timeout && session_.now() < until_) {
    reads_.ask_again(failed.what);  // perhaps another replica has it
  } else {
    return fail(code, std::move(detail));
  }
  release(failed);
}

void many_reader::fail(error_code code, std::string detail) {
  if (failed() || complete()) return;
  code_ = code;
  detail_ = std::move(detail);
  turn_.set();
}

// --- another way -------------------------------------------------------------------------------------------------------------

void many_reader::resume() {
  reads_.release();
  if (reads_.direct() && !bucket_->allow_direct) leave_replicas();
  go_on();
}

// The leader is asked for all that has no answer.
void many_reader::leave_replicas() {
  reads_.leave_replicas();
  reads_.hold();  // the budget given back makes room, and nothing starts before all is given back
  const auto leave = [](auto& from, auto& each, auto&& note) {
    // Done: it has failed, and its turn comes.
    if (from.is_free(each) || each.state() == core::request::stage::done) return;
    note();
    each.leave();
    from.release(each);
  };
  for (const auto& each : series_.all()) {
    leave(series_, *each, [&] { reads_.ask_again(each->chunk); });
  }
  for (const auto& each : singles_.all()) {
    if (each->what.direct) leave(singles_, *each, [&] { reads_.ask_again(each->what); });
  }
  reads_.release();
}

}  // namespace kvco::kv
