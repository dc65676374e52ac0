// A bucket: keys, values, revisions.
#pragma once

#include <initializer_list>
#include <kvco/bucket_status.hpp>
#include <kvco/detail/operation.hpp>
#include <kvco/entry.hpp>
#include <kvco/many.hpp>
#include <kvco/options.hpp>
#include <kvco/snapshot.hpp>
#include <kvco/value_view.hpp>
#include <kvco/watcher.hpp>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace kvco {

class client;

namespace kv {
struct bucket_state;
}  // namespace kv
namespace net {
class session_owner;
}  // namespace net

namespace detail {
/// The type is a completion token, and not the options of an operation.
template <class Token, class Options>
concept token_for = !std::is_convertible_v<Token, Options>;
struct bucket_access;
/// The same; it is no filter or list of filters either.
template <class Token>
concept filter_token =
    token_for<Token, request_options> && token_for<Token, std::string_view> && token_for<Token, key_views>;
}  // namespace detail

/// A Key-Value bucket. A cheap handle: copies refer to the same bucket. Returned by client::create_bucket(),
/// open_bucket() and ensure_bucket().
///
/// A key is `[-/_=.A-Za-z0-9]+` without a dot at either end or two in a row (ADR-8); dots form a hierarchy
/// for watches. A value is any sequence of bytes and may be empty. put(), create() and update() enforce the
/// rule for keys. All other operations also accept keys that other clients may have stored: any UTF-8 without
/// spaces, tabs, line ends, empty tokens and wildcard tokens.
///
/// \par Operations
/// Each takes a completion token as its last argument. Without one, `co_await` throws
/// boost::system::system_error. Each operation completes exactly once, by its deadline (`.timeout`, default
/// config::timeout), with a value, with a definite error (nothing was stored), or, for a write, with
/// errc::outcome_unknown. It never completes inside the initiating call.
///
/// \par Lifetimes
/// Arguments are views that are read before the call returns. Results own their content. Operations keep
/// everything they need, so the handle may be destroyed meanwhile. A bucket keeps the connection open: it
/// closes with the last client, bucket or watcher, or by client::close(). After that, and on an empty handle,
/// operations complete with errc::closed.
///
/// \par Cancellation
/// Every operation honours its cancellation slot and completes with operation_aborted. `total` requests no
/// side effects, as everywhere in Asio, so a write that is in flight ignores it. `partial` and `terminal` end
/// a write that is in flight, which may have been stored. Cancelling one operation never affects another.
///
/// \par Errors of every operation
/// errc::invalid_key, invalid_argument, value_too_large (before anything is sent), bucket_not_found,
/// unavailable, timeout, permission_denied, closed, server_error.
class bucket {
 public:
  using executor_type = boost::asio::any_io_executor;

  bucket() noexcept = default;  ///< empty
  explicit bucket(std::shared_ptr<const kv::bucket_state> state);
  bucket(const bucket&) = default;
  bucket(bucket&&) noexcept = default;
  bucket& operator=(bucket) noexcept;
  ~bucket();

  /// False: the handle is empty.
  explicit operator bool() const noexcept { return state_ != nullptr; }
  /// Empty if the handle is empty.
  const std::string& name() const noexcept;
  /// The client that the bucket belongs to; an empty one if the handle is empty.
  kvco::client client() const;
  /// Empty if the handle is empty.
  executor_type get_executor() const noexcept;

  /// Stores `value` under `key`, replacing any previous value, and returns the new revision.
  ///
  /// \par Completes with
  /// `void(error_code, revision)`; errc::bucket_full, errc::outcome_unknown.
  template <class Token = default_token>
  auto put(std::string_view key, value_view value, put_options options, Token&& token = Token()) const {
    return detail::initiate(prepare_put(key, value, options), std::forward<Token>(token));
  }
  template <detail::token_for<put_options> Token = default_token>
  auto put(std::string_view key, value_view value, Token&& token = Token()) const {
    return put(key, value, put_options(), std::forward<Token>(token));
  }

