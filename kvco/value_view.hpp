// Values as arguments: text or bytes.
#pragma once

#include <concepts>
#include <cstddef>
#include <span>
#include <string_view>
#include <type_traits>

namespace kvco {

/// A value to be stored, however the caller holds it: text (std::string, std::string_view, a literal) or bytes (a vector, array or
/// span of std::byte). A std::string_view that is made of either; for arguments only.
class value_view : public std::string_view {
 public:
  constexpr value_view() noexcept = default;  ///< no bytes
  template <std::convertible_to<std::string_view> Text>
  constexpr value_view(const Text& text) noexcept(
      std::is_nothrow_convertible_v<const Text&, std::string_view>)
      : std::string_view(text) {}
  template <std::convertible_to<std::span<const std::byte>> Bytes>
  value_view(const Bytes& bytes) noexcept : std::string_view(text_of(bytes)) {}

 private:
  static std::string_view text_of(std::span<const std::byte> bytes) noexcept {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
};

// As with options: g++ 12 destroys owning temporaries of an argument list twice inside a co_await expression.
static_assert(std::is_trivially_destructible_v<value_view>);

}  // namespace kvco
