// A write that needs more than one request: it is sent again after 503, over a tombstone, if the server could not decide it yet, and
// with retry::idempotent after a lost answer. If the bucket did not allow it when it was opened (a time to live, a write to a mirror
// without its origin), it is sent after the state of the bucket was read again.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <kvco/kv/write_operation.hpp>
#include <string>

namespace kvco::kv {

/// The state after the first request. Not an aggregate: g++ 12 destroys those twice in co_await expressions.
struct unfinished_write {
  /// Copies key and value.
  /// @param message_id  Nats-Msg-Id; empty: a write that may have been stored is not resent
  /// @param first  the code of the first request; client_error::timeout: nothing was sent
  unfinished_write(bucket_ptr where, const write_request& what, std::string message_id, error_code first,
                   core::time_point from, core::time_point deadline, progress* to)
      : bucket(std::move(where)),
        asked(what),
        key(what.key),
        value(what.value),
        id(std::move(message_id)),
        code(first),
        begun(from),
        until(deadline),
        done(to) {
    asked.key = asked.value = {};  // views of the caller
  }

  bucket_ptr bucket;
  write_request asked;
  std::string key, value, id;
  error_code code;
  bool looks_first = false;  // nothing was sent: whether the bucket allows it now has to be read first
  core::time_point begun, until;
  progress* done;
};

/// The leader has not decided it, because it still processes a write with the same id (10158) or of the same key
/// (10164). That may be an earlier attempt of this write, or a write that was answered a moment ago: nats-server
/// (seen in 2.15.1, with replicas) sends the answer first. So only the next answer shows whether the key has
/// another revision.
bool is_in_process(const error_code& code) noexcept;

/// Completes the write. If it may have been stored, it ends with its revision or with outcome_unknown; it ends with a definite error
/// only if it was not stored and never will be.
asio::awaitable<revision> write_in_steps(unfinished_write write);

}  // namespace kvco::kv
