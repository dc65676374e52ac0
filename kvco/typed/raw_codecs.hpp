// Codecs of values that are stored as they are: text, bytes, numbers.
#pragma once

#include <charconv>
#include <cstddef>
#include <kvco/detail/number_text.hpp>
#include <kvco/typed/codec.hpp>
#include <kvco/typed/number.hpp>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <vector>

namespace kvco {

/// Text is its own bytes; any bytes are text.
struct text_codec {
  static constexpr std::string_view name = "text";  ///< For the bucket's metadata.

  std::string_view encode(std::string_view value) const noexcept { return value; }
  std::string decode(std::string_view stored) const { return std::string(stored); }
};

/// Bytes are stored as they are.
struct bytes_codec {
  static constexpr std::string_view name = "bytes";  ///< For the bucket's metadata.

  value_view encode(std::span<const std::byte> value) const noexcept { return value; }
  std::vector<std::byte> decode(std::string_view stored) const {
    const auto bytes = std::as_bytes(std::span(stored));
    return {bytes.begin(), bytes.end()};
  }
};

namespace detail {

/// @param why  of std::from_chars; none: there is text behind the number
value_error not_a_number(std::string_view stored, std::errc why, bool is_integer);

}  // namespace detail

/// A number as decimal text, the shortest that gives the same number again: `42`, `-1`, `0.1`, `1e+30`. All of the stored text must
/// be the number, and within the range of the type.
template <number T>
struct number_codec {
  static constexpr std::string_view name = "number";  ///< For the bucket's metadata.

  detail::number_text encode(T value) const noexcept { return detail::number_text(value); }
  decoded<T> decode(std::string_view stored) const {
    T value{};
    const auto [end, error] = std::from_chars(stored.data(), stored.data() + stored.size(), value);
    if (error == std::errc() && end == stored.data() + stored.size()) return value;
    return detail::not_a_number(stored, error, std::is_integral_v<T>);
  }
};

}  // namespace kvco
