// Where the socket's bytes land: one linear buffer, parsed in place. Used by parser.cpp only.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

namespace kvco::wire {

/// Bytes read and not consumed yet, followed by free room.
class receive_buffer {
 public:
  /// Every read may bring this much: fewer system calls for small messages.
  static constexpr std::size_t least_room = 64 * 1024;
  /// The capacity in the steady state; leftovers of up to least_room fit in without growing.
  static constexpr std::size_t usual_capacity = 2 * least_room;
  /// Memory taken on the word of the peer alone. Beyond it, a message must have arrived half before
  /// the other half is allocated: max_payload is the server's word, too.
  static constexpr std::size_t trusted = 4 * 1024 * 1024;
  /// The number of successive reads within usual_capacity after which a larger buffer is freed: not at once,
  /// because large messages seldom come alone.
  static constexpr int reads_until_shrink = 16;

  std::string_view unread() const noexcept { return {bytes_.get() + begin_, end_ - begin_}; }
  std::size_t capacity() const noexcept { return capacity_; }

  void consume(std::size_t size) noexcept { begin_ += size; }
  /// Prefetches bytes that will be consumed soon while those before them are handled.
  void prefetch() const noexcept {
    if (end_ - begin_ < 256) return;
    __builtin_prefetch(bytes_.get() + begin_ + 128);
    __builtin_prefetch(bytes_.get() + begin_ + 192);
  }
  void clear() noexcept { begin_ = end_ = 0; }

  /// Room to read into, for a reader that waits until `wanted` bytes are unread (0: it does not
  /// know).
  std::span<char> prepare(std::size_t wanted) {
    if (begin_ == end_) clear();
    const std::size_t needed = room_needed(wanted);
    const bool shrink = is_shrink_due(needed);
    if (shrink || capacity_ < needed) {
      reallocate(std::max(needed, usual_capacity));
    } else if (capacity_ - begin_ < needed) {
      move_to_front();
    }
    return {bytes_.get() + end_, capacity_ - end_};
  }

  void commit(std::size_t size) noexcept {
    assert(size <= capacity_ - end_);
    end_ += size;
  }

 private:
  /// From the first unread byte. Always least_room more than the bytes waited for, so that the bytes of one
  /// operation are moved at most once, however small the reads are.
  std::size_t room_needed(std::size_t wanted) const noexcept {
    const std::size_t here = end_ - begin_;
    std::size_t believed = trusted;
    while (believed <= here) believed *= 2;
    return std::max(here, std::min(wanted, believed)) + least_room;
  }

  bool is_shrink_due(std::size_t needed) noexcept {
    const bool spare = capacity_ > usual_capacity && needed <= usual_capacity;
    spare_reads_ = spare ? spare_reads_ + 1 : 0;
    return spare_reads_ == reads_until_shrink;
  }

  void reallocate(std::size_t capacity) {
    auto bytes = std::make_unique_for_overwrite<char[]>(capacity);
    const std::string_view kept = unread();
    if (!kept.empty()) std::memcpy(bytes.get(), kept.data(), kept.size());
    bytes_ = std::move(bytes);
    capacity_ = capacity;
    begin_ = 0;
    end_ = kept.size();
    spare_reads_ = 0;
  }

  void move_to_front() noexcept {
    std::memmove(bytes_.get(), bytes_.get() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }

  std::unique_ptr<char[]> bytes_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  int spare_reads_ = 0;
};

}  // namespace kvco::wire
