// Bytes to be sent to the socket: small ones are joined, large ones are passed on uncopied.
#pragma once

#include <cstdint>
#include <kvco/detail/byte_block.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace kvco::core {

/// Bytes that more than one may hold: a request keeps its frame for a retry while the socket writes it.
using shared_bytes = boost::intrusive_ptr<const detail::byte_block>;

/// The write queue. Positions count bytes since the connection began: bytes before handed_over() may have
/// reached the server, later ones have certainly not.
class outbox {
 public:
  /// From this size on a frame is not copied together with others.
  static constexpr std::size_t large = 16 * 1024;

  /// The place to append a small operation to.
  std::string& tail();
  void append(std::string_view small) { tail().append(small); }
  /// Queues without copying; `bytes` stays alive until it is written.
  void append(shared_bytes bytes);
  /// Records that the last `size` bytes queued are not a request but an answer to the peer, which alone
  /// decides their number.
  void note_answer(std::size_t size) noexcept { waiting_answers_ += size; }

  bool empty() const noexcept { return waiting_bytes() == 0; }
  /// Bytes queued and not handed over yet.
  std::size_t waiting_bytes() const noexcept;
  /// Bytes in memory: waiting, or handed over and not written yet.
  std::size_t pending_bytes() const noexcept { return waiting_bytes() + writing_bytes_; }
  /// Those of them that were noted as answers.
  std::size_t answer_bytes() const noexcept { return waiting_answers_ + writing_answers_; }
  std::uint64_t end() const noexcept { return handed_over_ + waiting_bytes(); }
  std::uint64_t handed_over() const noexcept { return handed_over_; }

  /// Hands over all that waits, in order; the views end with written() or clear(). One write at a time.
  const std::vector<std::string_view>& take();
  void written() noexcept;
  /// Forgets everything: the connection is gone. Positions start again at 0.
  void clear() noexcept;

 private:
  struct segment {
    std::string small;
    shared_bytes large;  // set: the segment is this
  };

  std::vector<segment> queue_;
  std::vector<segment> writing_;
  std::vector<std::string_view> views_;
  std::string spare_;             // a written buffer, to be filled again
  std::size_t closed_bytes_ = 0;  // in queue_, without the open tail
  std::size_t writing_bytes_ = 0;
  std::size_t waiting_answers_ = 0, writing_answers_ = 0;
  std::uint64_t handed_over_ = 0;
  bool open_tail_ = false;
};

}  // namespace kvco::core
