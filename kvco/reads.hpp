// Reads that few programs need: the number and the names of keys without a consumer, and the entry of a key at a revision or at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <kvco/bucket.hpp>
#include <kvco/entry.hpp>
#include <kvco/many.hpp>
#include <kvco/options.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kvco {

namespace detail {
struct single_reads {
  static operation_ptr<std::uint64_t> prepare_count_keys(const bucket& from, key_views filters,
                                                         const request_options& options);
  static operation_ptr<std::vector<std::string>> prepare_list_stored_keys(const bucket& from,
                                                                          key_views filters,
                                                                          const request_options& options);
  static operation_ptr<std::optional<entry>> prepare_get_at_or_after(const bucket& from, std::string_view key,
                                                                     revision at,
                                                                     const request_options& options);
  static operation_ptr<std::optional<entry>> prepare_get_as_of(const bucket& from, std::string_view key,
                                                               std::chrono::system_clock::time_point when,
                                                               const request_options& options);
};
}  // namespace detail

/// The number of keys that match one of `filters` (as in bucket::watch()), without a consumer: one request for each filter, or a list
/// of the keys where filters overlap, so that none is counted twice. Deleted keys are counted as long as their tombstones are kept,
/// and so are keys that bucket::keys() leaves out because no request can name them.
///
/// \par Completes with
/// `void(error_code, std::uint64_t)`; errc::invalid_filter.
template <class Token = default_token>
auto count_keys(const bucket& from, key_views filters, request_options options, Token&& token = Token()) {
  return detail::initiate(detail::single_reads::prepare_count_keys(from, filters, options),
                          std::forward<Token>(token));
}
template <detail::token_for<request_options> Token = default_token>
auto count_keys(const bucket& from, key_views filters, Token&& token = Token()) {
  return count_keys(from, filters, request_options(), std::forward<Token>(token));
}
template <class Token = default_token>
auto count_keys(const bucket& from, std::initializer_list<std::string_view> filters, request_options options,
                Token&& token = Token()) {
  return count_keys(from, key_views(filters), options, std::forward<Token>(token));
}
template <detail::token_for<request_options> Token = default_token>
auto count_keys(const bucket& from, std::initializer_list<std::string_view> filters,
                Token&& token = Token()) {
  return count_keys(from, key_views(filters), request_options(), std::forward<Token>(token));
}
template <class Token = default_token>
auto count_keys(const bucket& from, std::string_view filter, request_options options,
                Token&& token = Token()) {
  return count_keys(from, key_views(std::span(&filter, 1)), options, std::forward<Token>(token));
}
template <detail::token_for<request_options> Token = default_token>
auto count_keys(const bucket& from, std::string_view filter, Token&& token = Token()) {
  return count_keys(from, filter, request_options(), std::forward<Token>(token));
}

/// The keys that match one of `filters` and have an entry, each once, in the order of their bytes, without a consumer: the server has
/// a list of subjects, and sends up to 100 000 of them in one message. Unlike bucket::keys() it does not know what the last entry of
/// a key is: deleted keys are listed as long as their tombstones are kept.
///
/// A key that has an entry during the whole call is never missing. For more keys than memory should hold, or a user without
/// permission for STREAM.INFO, see stream_keys().
///
/// \par Completes with
/// `void(error_code, std::vector<std::string>)`; errc::invalid_filter.
template <class Token = default_token>
auto list_stored_keys(const bucket& from, key_views filters, request_options options,
                      Token&& token = Token()) {
  return detail::initiate(detail::single_reads::prepare_list_stored_keys(from, filters, options),
                          std::forward<Token>(token));
}
template <detail::token_for<request_options> Token = default_token>
auto list_stored_keys(const bucket& from, key_views filters, Token&& token = Token()) {
  return list_stored_keys(from, filters, request_options(), std::forward<Token>(token));
}
template <class Token = default_token>
auto list_stored_keys(const bucket& from, std::initializer_list<std::string_view> filters,
                      request_options options, Token&& token = Token()) {
  return list_stored_keys(from, key_views(filters), options, std::forward<Token>(token));
}
template <detail::token_for<request_options> Token = default_token>
auto list_stored_keys(const bucket& from, std::initializer_list<std::string_view> filters,
                      Token&& token = Token()) {
  return list_stored_keys(from, key_views(filters), request_options(), std::forward<Token>(token));
}
template <class Token = default_token>
auto list_stored_keys(const bucket& from, std::string_view filter, request_options options,
                      Token&& token = Token()) {
  return list_stored_keys(from, key_views(std::span(&filter, 1)), options, std::forward<Token>(token));
}
template <detail::token_for<request_options> Token = default_token>
auto list_stored_keys(const bucket& from, std::string_view filter, Token&& token = Token()) {
  return list_stored_keys(from, filter, request_options(), std::forward<Token>(token));
}

/// The first entry of `key` at revision `at` or after it, which may be a deletion (see entry::operation()); nothing if the history
/// keeps none. The leader answers. Repeated with `at` one above the last result, it iterates over the history.
///
/// \par Completes with
/// `void(error_code, std::optional<entry>)`.
template <class Token = default_token>
auto get_at_or_after(const bucket& from, std::string_view key, revision at, request_options options,
                     Token&& token = Token()) {
  return detail::initiate(detail::single_reads::prepare_get_at_or_after(from, key, at, options),
                          std::forward<Token>(token));
}
template <detail::token_for<request_options> Token = default_token>
auto get_at_or_after(const bucket& from, std::string_view key, revision at, Token&& token = Token()) {
  return get_at_or_after(from, key, at, request_options(), std::forward<Token>(token));
}

/// The value of `key` at the time `when` by the server's clock, while the bucket's history keeps it; nothing if the key had no value
/// then, or its entry of that time is gone.
///
/// \par Completes with
/// `void(error_code, std::optional<entry>)`.
template <class Token = default_token>
auto get_as_of(const bucket& from, std::string_view key, std::chrono::system_clock::time_point when,
               request_options options, Token&& token = Token()) {
  return detail::initiate(detail::single_reads::prepare_get_as_of(from, key, when, options),
                          std::forward<Token>(token));
}
template <detail::token_for<request_options> Token = default_token>
auto get_as_of(const bucket& from, std::string_view key, std::chrono::system_clock::time_point when,
               Token&& token = Token()) {
  return get_as_of(from, key, when, request_options(), std::forward<Token>(token));
}

}  // namespace kvco
