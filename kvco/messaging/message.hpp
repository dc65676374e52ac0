// A message of core NATS, as it was received.
#pragma once

#include <cstddef>
#include <kvco/messaging/headers.hpp>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

namespace kvco {

/// A received message. Owns its bytes, in one block of memory: moving is as cheap as moving a pointer, copying copies the bytes. A
/// moved-from message is empty, as one that was made by default.
///
/// \par Lifetimes
/// Views of it are valid as long as the message.
class message {
 public:
  message() noexcept = default;
  message(std::string_view subject, std::string_view reply_to, std::string_view header_block,
          std::string_view payload);
  message(message&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  message(const message& other);
  message& operator=(message other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~message() {
    if (block_ != nullptr) free();
  }

  /// Where it was published.
  std::string_view subject() const noexcept;
  /// Where an answer is expected; empty: none is.
  std::string_view reply_to() const noexcept;
  /// Its bytes.
  std::string_view payload() const noexcept;
  /// The same as bytes.
  std::span<const std::byte> bytes() const noexcept { return std::as_bytes(std::span(payload())); }
  /// The first value of this name: a look-up without an allocation.
  std::optional<std::string_view> header(std::string_view name) const noexcept;
  /// All fields, decoded in this call. A block that breaks the rules of ADR-4 has those before the broken line.
  kvco::headers headers() const;
  /// Whether it has header fields.
  bool has_headers() const noexcept;

 private:
  struct block;
  void free() noexcept;

  block* block_ = nullptr;
};

}  // namespace kvco
