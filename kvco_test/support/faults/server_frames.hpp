// What a server sends, cut into frames: for whoever wants to lose, repeat or spoil single ones. Shares no code with
// kvco/wire.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kvco::test {

struct server_frame {
  enum class verb { info, ping, pong, ok, err, msg, other };
  verb what = verb::other;
  std::string_view bytes;            // all of it
  std::string_view subject, reply;   // of MSG and HMSG
  std::string_view header, payload;  // the same
};

/// Reads the bytes of one connection. A frame's views last until the next feed().
class server_frame_parser {
 public:
  std::vector<server_frame> feed(std::string_view bytes);
  /// What came cannot be read. Then nothing is taken any more: unread() is all that is left.
  bool broken() const noexcept { return broken_; }
  std::string_view unread() const noexcept { return std::string_view(buffer_).substr(at_); }
  void forget_unread() { at_ = buffer_.size(); }

 private:
  bool take(server_frame& frame);
  bool take_message(server_frame& frame, std::string_view line);

  std::string buffer_;
  std::size_t at_ = 0;
  bool broken_ = false;
};

}  // namespace kvco::test
