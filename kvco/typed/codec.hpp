// Codecs convert values and keys to bytes and back: their concepts, and the errors that they return.
#pragma once

#include <concepts>
#include <kvco/error.hpp>
#include <kvco/value_view.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace kvco {

/// The reason why there is no value: a code (equal to errc::invalid_value, invalid_key or no_value), and the text of the codec.
struct value_error {
  value_error() = default;
  /// For codecs: the bytes cannot be decoded.
  explicit value_error(std::string why) : value_error(client_error::value_not_decoded, std::move(why)) {}
  value_error(error_code meaning, std::string why) : code(meaning), text(std::move(why)) {}

  error_code code;   ///< the error of the operation or of the entry
  std::string text;  ///< the reason, in words
};

/// Throws it as a boost::system::system_error with the text in what().
[[noreturn]] void throw_error(const value_error& why);

/// A T, or the reason why there is no T: `return 1;` or `return kvco::value_error("no number");`.
template <class T>
class decoded {
 public:
  /// This value.
  decoded(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  decoded(value_error why) : state_(std::in_place_index<1>, std::move(why)) {}

  bool has_value() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }
  /// Throws the error if there is no value.
  const T& value() const& {
    if (!has_value()) throw_error(error());
    return **this;
  }
  T value() && {
    if (!has_value()) throw_error(error());
    return std::move(**this);
  }
  /// Requires has_value().
  T& operator*() noexcept { return *std::get_if<0>(&state_); }
  const T& operator*() const noexcept { return *std::get_if<0>(&state_); }
  const T* operator->() const noexcept { return std::get_if<0>(&state_); }
  /// Requires that there is no value.
  const value_error& error() const noexcept { return *std::get_if<1>(&state_); }

 private:
  std::variant<T, value_error> state_;
};

/// Converts values to bytes and back. A codec without members takes no space in the types that use it.
///
/// `encode()` returns text or bytes, owned or a view into the value. `decode()` returns the value, or a decoded<T> if it can fail.
/// If either throws, the operation, or the entry, has an error with the text of the exception.
///
///     struct upper_case {
///       std::string encode(const std::string& value) const;
///       kvco::decoded<std::string> decode(std::string_view stored) const;
///     };
///
/// `static constexpr std::string_view name` is optional: it can be pinned in the metadata of a bucket (typed_bucket::pin).
template <class Codec, class T>
concept value_codec = std::copy_constructible<Codec> &&
    requires(const Codec& codec, const T& value, std::string_view stored) {
  { codec.encode(value) } -> std::convertible_to<value_view>;
  { codec.decode(stored) } -> std::convertible_to<decoded<T>>;
};

/// Converts the keys of a program to keys of the bucket and back, with encode() and decode() as for values.
/// `encode_filter(std::string_view)`, which does not change the tokens `*` and `>`, is optional: without it a filter with a wildcard
/// is refused (errc::invalid_filter), except ">" alone.
template <class Codec>
concept key_codec = std::copy_constructible<Codec> && requires(const Codec& codec, std::string_view key) {
  { codec.encode(key) } -> std::convertible_to<std::string_view>;
  { codec.decode(key) } -> std::convertible_to<decoded<std::string>>;
};

/// A codec of keys that can encode filters as well: typed buckets with it can be watched and listed by a filter.
template <class Codec>
concept filtering_key_codec = key_codec<Codec> && requires(const Codec& codec, std::string_view filter) {
  { codec.encode_filter(filter) } -> std::convertible_to<std::string_view>;
};

namespace detail {

/// The error for the exception that is being handled.
value_error caught(client_error meaning);

/// Returns the result of `function` (a value or an error), or an error with the text of its exception.
template <class T, class Function>
decoded<T> attempt(client_error meaning, Function&& function) {
  try {
    return std::forward<Function>(function)();
  } catch (...) {
    return caught(meaning);
  }
}

}  // namespace detail
}  // namespace kvco
