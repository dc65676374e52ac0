// Steps that longer operations share, see the header.
#include <kvco/kv/steps.hpp>

#include <kvco/detail/concat.hpp>
#include <kvco/jetstream/replies.hpp>
#include <kvco/jetstream/requests.hpp>
#include <kvco/kv/checks.hpp>
#include <kvco/net/pause.hpp>
#include <kvco/net/task.hpp>
#include <utility>

namespace kvco::kv {
namespace {

constexpr auto look_counts_for = std::chrono::milliseconds(100);

// False: no server can answer for now. Fails with the error if another attempt is useless.
bool is_answered(api_reply& reply) {
  if (!reply.code) return !jetstream::is_unavailable_for_now(reply.payload);
  if (reply.code != client_error::no_responders) throw failure(reply.code, std::move(reply.detail));
  return false;
}

// No server answers, and none will: JetStream is off on this server. This is not conclusive for another domain, in a cluster, or
// if a hub has answered before, which may only be disconnected for now.
bool has_no_jetstream(const session& session) {
  const server_info& here = session.info();
  return !here.jetstream && here.cluster.empty() && session.is_own_api() && !session.has_seen_jetstream();
}

// A stream that is not a bucket is an error.
jetstream::outcome<jetstream::stream_info> read_stream_info(std::string_view payload, std::string_view name) {
  auto info = jetstream::parse_stream_info(payload);
  if (info.code == errc::bucket_not_found) {
    info.detail = detail::concat("bucket ", name);
  } else if (info.ok() && !info.value.is_bucket()) {
    info.code = client_error::not_a_bucket;
    info.detail = std::move(info.value.why_no_bucket);
  }
  return info;
}

// A handle has the subjects of one origin: fails if the stream now has another one.
jetstream::stream_info read_as_bound(const bucket_state& bucket, std::string_view payload) {
  auto info = read_stream_info(payload, bucket.name);
  if (info.ok() && info.value.origin != bucket.origin) {
    info.code = client_error::not_a_bucket;
    info.detail = jetstream::why_not_as_bound(bucket.stream, info.value.origin);
  }
  return take_value(bucket, std::move(info));
}

asio::awaitable<api_reply> call_until_answered(std::shared_ptr<session> session, api_request request,
                                               core::time_point until, effect what, progress* done,
                                               bool of_a_handle) {
  core::backoff backoff = pauses_between_attempts(*session);
  const std::string words = "no answer to " + request.subject;
  bool refused = false;
  while (true) {
    api_reply reply = co_await call(session, request, until, what, done);
    // After a 503 the error at the deadline is that one, and not a timeout.
    if (refused && reply.code == client_error::timeout) throw failure(client_error::no_responders, words);
    if (is_answered(reply)) {
      session->note_jetstream();
      co_return reply;
    }
    if (!of_a_handle && has_no_jetstream(*session)) {
      throw failure(client_error::jetstream_not_enabled,
                    "start the server with -js, or enable it for the account");
    }
    refused = true;
    co_await pause_before_retry(session, backoff, until, words);
  }
}

/// The inquiry is made by this operation. If it ends without an answer, another one inquires.
class turn_to_look {
 public:
  turn_to_look(const bucket_state& bucket, shared_look& look)
      : bucket_(bucket), look_(look), number_(++look.asked) {
    look_.open = true;
  }
  ~turn_to_look() {
    look_.open = false;
    if (!bucket_.session->abandoned()) look_.over.notify();
  }
  turn_to_look(const turn_to_look&) = delete;
  turn_to_look& operator=(const turn_to_look&) = delete;

  void answered() const {
    look_.answered = number_;
    look_.answered_at = bucket_.session->now();
  }

