// The asynchronous generator of a watch.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <kvco/detail/operation.hpp>
#include <kvco/entry.hpp>
#include <kvco/resume_token.hpp>
#include <kvco/token.hpp>
#include <memory>
#include <optional>
#include <tuple>
#include <type_traits>
#include <vector>

namespace kvco {

namespace kv {
class watch;
}  // namespace kv
namespace net {
class session_owner;
}  // namespace net

/// The entries of a watch, in the order of their revisions. No entry is delivered twice, and none that the
/// bucket still keeps is lost, even across reconnects and restarts of the server (a key written more often
/// than `history` while a watch was behind is delivered with its newest entries). The watch re-establishes
/// itself in the background, whether or not next() is pending.
///
///     kvco::watcher updates = bucket.watch("order.>");
///     while (std::optional<kvco::entry> e = co_await updates.next_initial()) index(*e);
///     while (std::optional<kvco::entry> e = co_await updates.next()) apply(*e);
///
/// Backpressure: entries not yet taken stay at the server; none is dropped, and other operations are not
/// disturbed.
///
/// \par Lifetimes
/// Destroying a watcher ends the watch (on the server too); a pending next() completes with
/// operation_aborted. A watcher keeps the connection open: it may outlive its bucket and its client.
///
/// \par Ends
/// With nothing and no error: after stop(), and after the initial data with `.initial_only`. With an error,
/// after all entries received before: errc::bucket_deleted, errc::bucket_recreated, errc::permission_denied,
/// errc::bucket_not_found and errc::timeout (it was never established), errc::connection_lost (without
/// config::reconnect), operation_aborted (the client was closed).
class [[nodiscard]] watcher {
 public:
  using executor_type = boost::asio::any_io_executor;

  watcher() noexcept = default;  ///< empty: next...() and ready() complete with errc::closed
  watcher(std::shared_ptr<kv::watch> state, std::shared_ptr<net::session_owner> owner) noexcept;
  watcher(watcher&&) noexcept;
  watcher& operator=(watcher&&) noexcept;
  ~watcher();

  /// False: the handle is empty.
  explicit operator bool() const noexcept { return state_ != nullptr; }
  /// Empty if the handle is empty.
  executor_type get_executor() const noexcept;

  /// Waits until the watch is established: the server delivers to it, and no later change is missed. Any number of calls may wait at
  /// the same time, and together with a next...().
  ///
  /// \par Completes with
  /// `void(error_code)`; the error with which the watch has ended; operation_aborted if stop() ended it before it was established.
  /// \par Cancellation
  /// All types. The watch continues.
  template <class Token = default_token>
  auto ready(Token&& token = Token()) {
    return detail::initiate(prepare_ready(), std::forward<Token>(token));
  }

  /// The next entry; nothing at the end. One next...() at a time: a second one completes with errc::already_waiting.
  ///
  /// Without a token, or with kvco::nothrow, it is an awaitable, which does not suspend if an entry has arrived. A coroutine whose
  /// executor type is not any_io_executor has to pass asio::deferred, or as_tuple of its use_awaitable.
  ///
  /// \par Completes with
  /// `void(error_code, std::optional<entry>)`.
  /// \par Cancellation
  /// All types. No entry is lost: the next call returns it.
  boost::asio::awaitable<std::optional<entry>> next();
  boost::asio::awaitable<std::tuple<error_code, std::optional<entry>>> next(nothrow_t token);
  template <class Token>
  auto next(Token&& token) {
    return detail::initiate(prepare_next(), std::forward<Token>(token));
  }

  /// The next entry of the initial data (the entries that existed when the watch started); nothing when it is
  /// complete, immediately if there are no such entries. With `.updates_only` it completes with nothing as
  /// soon as the watch is established; every change after that is delivered. Then continue with next().
  /// Otherwise like next().
  boost::asio::awaitable<std::optional<entry>> next_initial();
  boost::asio::awaitable<std::tuple<error_code, std::optional<entry>>> next_initial(nothrow_t token);
  template <class Token>
  auto next_initial(Token&& token) {
    return detail::initiate(prepare_next_initial(), std::forward<Token>(token));
  }

  /// All entries that have arrived, at least one and at most `max`; nothing at the end. Cheaper than next() if entries arrive in bulk.
  /// `max` must not be 0 (errc::invalid_argument). Otherwise like next().
  ///
  ///     while (auto batch = co_await updates.next_batch())
  ///       for (const kvco::entry& e : *batch) apply(e);
  boost::asio::awaitable<std::optional<std::vector<entry>>> next_batch(std::size_t max = SIZE_MAX);
  boost::asio::awaitable<std::tuple<error_code, std::optional<std::vector<entry>>>> next_batch(
      std::size_t max, nothrow_t token);
  boost::asio::awaitable<std::tuple<error_code, std::optional<std::vector<entry>>>> next_batch(
      nothrow_t token);
  template <class Token>
  auto next_batch(std::size_t max, Token&& token) {
    return detail::initiate(prepare_next_batch(max), std::forward<Token>(token));
  }
  template <class Token>
  requires(!std::convertible_to<Token, std::size_t>) auto next_batch(Token&& token) {
    return detail::initiate(prepare_next_batch(SIZE_MAX), std::forward<Token>(token));
  }

  /// Ends the watch at once: entries not taken are dropped, a pending next() completes with nothing.
  void stop() noexcept;

  /// All initial data was taken.
  bool initial_complete() const noexcept;
  /// The revision of the last entry taken, 0 before the first. A later watch with `.resume_from = cursor() +
  /// 1` continues after it.
  revision cursor() const noexcept;
  /// Everything of this watch up to this revision was taken. At least cursor(), except with `.conflate`; higher if the heartbeats of
  /// the server show that the revisions after cursor() are not of this watch.
  revision progress() const noexcept;
  /// Where a later watch continues (watch_options::resume_after): after progress(). Empty: nothing was taken, so that it begins as
  /// this one did. Also after the end.
  kvco::resume_token resume_token() const noexcept;
  /// The same after an entry of this watch: for a program that has taken more entries than it has processed.
  kvco::resume_token resume_token(const entry& after) const noexcept;
  /// With `.conflate`: the number of revisions that were replaced by newer ones of their keys before they were taken.
  std::uint64_t conflated() const noexcept;
  /// How many revisions, of any key, the bucket no longer kept when the watch continued: with a token or `.resume_from`, once it is
  /// established (ready()), and after interruptions. Newer values of their keys are delivered. A deletion among them is not, if
  /// its tombstone is gone: a program that keeps a copy compares it with a new watch.
  std::uint64_t missed() const noexcept;
  /// The number of entries received and not yet taken.
  std::size_t queued() const noexcept;

 private:
  detail::operation_ptr<> prepare_ready();
  detail::operation_ptr<std::optional<entry>> prepare_next();
  detail::operation_ptr<std::optional<entry>> prepare_next_initial();
  detail::operation_ptr<std::optional<std::vector<entry>>> prepare_next_batch(std::size_t max);

  std::shared_ptr<kv::watch> state_;
  std::shared_ptr<net::session_owner> owner_;
};

}  // namespace kvco
