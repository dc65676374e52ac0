// A write that needs more than one request: sent again after 503 or over a tombstone, and, where the caller has asked for it
// (retry::idempotent), after an answer that was lost.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <kvco/net/write_operation.hpp>
#include <string>

namespace kvco::net {

/// What is known after the first request. Not an aggregate: g++ 12 destroys those twice in co_await expressions.
struct unfinished_write {
  unfinished_write(bucket_ptr where, const write_request& what) : bucket(std::move(where)), asked(what) {}

  bucket_ptr bucket;
  write_request asked;  // its views are not used
  std::string key, value;
  std::string id;   // Nats-Msg-Id; empty: what may have been stored is not sent again
  error_code code;  // of the first request
  core::time_point begun{}, until{};
};

/// Goes on to the end. A write that may have been stored ends with its revision, or with outcome_unknown; with a definite error
/// only if it was not stored and never will be.
asio::awaitable<revision> write_slowly(unfinished_write write);

}  // namespace kvco::net