  /// Stores `value` if the key has none: it was never written, or is deleted, purged or expired.
  ///
  /// \par Completes with
  /// `void(error_code, revision)`; errc::key_exists, errc::outcome_unknown.
  template <class Token = default_token>
  auto create(std::string_view key, value_view value, create_options options, Token&& token = Token()) const {
    return detail::initiate(prepare_create(key, value, options), std::forward<Token>(token));
  }
  template <detail::token_for<create_options> Token = default_token>
  auto create(std::string_view key, value_view value, Token&& token = Token()) const {
    return create(key, value, create_options(), std::forward<Token>(token));
  }

  /// Compare and set: stores `value` if `last` is the key's last revision. 0 means that the key was never written (a deleted
  /// one has the revision of its deletion).
  ///
  /// \par Completes with
  /// `void(error_code, revision)`; errc::wrong_last_revision, errc::outcome_unknown.
  template <class Token = default_token>
  auto update(std::string_view key, value_view value, revision last, update_options options,
              Token&& token = Token()) const {
    return detail::initiate(prepare_update(key, value, last, options), std::forward<Token>(token));
  }
  template <detail::token_for<update_options> Token = default_token>
  auto update(std::string_view key, value_view value, revision last, Token&& token = Token()) const {
    return update(key, value, last, update_options(), std::forward<Token>(token));
  }

  /// The last value of `key`; nothing if it has none (absent, deleted, purged, expired).
  ///
  /// By default any replica answers. It may lag behind the writes of other clients, but the entry returned is
  /// never older than one that this handle has written or read: see kvco::consistency.
  ///
  /// \par Completes with
  /// `void(error_code, std::optional<entry>)`.
  template <class Token = default_token>
  auto get(std::string_view key, get_options options, Token&& token = Token()) const {
    return detail::initiate(prepare_get(key, options), std::forward<Token>(token));
  }
  template <detail::token_for<get_options> Token = default_token>
  auto get(std::string_view key, Token&& token = Token()) const {
    return get(key, get_options(), std::forward<Token>(token));
  }

  /// The value of `key` at `rev`, while the bucket's history keeps it; nothing if that revision is gone, is a deletion, or
  /// belongs to another key. `rev` is at least 1.
  ///
  /// \par Completes with
  /// `void(error_code, std::optional<entry>)`.
  template <class Token = default_token>
  auto get_revision(std::string_view key, revision rev, get_options options, Token&& token = Token()) const {
    return detail::initiate(prepare_get_revision(key, rev, options), std::forward<Token>(token));
  }
  template <detail::token_for<get_options> Token = default_token>
  auto get_revision(std::string_view key, revision rev, Token&& token = Token()) const {
    return get_revision(key, rev, get_options(), std::forward<Token>(token));
  }

  /// As get(), but returns the last entry even if it is a deletion: see entry::operation(). Nothing: the key was never written, or all
  /// its entries are gone.
  template <class Token = default_token>
  auto get_entry(std::string_view key, get_options options, Token&& token = Token()) const {
    return detail::initiate(prepare_get_entry(key, options), std::forward<Token>(token));
  }
  template <detail::token_for<get_options> Token = default_token>
  auto get_entry(std::string_view key, Token&& token = Token()) const {
    return get_entry(key, get_options(), std::forward<Token>(token));
  }

  /// Deletes `key` and keeps its history: writes a marker and returns its revision. It is no error if the key has no value.
  ///
  /// \par Completes with
  /// `void(error_code, revision)`; errc::wrong_last_revision (with `.last_revision`), errc::outcome_unknown.
  template <class Token = default_token>
  auto erase(std::string_view key, erase_options options, Token&& token = Token()) const {
    return detail::initiate(prepare_erase(key, options), std::forward<Token>(token));
  }
  template <detail::token_for<erase_options> Token = default_token>
  auto erase(std::string_view key, Token&& token = Token()) const {
    return erase(key, erase_options(), std::forward<Token>(token));
  }