 private:
  const bucket_state& bucket_;
  shared_look& look_;
  std::uint64_t number_;
};

}  // namespace

detail::refusal check_writable(const bucket_state& bucket) {
  if (bucket.why_read_only.empty()) return {};
  return {client_error::read_only, detail::concat("bucket ", bucket.name, ": ", bucket.why_read_only)};
}

asio::awaitable<void> ask_origin_again(bucket_ptr bucket, core::time_point until, progress* done) {
  shared_look& shared = bucket->origin_look;
  const std::uint64_t before = shared.asked;
  const std::string late = detail::concat("the origin of bucket ", bucket->name, " does not answer");
  while (shared.open && shared.answered <= before) {
    if (bucket->session->now() >= until) throw failure(client_error::timeout, late);
    co_await pause(bucket->session, until, &shared.over);
  }
  if (shared.answered > before) co_return;
  const turn_to_look mine(*bucket, shared);
  auto info = co_await inspect_again(bucket, until, done);
  bucket_route route = co_await find_origin(bucket->session, std::move(info), until, duration::zero(), done);
  // Its own deadline is no answer for those that wait.
  if (route.unanswered && bucket->session->now() >= until) throw failure(client_error::timeout, late);
  bucket->renew(std::move(route));
  mine.answered();
}

asio::awaitable<void> ensure_writable(bucket_ptr bucket, core::time_point until, progress* done) {
  if (check_writable(*bucket)) co_await ask_origin_again(bucket, until, done);
  refuse(check_writable(*bucket));
}

core::backoff pauses_between_attempts(session& session) {
  return {std::chrono::milliseconds(20), std::chrono::milliseconds(500), session.random()};
}

asio::awaitable<void> pause_before_retry(std::shared_ptr<session> session, core::backoff& backoff,
                                         core::time_point until, std::string words) {
  const core::time_point next = session->now() + backoff.next();
  if (next >= until) throw failure(client_error::no_responders, std::move(words));
  co_await pause(session, next);
}

asio::awaitable<api_reply> call_with_retry(std::shared_ptr<session> session, api_request request,
                                           core::time_point until, effect what, progress* done) {
  return call_until_answered(std::move(session), std::move(request), until, what, done, false);
}

asio::awaitable<api_reply> call_with_retry(bucket_ptr bucket, api_request request, core::time_point until,
                                           effect what, progress* done) {
  return call_until_answered(bucket->session, std::move(request), until, what, done, true);
}

asio::awaitable<api_reply> ask_leader(bucket_ptr bucket, std::string body, core::time_point until,
                                      progress* done) {
  api_request request{bucket->leader_get, {}, std::move(body)};
  co_return co_await call_with_retry(std::move(bucket), std::move(request), until, effect::read, done);
}

asio::awaitable<api_reply> ask_for_info(bucket_ptr bucket, std::string body, core::time_point until,
                                        progress* done) {
  api_request request{bucket->session->api().stream_info(bucket->stream), {}, std::move(body)};
  co_return co_await call_with_retry(std::move(bucket), std::move(request), until, effect::read, done);
}

asio::awaitable<jetstream::stream_info> inspect_bucket(std::shared_ptr<session> session, std::string name,
                                                       core::time_point until, progress* done) {
  api_request request{session->api().stream_info(jetstream::stream_name(name)), {}, {}};
  const api_reply reply = co_await call_with_retry(session, std::move(request), until, effect::read, done);
  co_return take_value(*session, name, read_stream_info(reply.payload, name));
}

asio::awaitable<jetstream::stream_info> inspect_again(bucket_ptr bucket, core::time_point until,
                                                      progress* done) {
  const api_reply reply = co_await ask_for_info(bucket, {}, until, done);
  auto info = read_as_bound(*bucket, reply.payload);
  bucket->renew(info);
  co_return info;
}

recovery::recovery(bucket_ptr bucket, core::time_point until)
    : bucket_(std::move(bucket)), backoff_(pauses_between_attempts(*bucket_->session)), until_(until) {}

asio::awaitable<void> recovery::try_again() {
  const bool direct = bucket_->allow_direct;
  co_await learn();
  while (true) {
    if (direct && !bucket_->allow_direct) co_return;  // this was the reason: the leader is available
    const bool no_server = bucket_->look.no_server;
    co_await pause_before_retry(bucket_->session, backoff_, until_, why_unavailable());
    if (!no_server) co_return;
    co_await learn_after_refusal();
    if (!bucket_->look.no_server) co_return;
  }
}

// As in call_until_answered().
asio::awaitable<void> recovery::learn_after_refusal() {
  try {
    co_await learn();
  } catch (const failure& why) {
    if (why.code() != client_error::timeout) throw;
    throw failure(client_error::no_responders, why_unavailable());
  }
}

std::string recovery::why_unavailable() const {
  std::string words = detail::concat("bucket ", bucket_->name, " has no leader");
  if (!bucket_->session->info().jetstream) words += ", and the server that we are connected to no JetStream";
  return words;
}

// Waits for an answer to an inquiry. Fails with the error that makes another attempt useless.
asio::awaitable<void> recovery::learn() {
  const bucket_look& shared = bucket_->look;
  const std::uint64_t before = shared.asked;
  while (!is_known(before)) {
    if (bucket_->session->now() >= until_) {
      throw failure(client_error::timeout, "no server reports whether bucket " + bucket_->name + " exists");
    }
    if (shared.open) {
      co_await pause(bucket_->session, until_, &bucket_->look.over);
    } else {
      co_await look();
    }
  }
  refuse({shared.code, shared.words});
}

// The answer that the bucket exists, or that no server can answer, is valid for a while, even for requests that fail later. The
// answer that it is gone is not: the bucket may be created again.
bool recovery::is_known(std::uint64_t before) const {
  const bucket_look& shared = bucket_->look;
  if (shared.answered > before) return true;
  return !shared.code && shared.answered > 0 &&
         bucket_->session->now() < shared.answered_at + look_counts_for;
}

// The answer is valid for all operations that wait for it.
asio::awaitable<void> recovery::look() {
  bucket_look& shared = bucket_->look;
  const turn_to_look mine(*bucket_, shared);
  try {
    api_request request{bucket_->session->api().stream_info(bucket_->stream), {}, {}};
    api_reply reply = co_await call(bucket_->session, std::move(request), until_);
    const bool answered = is_answered(reply);
    if (answered) bucket_->renew(read_as_bound(*bucket_, reply.payload));
    shared.no_server = !answered;
    shared.code = {};
    shared.words.clear();
  } catch (const failure& why) {
    const bool mine_alone = why.code() == client_error::timeout || why.code() == no_memory ||
                            why.code() == asio::error::operation_aborted;
    if (mine_alone) throw;
    shared.no_server = false;
    shared.code = why.code();
    shared.words = why.words();
  }
  mine.answered();
}

}  // namespace kvco::kv
