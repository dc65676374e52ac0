// A number as decimal text, without an allocation.
#pragma once

#include <array>
#include <charconv>
#include <cstddef>
#include <string_view>

namespace kvco::detail {

/// The shortest text that std::from_chars reads as the same number.
class number_text {
 public:
  template <class Number>
  explicit number_text(Number value) noexcept {
    size_ = static_cast<std::size_t>(
        std::to_chars(digits_.data(), digits_.data() + digits_.size(), value).ptr - digits_.data());
  }
  operator std::string_view() const noexcept { return {begin(), size_}; }
  std::size_t size() const noexcept { return size_; }
  const char* begin() const noexcept { return digits_.data(); }
  const char* end() const noexcept { return begin() + size_; }

 private:
  std::array<char, 64> digits_;  // the longest one is a long double
  std::size_t size_;
};

}  // namespace kvco::detail
