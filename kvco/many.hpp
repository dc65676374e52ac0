// Many keys at once: the arguments of get_many() and put_many(), and the outcome of each item of put_many().
#pragma once

#include <concepts>
#include <cstddef>
#include <deque>
#include <initializer_list>
#include <kvco/entry.hpp>
#include <kvco/error.hpp>
#include <kvco/value_view.hpp>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace kvco {

/// A value to be stored under a key. Views only: put_many() copies the bytes before it returns.
struct put_item {
  std::string_view key;  ///< where it is stored
  value_view value;      ///< any bytes
};

/// The outcome of one item of put_many().
class put_outcome {
 public:
  put_outcome() noexcept = default;
  explicit put_outcome(kvco::revision stored) noexcept : revision_(stored) {}
  put_outcome(error_code why, std::string words) : code_(why), detail_(std::move(words)) {}

  /// Stored, as revision(). If not: nothing was stored, unless code() is errc::outcome_unknown.
  bool ok() const noexcept { return revision_ != 0; }
  /// No error if it is ok().
  const error_code& code() const noexcept { return code_; }
  /// 0 if it is not ok().
  kvco::revision revision() const noexcept { return revision_; }
  /// Details of the error beyond its code, as error_detail(): the refused key and the rule, or the server's
  /// text.
  const std::string& detail() const noexcept { return detail_; }

 private:
  error_code code_;
  kvco::revision revision_ = 0;
  std::string detail_;
};

/// Several keys, however the caller holds them: `{"a", "b"}`, a vector, array or span of std::string or
/// std::string_view. A view, for arguments only.
class key_views {
 public:
  key_views() noexcept = default;
  key_views(std::initializer_list<std::string_view> keys) noexcept
      : key_views(std::span(keys.begin(), keys.size())) {}
  template <std::convertible_to<std::span<const std::string>> Keys>
  key_views(const Keys& keys) noexcept {
    const std::span<const std::string> all(keys);
    strings_ = all.data();
    size_ = all.size();
  }
  template <std::convertible_to<std::span<const std::string_view>> Keys>
  key_views(const Keys& keys) noexcept {
    const std::span<const std::string_view> all(keys);
    views_ = all.data();
    size_ = all.size();
  }

  /// Their number.
  std::size_t size() const noexcept { return size_; }
  /// One of them.
  std::string_view operator[](std::size_t i) const noexcept {
    return strings_ ? std::string_view(strings_[i]) : views_[i];
  }

 private:
  const std::string* strings_ = nullptr;
  const std::string_view* views_ = nullptr;
  std::size_t size_ = 0;
};

/// Several items: `{{"a", "1"}, {"b", "2"}}`, or a vector, array or span of put_item. A view, for arguments only.
class item_views {
 public:
  item_views() noexcept = default;
  item_views(std::initializer_list<put_item> items) noexcept : items_(items.begin(), items.size()) {}
  template <std::convertible_to<std::span<const put_item>> Items>
  item_views(const Items& items) noexcept : items_(items) {}

  /// Their number.
  std::size_t size() const noexcept { return items_.size(); }
  /// One of them.
  const put_item& operator[](std::size_t i) const noexcept { return items_[i]; }

 private:
  std::span<const put_item> items_;
};

namespace detail {

template <class T>
concept item_like = requires(T&& item) {
  { std::get<0>(item) } -> std::convertible_to<std::string_view>;
  { std::get<1>(item) } -> std::convertible_to<std::string_view>;
};

/// The ranges that put_many() accepts besides item_views: std::map, a vector of pairs, a view that generates
/// them.
template <class Items>
concept item_range = std::ranges::input_range<Items> && item_like<std::ranges::range_reference_t<Items>> &&
    !std::convertible_to<Items, item_views>;

/// The items of such a range, as long as the call that begins the operation.
class item_list {
 public:
  template <item_range Items>
  explicit item_list(Items&& items) {
    using reference = std::ranges::range_reference_t<Items>;
    for (reference item : items) {
      const std::string_view key = std::get<0>(item), value = std::get<1>(item);
      if constexpr (std::ranges::forward_range<Items> && std::is_lvalue_reference_v<reference>) {
        items_.push_back({key, value});
      } else {  // it is gone with the next one
        copies_.emplace_back(std::string(key).append(value));
        const std::string_view copy = copies_.back();
        items_.push_back({copy.substr(0, key.size()), copy.substr(key.size())});
      }
    }
  }
  item_views views() const noexcept { return items_; }

 private:
  std::vector<put_item> items_;
  std::deque<std::string> copies_;
};

}  // namespace detail

// As with options: g++ 12 destroys owning temporaries of an argument list twice inside a co_await expression.
static_assert(std::is_trivially_destructible_v<put_item> && std::is_trivially_destructible_v<key_views> &&
              std::is_trivially_destructible_v<item_views>);

}  // namespace kvco
