// The beginning and the end of each operation, for metrics and traces.
#pragma once

#include <cstddef>
#include <cstdint>
#include <kvco/error.hpp>
#include <kvco/options.hpp>
#include <string_view>

namespace kvco {
/// The operations that are observed, by the names of their functions.
enum class operation_kind : std::uint8_t {
  put,
  create,
  update,
  erase,
  purge,
  get,
  get_revision,
  get_many,
  get_prefix,
  get_entry,
  get_at_or_after,
  get_as_of,
  count_keys,
  list_stored_keys,
  put_many,
  purge_deletes,
  erase_keys,
  purge_keys,
  revert_key,
  copy_key,
  keys,
  history,
  status,
  create_bucket,
  open_bucket,
  ensure_bucket,
  delete_bucket,
  bucket_names,
  update_bucket,
  key_value,
  purge_bucket,
  list_buckets,
  account_info,
  capabilities,
};
std::string_view to_string(operation_kind kind) noexcept;

/// The beginning of an operation; its views are valid during the call.
struct operation_start {
  operation_kind kind{};    ///< which operation
  std::string_view bucket;  ///< empty: of no bucket
  std::string_view key;     ///< of operations on one key
};

/// The end of an operation, just before its handler is called.
struct operation_end {
  operation_kind kind{};           ///< which operation
  std::string_view bucket, key;    ///< empty: of none
  error_code code;                 ///< no error: it succeeded
  duration elapsed{};              ///< since it was started
  std::size_t bytes_sent = 0;      ///< of values
  std::size_t bytes_received = 0;  ///< of values
  std::uintptr_t tag = 0;          ///< the return value of on_start()
};

/// Is notified of every operation on a key or a bucket, for metrics and traces: see config::observe().
/// Without an observer this costs the comparison of a pointer.
///
/// Called on the client's thread, never while a reply is being handled; it may use the client. An exception
/// from it leaves io_context::run(), like one from a handler; the operation continues. The end of an
/// operation that is destroyed with the io_context is not reported.
class operation_observer {
 public:
  virtual ~operation_observer() = default;
  /// Called in the initiating function, in the caller's context: the place for the parent of a span.
  virtual std::uintptr_t on_start(const operation_start&) { return 0; }
  /// Called once for each operation that was started.
  virtual void on_end(const operation_end& end) = 0;
};

}  // namespace kvco
