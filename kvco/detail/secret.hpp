// Bytes that do not outlive their use: seeds, JWTs, and the text of the files that hold them.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace kvco::detail {

/// So that no compiler leaves it out.
void overwrite(char* bytes, std::size_t size) noexcept;

/// Bytes that are overwritten when they go. It is moved, never copied, and has no operator<<: a secret gets
/// into a log only by someone who writes view().
class secret {
 public:
  secret() noexcept = default;
  explicit secret(std::size_t size) : bytes_(size) {}
  explicit secret(std::string_view text) : bytes_(text.begin(), text.end()) {}
  secret(secret&& other) noexcept = default;  // a vector leaves none of its bytes behind, a string would
  secret& operator=(secret&& other) noexcept {
    bytes_.swap(other.bytes_);  // the previous bytes go with `other`
    return *this;
  }
  ~secret();

  std::string_view view() const noexcept { return {bytes_.data(), bytes_.size()}; }
  bool empty() const noexcept { return bytes_.empty(); }
  std::size_t size() const noexcept { return bytes_.size(); }
  char* data() noexcept { return bytes_.data(); }
  /// To its first `size` bytes; the others are overwritten.
  void shrink(std::size_t size) noexcept;

 private:
  std::vector<char> bytes_;  // never grows: growing would leave a copy in freed memory
};

}  // namespace kvco::detail
