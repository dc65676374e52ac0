// Writes that few programs need: of all keys that match, of an earlier value, of a value to another key.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <kvco/bucket.hpp>
#include <kvco/entry.hpp>
#include <kvco/many.hpp>
#include <kvco/options.hpp>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

namespace kvco {

namespace detail {
struct rare_writes {
  static operation_ptr<std::uint64_t> prepare_remove(const bucket& of, key_views filters, kvco::operation how,
                                                     const keys_options& options);
  static operation_ptr<std::optional<revision>> prepare_revert(const bucket& of, std::string_view key,
                                                               revision to, const revert_options& options);
  static operation_ptr<std::optional<revision>> prepare_copy(const bucket& from, std::string_view key,
                                                             const bucket& to, std::string_view to_key,
                                                             const copy_options& options);
};
}  // namespace detail

/// Deletes all keys that have a value and match one of `filters` (as in bucket::watch()), each as bucket::erase() does, many in
/// flight at a time. Returns how many it has deleted.
///
/// A key is deleted only if its last revision is the one that the list has shown: a value that is written meanwhile is kept, and
/// not counted. The list is in memory. Removals before an error are permanent; calling it again continues.
///
/// \par Completes with
/// `void(error_code, std::uint64_t)`; errc::invalid_filter, errc::outcome_unknown, and the errors of bucket::erase().
template <class Token = default_token>
auto erase_keys(const bucket& of, key_views filters, keys_options options, Token&& token = Token()) {
  return detail::initiate(detail::rare_writes::prepare_remove(of, filters, operation::erase, options),
                          std::forward<Token>(token));
}
template <detail::token_for<keys_options> Token = default_token>
auto erase_keys(const bucket& of, key_views filters, Token&& token = Token()) {
  return erase_keys(of, filters, keys_options(), std::forward<Token>(token));
}
template <class Token = default_token>
auto erase_keys(const bucket& of, std::initializer_list<std::string_view> filters, keys_options options,
                Token&& token = Token()) {
  return erase_keys(of, key_views(filters), options, std::forward<Token>(token));
}
template <detail::token_for<keys_options> Token = default_token>
auto erase_keys(const bucket& of, std::initializer_list<std::string_view> filters, Token&& token = Token()) {
  return erase_keys(of, key_views(filters), keys_options(), std::forward<Token>(token));
}
template <class Token = default_token>
auto erase_keys(const bucket& of, std::string_view filter, keys_options options, Token&& token = Token()) {
  return erase_keys(of, key_views(std::span(&filter, 1)), options, std::forward<Token>(token));
}
template <detail::token_for<keys_options> Token = default_token>
auto erase_keys(const bucket& of, std::string_view filter, Token&& token = Token()) {
  return erase_keys(of, filter, keys_options(), std::forward<Token>(token));
}

/// As erase_keys(), each as bucket::purge() does: the history is removed too. Keys that were erased are purged as well if the bucket
/// has a history, which may still have their values.
template <class Token = default_token>
auto purge_keys(const bucket& of, key_views filters, keys_options options, Token&& token = Token()) {
  return detail::initiate(detail::rare_writes::prepare_remove(of, filters, operation::purge, options),
                          std::forward<Token>(token));
}
template <detail::token_for<keys_options> Token = default_token>
auto purge_keys(const bucket& of, key_views filters, Token&& token = Token()) {
  return purge_keys(of, filters, keys_options(), std::forward<Token>(token));
}
template <class Token = default_token>
auto purge_keys(const bucket& of, std::initializer_list<std::string_view> filters, keys_options options,
                Token&& token = Token()) {
  return purge_keys(of, key_views(filters), options, std::forward<Token>(token));
}
template <detail::token_for<keys_options> Token = default_token>
auto purge_keys(const bucket& of, std::initializer_list<std::string_view> filters, Token&& token = Token()) {
  return purge_keys(of, key_views(filters), keys_options(), std::forward<Token>(token));
}
template <class Token = default_token>
auto purge_keys(const bucket& of, std::string_view filter, keys_options options, Token&& token = Token()) {
  return purge_keys(of, key_views(std::span(&filter, 1)), options, std::forward<Token>(token));
}
template <detail::token_for<keys_options> Token = default_token>
auto purge_keys(const bucket& of, std::string_view filter, Token&& token = Token()) {
  return purge_keys(of, filter, keys_options(), std::forward<Token>(token));
}

/// Stores the value that `key` had at `to` again, and returns the new revision. Nothing, and nothing is stored, if the history does not
/// keep that revision, or it is a deletion or one of another key. If it is the last one it is returned, and nothing is stored.
///
/// Compares and sets: where another client writes the key meanwhile, that value is kept, and the error is errc::wrong_last_revision.
/// Asks the leader for both entries.
///
/// \par Completes with
/// `void(error_code, std::optional<revision>)`; errc::wrong_last_revision, errc::outcome_unknown.
template <class Token = default_token>
auto revert_key(const bucket& of, std::string_view key, revision to, revert_options options,
                Token&& token = Token()) {
  return detail::initiate(detail::rare_writes::prepare_revert(of, key, to, options),
                          std::forward<Token>(token));
}
template <detail::token_for<revert_options> Token = default_token>
auto revert_key(const bucket& of, std::string_view key, revision to, Token&& token = Token()) {
  return revert_key(of, key, to, revert_options(), std::forward<Token>(token));
}

/// Stores the last value of `key` under `to_key`, in the same bucket or in another one, and returns the new revision. Nothing, and
/// nothing is stored, if `key` has no value. The value alone is copied: neither its time to live nor its history. It is not a
/// transaction. Reads as bucket::get() does.
///
/// The buckets may be of two clients that have the same executor.
///
/// \par Completes with
/// `void(error_code, std::optional<revision>)`; errc::key_exists (with `.overwrite = false`), errc::outcome_unknown.
template <class Token = default_token>
auto copy_key(const bucket& from, std::string_view key, const bucket& to, std::string_view to_key,
              copy_options options, Token&& token = Token()) {
  return detail::initiate(detail::rare_writes::prepare_copy(from, key, to, to_key, options),
                          std::forward<Token>(token));
}
template <detail::token_for<copy_options> Token = default_token>
auto copy_key(const bucket& from, std::string_view key, const bucket& to, std::string_view to_key,
              Token&& token = Token()) {
  return copy_key(from, key, to, to_key, copy_options(), std::forward<Token>(token));
}

}  // namespace kvco