  /// Deletes `key` with all its history: only one marker remains. Otherwise like erase().
  template <class Token = default_token>
  auto purge(std::string_view key, purge_options options, Token&& token = Token()) const {
    return detail::initiate(prepare_purge(key, options), std::forward<Token>(token));
  }
  template <detail::token_for<purge_options> Token = default_token>
  auto purge(std::string_view key, Token&& token = Token()) const {
    return purge(key, purge_options(), std::forward<Token>(token));
  }

  /// All values of the keys that match one of `filters` (as in watch()), as of one revision: see kvco::snapshot.
  /// Up to 1024 keys and 4 MiB take one request if the server supports it (2.11), more a consumer, as in
  /// keys(); with `.consistency = leader` always. Memory in flight is bounded, that of the result is not.
  /// \par Completes with
  /// `void(error_code, snapshot)`; errc::invalid_filter; errc::timeout if it cannot keep up with other writers.
  template <class Token = default_token>
  auto get_prefix(key_views filters, get_options options, Token&& token = Token()) const {
    return detail::initiate(prepare_get_prefix(filters, options), std::forward<Token>(token));
  }
  template <detail::token_for<get_options> Token = default_token>
  auto get_prefix(key_views filters, Token&& token = Token()) const {
    return get_prefix(filters, get_options(), std::forward<Token>(token));
  }
  template <class Token = default_token>
  auto get_prefix(std::string_view filter, get_options options = {}, Token&& token = Token()) const {
    return get_prefix(key_views(std::span(&filter, 1)), options, std::forward<Token>(token));
  }
  template <detail::token_for<get_options> Token>
  auto get_prefix(std::string_view filter, Token&& token) const {
    return get_prefix(filter, get_options(), std::forward<Token>(token));
  }

  /// The last values of many keys, in the order of `keys`: one element per key, including duplicates;
  /// std::nullopt for a key without a value. Equivalent to get() of each key, but uses one request for
  /// hundreds of keys if the server supports it (2.11).
  ///
  /// Not a snapshot: a concurrent write may be visible for one key and not yet for another. `.timeout` covers
  /// the whole call. Whatever the number of keys, only a few MB of values are in flight at a time. An invalid key
  /// is reported with its index before anything is sent. `keys` is `{"a", "b"}`, or a vector, array or span of std::string or std::string_view.
  /// \par Completes with
  /// `void(error_code, std::vector<std::optional<entry>>)`: all values, or an error.
  template <class Token = default_token>
  auto get_many(key_views keys, get_options options, Token&& token = Token()) const {
    return detail::initiate(prepare_get_many(keys, options), std::forward<Token>(token));
  }
  template <detail::token_for<get_options> Token = default_token>
  auto get_many(key_views keys, Token&& token = Token()) const {
    return get_many(keys, get_options(), std::forward<Token>(token));
  }

  /// Stores many values, each as put() does, and returns the outcome of each item, in the order of the items.
  /// They are sent in that order: of two items with the same key the later one is the last value. An item
  /// that fails (an invalid key, too large a value, no permission, a full bucket, an unknown outcome) does
  /// not prevent others from being stored. It is not a transaction.
  ///
  /// Many items are in flight at a time (at most `.max_in_flight`, and no more bytes than
  /// config::write_buffer()). The `.timeout` of each starts at its turn, so a large import needs no large
  /// timeout. If the server answers nothing at all for that time, the items not yet sent end with
  /// errc::timeout.
  ///
  /// `items` is `{{"a", "1"}, {"b", "2"}}`, a vector, array or span of put_item, or any input range of pairs
  /// of texts, e.g. a std::map or a view that generates them. All keys and values are copied into one block
  /// before the call returns.
  /// \par Completes with
  /// `void(error_code, std::vector<put_outcome>)`; an error only if it is cancelled, the client is closed, or
  /// the options are invalid: then the outcome of the items sent is unknown.
  template <class Token = default_token>
  auto put_many(item_views items, put_many_options options, Token&& token = Token()) const {
    return detail::initiate(prepare_put_many(items, options), std::forward<Token>(token));
  }
  template <detail::token_for<put_many_options> Token = default_token>
  auto put_many(item_views items, Token&& token = Token()) const {
    return put_many(items, put_many_options(), std::forward<Token>(token));
  }

