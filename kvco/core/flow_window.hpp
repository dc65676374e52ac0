// Backpressure of a watch: a server sends a window of messages, then requests an answer to flow control before it sends more.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kvco::core {

/// Withholds the answers to flow control until the user has taken the entries before them.
class flow_window {
 public:
  /// An entry waits for the user from now on.
  void give() noexcept { ++given_; }
  /// The user has taken this many entries since the beginning.
  void take(std::uint64_t total) noexcept { taken_ = total; }
  /// The server requests an answer on this subject. It may repeat that; it gets one answer.
  void request(std::string_view subject);
  bool is_due() const noexcept { return !withheld_.empty() && withheld_.front().first <= taken_; }
  /// The subject of an answer that is due.
  std::string take_due();
  bool is_withholding() const noexcept { return !withheld_.empty(); }

  /// The consumer is gone, and the answers with it. The next one would begin with a whole window: a user that does not read would get
  /// one more with each connection, so it waits until there is room again.
  void forget() noexcept;
  bool has_room() const noexcept { return taken_ >= room_at_; }

 private:
  std::vector<std::pair<std::uint64_t, std::string>> withheld_;  // answer when this many entries were taken
  std::uint64_t given_ = 0, taken_ = 0;                          // entries
  std::uint64_t room_at_ = 0;  // when this many were taken the next consumer may be requested
};

}  // namespace kvco::core
