// One revision of one key, as it was read or watched.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

namespace kvco {

/// The sequence number of a write in its bucket; 1 is the first. Revisions of one bucket grow with each
/// write to any of its keys. All 64 bits count.
using revision = std::uint64_t;

/// The effect of a revision on its key.
enum class operation : std::uint8_t {
  put,    ///< stored a value (perhaps an empty one)
  erase,  ///< deleted the key; older revisions are kept (KV-Operation: DEL)
  purge,  ///< deleted the key and its older revisions, or it expired (PURGE, Nats-Marker-Reason: MaxAge)
};

std::string_view to_string(operation op) noexcept;

namespace detail {
struct entry_fields {
  std::string_view bucket;
  std::string_view key;
  std::string_view value;
  std::uint64_t value_size = 0;  // of the stored value, even if only the meta data was read
  revision rev = 0;
  std::uint64_t pending = 0;
  std::int64_t created_ns = 0;  // since the Unix epoch
  kvco::operation op = kvco::operation::put;
};
}  // namespace detail

/// One revision of one key. Owns its bytes (one block of memory; moving is as cheap as moving a pointer, copying copies the
/// bytes). A moved-from entry is empty, as one that was made by default.
///
/// \par Lifetimes
/// Views of it last as long as the entry: `auto v = (co_await kv.get("k"))->value();` dangles.
class entry {
 public:
  entry() noexcept = default;
  explicit entry(const detail::entry_fields& fields);
  entry(entry&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  entry(const entry& other);
  entry& operator=(entry other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~entry() {
    if (block_ != nullptr) free();
  }

  /// The name of the bucket.
  std::string_view bucket() const noexcept;
  /// The key, as it is stored.
  std::string_view key() const noexcept;
  /// The stored bytes. Empty for erase and purge, and in a watch with `.meta_only`.
  std::string_view value() const noexcept;
  /// The same as bytes.
  std::span<const std::byte> bytes() const noexcept { return std::as_bytes(std::span(value())); }
  /// The size of the stored value in bytes, known also with `.meta_only`.
  std::uint64_t value_size() const noexcept;
  /// Its number in the bucket, which ascends with each write.
  kvco::revision revision() const noexcept;
  /// A value that was put, or a deletion.
  kvco::operation operation() const noexcept;
  /// When the server stored it, by the server's clock.
  std::chrono::system_clock::time_point created() const noexcept;
  /// The number of entries that were pending after this one when the server sent it, as in other NATS clients (watches and
  /// history only; otherwise 0).
  std::uint64_t delta() const noexcept;

 private:
  struct block;
  void free() noexcept;

  block* block_ = nullptr;
};

}  // namespace kvco
