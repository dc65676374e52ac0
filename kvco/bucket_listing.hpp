// The buckets of an account, one by one: their names, or their status.
#pragma once

#include <kvco/bucket_status.hpp>
#include <kvco/client.hpp>
#include <kvco/detail/operation.hpp>
#include <kvco/options.hpp>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace kvco {

namespace kv {
class bucket_pages;
}  // namespace kv

/// Buckets in the order in which the server lists their streams. They are requested in pages (of 256), each when the one before it was
/// taken: an account with thousands of streams costs no more than is looked at.
///
///     kvco::bucket_listing<kvco::bucket_status> all = kvco::list_bucket_statuses(nats);
///     while (std::optional<kvco::bucket_status> each = co_await all.next()) report(each->config.name(), each->bytes);
///
/// No bucket comes twice. One that is created or deleted meanwhile may come or be missing. One that no server of a cluster reports,
/// because it has no leader, comes with its name alone after up to two seconds: see is_reported().
///
/// \par Lifetimes
/// A listing keeps the connection open, as a watcher does. It is moved, not copied.
/// @tparam T  std::string: its name; bucket_status
template <class T>
class [[nodiscard]] bucket_listing {
  static_assert(std::is_same_v<T, std::string> || std::is_same_v<T, bucket_status>);

 public:
  bucket_listing() noexcept = default;  ///< empty: next() completes with errc::closed
  /// For kvco itself: made by list_bucket_names() and list_bucket_statuses().
  bucket_listing(std::shared_ptr<kv::bucket_pages> pages, std::shared_ptr<net::session_owner> owner) noexcept
      : pages_(std::move(pages)), owner_(std::move(owner)) {}
  bucket_listing(bucket_listing&&) noexcept = default;
  bucket_listing& operator=(bucket_listing&&) noexcept = default;
  ~bucket_listing() = default;

  /// False: the handle is empty.
  explicit operator bool() const noexcept { return pages_ != nullptr; }

  /// The next bucket; nothing at the end. One at a time: a second one completes with errc::already_waiting. After an error the next
  /// call requests the same page again.
  ///
  /// \par Completes with
  /// `void(error_code, std::optional<T>)`; errc::permission_denied, jetstream_not_enabled, timeout (of a page).
  /// \par Cancellation
  /// Any type. No bucket is lost: the next call gets it.
  template <class Token = default_token>
  auto next(Token&& token = Token()) {
    return detail::initiate(prepare_next(), std::forward<Token>(token));
  }

 private:
  detail::operation_ptr<std::optional<T>> prepare_next();

  std::shared_ptr<kv::bucket_pages> pages_;
  std::shared_ptr<net::session_owner> owner_;
};

template <>
detail::operation_ptr<std::optional<std::string>> bucket_listing<std::string>::prepare_next();
template <>
detail::operation_ptr<std::optional<bucket_status>> bucket_listing<bucket_status>::prepare_next();

/// Whether a server has reported the state of the bucket; false: list_bucket_statuses() knows no more than its name.
inline bool is_reported(const bucket_status& of) noexcept { return !of.stream.name.empty(); }

/// The names of the streams that client::open_bucket() accepts, mirrors included. For a user without permission to request
/// configurations (STREAM.LIST) it has the names of all streams like that of a bucket (STREAM.NAMES), as client::bucket_names() has.
/// The timeout of `options` is that of each page.
bucket_listing<std::string> list_bucket_names(const client& nats, request_options options = {});
/// The same with the configuration and the content of each.
bucket_listing<bucket_status> list_bucket_statuses(const client& nats, request_options options = {});

}  // namespace kvco
