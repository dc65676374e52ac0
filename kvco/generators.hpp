// Lists as generators, with the backpressure of a watch: entries that are not taken stay at the server.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <kvco/bucket.hpp>
#include <kvco/detail/result_as.hpp>
#include <kvco/entry.hpp>
#include <kvco/many.hpp>
#include <kvco/options.hpp>
#include <kvco/watcher.hpp>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kvco {

namespace detail {

/// next() and next_batch() of a watcher with other results, which `Change` makes of its entries. A moved-from one is empty.
template <class T, class Change>
class [[nodiscard]] generator {
  using one = std::optional<T>;
  using many = std::optional<std::vector<T>>;

 public:
  using executor_type = watcher::executor_type;

  generator() = default;  ///< empty: next() and its kin complete with errc::closed
  explicit generator(watcher entries, Change change = {})
      : entries_(std::move(entries)), each_{std::move(change)} {}

  /// False: the handle is empty.
  explicit operator bool() const noexcept { return static_cast<bool>(entries_); }
  executor_type get_executor() const noexcept { return entries_.get_executor(); }

  /// The next one; nothing at the end. See watcher::next().
  ///
  /// \par Completes with
  /// `void(error_code, std::optional<T>)`.
  boost::asio::awaitable<one> next() { return result<one>(entries_.next(), each_); }
  template <class Token>
  auto next(Token&& token) {
    return entries_.next(result_as<one>(each_, {}, std::forward<Token>(token)));
  }

  /// All that have arrived, at least one, at most `max`; nothing at the end. See watcher::next_batch().
  ///
  /// \par Completes with
  /// `void(error_code, std::optional<std::vector<T>>)`.
  boost::asio::awaitable<many> next_batch(std::size_t max = SIZE_MAX) {
    return result<many>(entries_.next_batch(max), each_);
  }
  template <class Token>
  auto next_batch(std::size_t max, Token&& token) {
    return entries_.next_batch(max, result_as<many>(each_, {}, std::forward<Token>(token)));
  }
  template <class Token>
  requires(!std::convertible_to<Token, std::size_t>) auto next_batch(Token&& token) {
    return next_batch(SIZE_MAX, std::forward<Token>(token));
  }

  /// See watcher::stop().
  void stop() noexcept { entries_.stop(); }
  /// The watch that it takes its entries from: for its position, or ready().
  watcher& entries() noexcept { return entries_; }

 private:
  struct changing {
    Change change;

    one operator()(std::optional<entry> e) const {
      if (!e) return std::nullopt;
      return change(std::move(*e));
    }
    many operator()(std::optional<std::vector<entry>> batch) const {
      if (!batch) return std::nullopt;
      std::vector<T> all;
      all.reserve(batch->size());
      for (entry& e : *batch) all.push_back(change(std::move(e)));
      return all;
    }
  };

  // It may be awaited when the generator is gone.
  template <class U, class Plain>
  static boost::asio::awaitable<U> result(boost::asio::awaitable<Plain> next, changing each) {
    co_return each(co_await std::move(next));
  }

  watcher entries_;
  changing each_;
};

struct key_of_entry {
  std::string operator()(const entry& e) const { return std::string(e.key()); }
};

}  // namespace detail

/// A change of a key, and the entry before it.
struct change {
  entry now;  ///< the entry after the change
  /// The entry of the key that came before, also a deletion; nothing: none has come.
  std::optional<entry> previous;
};

namespace detail {

/// Remembers the last entry of each key. Copies share it.
class previous_entries {
 public:
  kvco::change operator()(entry now) const {
    const auto known = last_->find(now.key());
    if (known == last_->end()) {
      last_->emplace(now.key(), now);
      return {std::move(now), std::nullopt};
    }
    entry previous = std::exchange(known->second, now);
    return {std::move(now), std::move(previous)};
  }

 private:
  using entries = std::map<std::string, entry, std::less<>>;
  std::shared_ptr<entries> last_ = std::make_shared<entries>();
};

}  // namespace detail

/// The keys of a bucket one after the other, however many there are: returned by stream_keys().
using key_generator = detail::generator<std::string, detail::key_of_entry>;
/// The changes of a watch, each with the entry before it: returned by watch_changes().
using change_generator = detail::generator<change, detail::previous_entries>;

/// The keys that have a value and match one of `filters` (as in bucket::watch()), in no particular order, without holding all of them
/// in memory as bucket::keys() does. A key that is written meanwhile may come twice.
///
///     kvco::key_generator keys = kvco::stream_keys(bucket, "order.>");
///     while (std::optional<std::string> key = co_await keys.next()) use(*key);
inline key_generator stream_keys(const bucket& from, key_views filters) {
  return key_generator(
      from.watch(filters, {.ignore_deletes = true, .meta_only = true, .initial_only = true}));
}
inline key_generator stream_keys(const bucket& from, std::initializer_list<std::string_view> filters) {
  return stream_keys(from, key_views(filters));
}
inline key_generator stream_keys(const bucket& from, std::string_view filter = ">") {
  return stream_keys(from, key_views(std::span(&filter, 1)));
}

/// All revisions that the bucket keeps of the keys that match one of `filters`, oldest first, deletions included, without holding all of
/// them in memory as bucket::history() does. It is a watch that ends.
inline watcher stream_history(const bucket& from, key_views filters) {
  return from.watch(filters, {.include_history = true, .initial_only = true});
}
inline watcher stream_history(const bucket& from, std::initializer_list<std::string_view> filters) {
  return stream_history(from, key_views(filters));
}
inline watcher stream_history(const bucket& from, std::string_view filter) {
  return stream_history(from, key_views(std::span(&filter, 1)));
}

/// As bucket::watch(), but each entry comes with the one that came before it for its key. For that the last entry of each key that has
/// come is held in memory; with `.meta_only` without its value.
inline change_generator watch_changes(const bucket& from, key_views filters, watch_options options = {}) {
  return change_generator(from.watch(filters, options));
}
inline change_generator watch_changes(const bucket& from, std::initializer_list<std::string_view> filters,
                                      watch_options options = {}) {
  return watch_changes(from, key_views(filters), options);
}
inline change_generator watch_changes(const bucket& from, std::string_view filter,
                                      watch_options options = {}) {
  return watch_changes(from, key_views(std::span(&filter, 1)), options);
}

}  // namespace kvco
