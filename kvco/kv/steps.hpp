// Steps that longer operations share: handling a silence or a 503, and reads that the leader answers.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <kvco/core/backoff.hpp>
#include <kvco/detail/refusal.hpp>
#include <kvco/jetstream/replies.hpp>
#include <kvco/kv/bucket_cache.hpp>
#include <kvco/kv/bucket_state.hpp>
#include <kvco/net/api_call.hpp>
#include <kvco/net/task.hpp>
#include <kvco/net/timeouts.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace kvco::kv {

/// Pauses between two attempts of one operation: from 20 ms, doubling, to half a second.
core::backoff pauses_between_attempts(session& session);

/// Waits before the next attempt; fails with errc::unavailable and these words when there is no time for one.
asio::awaitable<void> pause_before_retry(std::shared_ptr<session> session, core::backoff& backoff,
                                         core::time_point until, std::string words);

/// A JetStream API call that has to be answered: while no server answers (an election, a server that boots)
/// it is sent again until the deadline. Fails with errc::jetstream_not_enabled if there is no JetStream at
/// all.
/// @param what  effect::write is resent only after 503, which means that nothing was done
/// @param done  as in call()
asio::awaitable<api_reply> call_with_retry(std::shared_ptr<session> session, api_request request,
                                           core::time_point until, effect what = effect::read,
                                           progress* done = nullptr);
/// The same for a handle: JetStream was available when it was opened, so its absence is temporary.
asio::awaitable<api_reply> call_with_retry(bucket_ptr bucket, api_request request, core::time_point until,
                                           effect what = effect::read, progress* done = nullptr);

/// The value in a reply about a bucket. Fails (net::failure) with the server's error, which bucket_cache is notified of.
template <class T>
T take_value(const bucket_state& bucket, jetstream::outcome<T> reply) {
  if (reply.ok()) return std::move(reply.value);
  bucket_cache::note_error(bucket, reply.code);
  throw failure(reply.code, std::move(reply.detail));
}
/// The same for a bucket without a handle.
template <class T>
T take_value(session& session, std::string_view name, jetstream::outcome<T> reply) {
  if (reply.ok()) return std::move(reply.value);
  bucket_cache::note_error(session, name, reply.code);
  throw failure(reply.code, std::move(reply.detail));
}

/// A message of the bucket's stream, by the leader (STREAM.MSG.GET with this body).
asio::awaitable<api_reply> ask_leader(bucket_ptr bucket, std::string body, core::time_point until,
                                      progress* done);

/// STREAM.INFO of the handle's stream. An empty body asks for no list of subjects.
asio::awaitable<api_reply> ask_for_info(bucket_ptr bucket, std::string body, core::time_point until,
                                        progress* done);

/// Of a bucket that could not be written from here when its origin was last asked.
detail::refusal check_writable(const bucket_state& bucket);
/// Asks the origin of a mirror once more, on behalf of all operations that wait for it meanwhile: the handle then has its current
/// settings, and the bucket may be writable.
asio::awaitable<void> ask_origin_again(bucket_ptr bucket, core::time_point until, progress* done);
/// The same if check_writable() refuses it; fails with that refusal if the origin still does not answer.
asio::awaitable<void> ensure_writable(bucket_ptr bucket, core::time_point until, progress* done);

/// STREAM.INFO of a bucket. Fails (net::failure) with the server's error; a missing stream is
/// errc::bucket_not_found, one that is not a bucket errc::not_a_bucket: its name alone does not make it one.
asio::awaitable<jetstream::stream_info> inspect_bucket(std::shared_ptr<session> session, std::string name,
                                                       core::time_point until, progress* done);
/// The same for a handle, which then has the current state of the stream.
asio::awaitable<jetstream::stream_info> inspect_again(bucket_ptr bucket, core::time_point until,
                                                      progress* done = nullptr);

/// After a 503 or a silence on the bucket's subjects: fails if the bucket is gone, or its stream is no longer
/// a bucket; returns after a pause if the bucket exists and another attempt makes sense; returns at once if
/// the request was a direct get, which the stream does not answer any more. While no server answers for the
/// bucket, it waits until one does: another attempt would leave a write in flight at its deadline. Of many
/// operations that wait for a bucket one at a time inquires whether it exists; the handle then has the current
/// state of the stream.
class recovery {
 public:
  recovery(bucket_ptr bucket, core::time_point until);
  asio::awaitable<void> try_again();

 private:
  bool is_known(std::uint64_t before) const;
  asio::awaitable<void> learn();
  asio::awaitable<void> learn_after_refusal();
  asio::awaitable<void> look();
  std::string why_unavailable() const;

  bucket_ptr bucket_;
  core::backoff backoff_;
  core::time_point until_;
};

}  // namespace kvco::kv
