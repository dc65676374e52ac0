// The asynchronous generator of a watch with typed entries.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <kvco/detail/result_as.hpp>
#include <kvco/typed/typed_entry.hpp>
#include <kvco/watcher.hpp>
#include <optional>
#include <utility>
#include <vector>

namespace kvco {

/// As kvco::watcher, with typed entries. An entry that cannot be decoded is an entry with an error, and the watch goes on.
///
///     kvco::typed_watcher<order> updates = orders.watch("order.>");
///     while (auto e = co_await updates.next_initial()) index(*e);
///     while (auto e = co_await updates.next()) apply(*e);
template <class T, class Codec, class KeyCodec>
class [[nodiscard]] typed_watcher {
  using decoder = detail::entry_decoder<T, Codec, KeyCodec>;
  using one = std::optional<typed_entry<T>>;
  using many = std::optional<std::vector<typed_entry<T>>>;

 public:
  using executor_type = watcher::executor_type;

  typed_watcher() = default;  ///< empty: next() and its kin complete with errc::closed
  typed_watcher(watcher plain, Codec codec, KeyCodec key_codec, detail::refused_ptr refused = {})
      : plain_(std::move(plain)),
        decode_{std::move(codec), std::move(key_codec)},
        refused_(std::move(refused)) {}

  /// False: the handle is empty.
  explicit operator bool() const noexcept { return static_cast<bool>(plain_); }
  executor_type get_executor() const noexcept { return plain_.get_executor(); }

  /// See watcher::ready(). Where the filter could not be encoded it completes with that error.
  ///
  /// \par Completes with
  /// `void(error_code)`.
  template <class Token = default_token>
  auto ready(Token&& token = Token()) {
    return plain_.ready(detail::unless_refused{refused_, std::forward<Token>(token)});
  }

  /// See watcher::next().
  ///
  /// \par Completes with
  /// `void(error_code, std::optional<typed_entry<T>>)`.
  boost::asio::awaitable<one> next() { return result<one>(plain_.next(), decode_, refused_); }
  template <class Token>
  auto next(Token&& token) {
    return plain_.next(as<one>(std::forward<Token>(token)));
  }

  /// See watcher::next_initial().
  boost::asio::awaitable<one> next_initial() { return result<one>(plain_.next_initial(), decode_, refused_); }
  template <class Token>
  auto next_initial(Token&& token) {
    return plain_.next_initial(as<one>(std::forward<Token>(token)));
  }

  /// See watcher::next_batch().
  ///
  /// \par Completes with
  /// `void(error_code, std::optional<std::vector<typed_entry<T>>>)`.
  boost::asio::awaitable<many> next_batch(std::size_t max = SIZE_MAX) {
    return result<many>(plain_.next_batch(max), decode_, refused_);
  }
  template <class Token>
  auto next_batch(std::size_t max, Token&& token) {
    return plain_.next_batch(max, as<many>(std::forward<Token>(token)));
  }
  template <class Token>
  requires(!std::convertible_to<Token, std::size_t>) auto next_batch(Token&& token) {
    return next_batch(SIZE_MAX, std::forward<Token>(token));
  }

  /// See watcher::stop().
  void stop() noexcept { plain_.stop(); }
  /// See watcher::initial_complete().
  bool initial_complete() const noexcept { return plain_.initial_complete(); }
  /// See watcher::cursor().
  kvco::revision cursor() const noexcept { return plain_.cursor(); }
  /// See watcher::progress().
  kvco::revision progress() const noexcept { return plain_.progress(); }
  /// See watcher::resume_token().
  kvco::resume_token resume_token() const noexcept { return plain_.resume_token(); }
  /// The same after an entry of this watch.
  kvco::resume_token resume_token(const typed_entry<T>& after) const noexcept {
    return plain_.resume_token(after.stored());
  }
  /// See watcher::conflated().
  std::uint64_t conflated() const noexcept { return plain_.conflated(); }
  /// See watcher::missed().
  std::uint64_t missed() const noexcept { return plain_.missed(); }
  /// See watcher::queued().
  std::size_t queued() const noexcept { return plain_.queued(); }

 private:
  template <class U, class Token>
  auto as(Token&& token) const {
    return detail::result_as<U>(decode_, refused_, std::forward<Token>(token));
  }

  // It may be awaited when the watcher is gone.
  template <class U, class Plain>
  static boost::asio::awaitable<U> result(boost::asio::awaitable<Plain> next, decoder decode,
                                          detail::refused_ptr refused) {
    if (refused) throw_error(refused->why);
    co_return decode(co_await std::move(next));
  }

  watcher plain_;
  [[no_unique_address]] decoder decode_;
  detail::refused_ptr refused_;
};

}  // namespace kvco