  template <detail::item_range Items, class Token = default_token>
  auto put_many(Items&& items, put_many_options options, Token&& token = Token()) const {
    const detail::item_list list(std::forward<Items>(items));
    return put_many(list.views(), options, std::forward<Token>(token));
  }
  template <detail::item_range Items, detail::token_for<put_many_options> Token = default_token>
  auto put_many(Items&& items, Token&& token = Token()) const {
    return put_many(std::forward<Items>(items), put_many_options(), std::forward<Token>(token));
  }

  /// Removes the tombstones left by erase, purge and expiry, and the history before them. Of a tombstone
  /// younger than `.older_than`, only the history before it is removed. Values written meanwhile are kept,
  /// and so are messages whose subject is not a key (it contains a wildcard). A watch that was disconnected
  /// when the key was deleted, and resumes after this call, does not receive the deletion.
  ///
  /// Sends one request per such key, one after the other. Removals before an error are permanent; calling it
  /// again continues.
  /// \par Completes with
  /// `void(error_code, std::uint64_t)`: the number of revisions removed.
  template <class Token = default_token>
  auto purge_deletes(purge_deletes_options options, Token&& token = Token()) const {
    return detail::initiate(prepare_purge_deletes(options), std::forward<Token>(token));
  }
  template <detail::token_for<purge_deletes_options> Token = default_token>
  auto purge_deletes(Token&& token = Token()) const {
    return purge_deletes(purge_deletes_options(), std::forward<Token>(token));
  }

  /// The keys that have a value and match `filter`, or one of `filters` (as in watch()), each once, in no particular order. Subjects
  /// that no request can name (with a wildcard as a token, or not UTF-8) are left out, so that each of these keys can be read and
  /// removed. It is no error if there are no keys. Keys that have a value during the whole call are never missing, even if other
  /// clients write meanwhile.
  /// \par Completes with
  /// `void(error_code, std::vector<std::string>)`.
  template <class Token = default_token>
  auto keys(std::string_view filter, request_options options, Token&& token = Token()) const {
    return keys(key_views(std::span(&filter, 1)), options, std::forward<Token>(token));
  }
  template <class Token = default_token>
  requires detail::filter_token<Token>
  auto keys(std::string_view filter, Token&& token = Token()) const {
    return keys(filter, request_options(), std::forward<Token>(token));
  }
  template <class Token = default_token>
  auto keys(key_views filters, request_options options, Token&& token = Token()) const {
    return detail::initiate(prepare_keys(filters, options), std::forward<Token>(token));
  }
  template <detail::filter_token Token = default_token>
  auto keys(key_views filters, Token&& token = Token()) const {
    return keys(filters, request_options(), std::forward<Token>(token));
  }
  template <class Token = default_token>
  auto keys(std::initializer_list<std::string_view> filters, request_options options,
            Token&& token = Token()) const {
    return keys(key_views(filters), options, std::forward<Token>(token));
  }
  template <detail::filter_token Token = default_token>
  auto keys(std::initializer_list<std::string_view> filters, Token&& token = Token()) const {
    return keys(key_views(filters), request_options(), std::forward<Token>(token));
  }
  template <class Token = default_token>
  auto keys(request_options options, Token&& token = Token()) const {
    return keys(">", options, std::forward<Token>(token));
  }
  template <class Token = default_token>
  requires detail::filter_token<Token>
  auto keys(Token&& token = Token()) const {
    return keys(">", request_options(), std::forward<Token>(token));
  }

