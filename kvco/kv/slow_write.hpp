// A write that needs more than one request: sent again after 503, over a tombstone, where the server could not judge it yet, and,
// where the caller has asked for it (retry::idempotent), after an answer that was lost. With a time to live that the bucket did not
// allow when it was opened it is sent once the bucket has been looked at again.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <kvco/kv/write_operation.hpp>
#include <string>

namespace kvco::kv {

/// The state after the first request. Not an aggregate: g++ 12 destroys those twice in co_await expressions.
struct unfinished_write {
  unfinished_write(bucket_ptr where, const write_request& what) : bucket(std::move(where)), asked(what) {}

  bucket_ptr bucket;
  write_request asked;  // its views are not used
  std::string key, value;
  std::string id;            // Nats-Msg-Id; empty: a write that may have been stored is not resent
  error_code code;           // of the first request
  bool looks_first = false;  // nothing was sent: does the bucket allow a time to live by now?
  core::time_point begun{}, until{};
  progress* done = nullptr;
};

/// The leader has not judged it, because it still processes a write of the same id (10158) or of the same key
/// (10164). That one may be an earlier attempt of this write; or one that was answered already, a moment ago:
/// nats-server (seen in 2.15.1, with replicas) sends the answer first. So only the next answer shows whether
/// the key has another revision.
bool is_in_process(const error_code& code) noexcept;

/// Goes on to the end. A write that may have been stored ends with its revision, or with outcome_unknown; with a definite error
/// only if it was not stored and never will be.
asio::awaitable<revision> write_slowly(unfinished_write write);

}  // namespace kvco::kv