  /// All revisions of `key` that the bucket keeps, oldest first, including deletions; empty if the key was never written.
  /// \par Completes with
  /// `void(error_code, std::vector<entry>)`.
  template <class Token = default_token>
  auto history(std::string_view key, request_options options, Token&& token = Token()) const {
    return detail::initiate(prepare_history(key, options), std::forward<Token>(token));
  }
  template <detail::token_for<request_options> Token = default_token>
  auto history(std::string_view key, Token&& token = Token()) const {
    return history(key, request_options(), std::forward<Token>(token));
  }

  /// The bucket's configuration and size.
  ///
  /// \par Completes with
  /// `void(error_code, bucket_status)`.
  template <class Token = default_token>
  auto status(request_options options, Token&& token = Token()) const {
    return detail::initiate(prepare_status(options), std::forward<Token>(token));
  }
  template <detail::token_for<request_options> Token = default_token>
  auto status(Token&& token = Token()) const {
    return status(request_options(), std::forward<Token>(token));
  }

  /// Watches a key, or all keys that match a filter: a token may be `*` (one token), the last one `>` (one or more).
  ///
  /// Starts immediately, in the background. The first next() reports a refused filter or option
  /// (errc::invalid_filter, errc::invalid_argument).
  watcher watch(std::string_view filter, watch_options options = {}) const;
  /// Watches several filters: an entry that matches more than one of them is delivered once.
  watcher watch(std::initializer_list<std::string_view> filters, watch_options options = {}) const;
  watcher watch(key_views filters, watch_options options = {}) const;
  /// Watches every key.
  watcher watch_all(watch_options options = {}) const { return watch(std::string_view(">"), options); }

 private:
  friend struct detail::bucket_access;
  detail::operation_ptr<revision> prepare_put(std::string_view key, std::string_view value,
                                              const put_options& options) const;
  detail::operation_ptr<revision> prepare_create(std::string_view key, std::string_view value,
                                                 const create_options& options) const;
  detail::operation_ptr<revision> prepare_update(std::string_view key, std::string_view value, revision last,
                                                 const update_options& options) const;
  detail::operation_ptr<revision> prepare_erase(std::string_view key, const erase_options& options) const;
  detail::operation_ptr<revision> prepare_purge(std::string_view key, const purge_options& options) const;
  detail::operation_ptr<std::optional<entry>> prepare_get(std::string_view key,
                                                          const get_options& options) const;
  detail::operation_ptr<std::optional<entry>> prepare_get_entry(std::string_view key,
                                                                const get_options& options) const;
  detail::operation_ptr<std::optional<entry>> prepare_get_revision(std::string_view key, revision rev,
                                                                   const get_options& options) const;
  detail::operation_ptr<snapshot> prepare_get_prefix(key_views filters, const get_options& options) const;
  detail::operation_ptr<std::vector<std::optional<entry>>> prepare_get_many(key_views keys,
                                                                            const get_options& options) const;
  detail::operation_ptr<std::vector<put_outcome>> prepare_put_many(item_views items,
                                                                   const put_many_options& options) const;
  detail::operation_ptr<std::uint64_t> prepare_purge_deletes(const purge_deletes_options& options) const;
  detail::operation_ptr<std::vector<std::string>> prepare_keys(key_views filters,
                                                               const request_options& options) const;
  detail::operation_ptr<std::vector<entry>> prepare_history(std::string_view key,
                                                            const request_options& options) const;
  detail::operation_ptr<bucket_status> prepare_status(const request_options& options) const;

  std::shared_ptr<const kv::bucket_state> state_;
  std::shared_ptr<net::session_owner> owner_;
};

}  // namespace kvco
