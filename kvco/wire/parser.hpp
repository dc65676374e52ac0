// Socket bytes -> event: the NATS protocol as one sans-io coroutine that waits for bytes, not for sockets.
#pragma once

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <kvco/error.hpp>
#include <kvco/wire/event.hpp>
#include <memory>
#include <span>

namespace kvco::wire {

/// The maximum sizes that the parser accepts. Larger input is refused before memory of that size is
/// allocated.
struct limits {
  /// A publisher's line has at most 4096 bytes (server const MAX_CONTROL_LINE_SIZE); as MSG it carries the
  /// sid and the $JS.ACK reply, too: 4313 bytes were measured. An -ERR may quote a whole subject.
  std::size_t control_line = 8 * 1024;
  std::size_t info = 64 * 1024;
  std::size_t max_payload = 1 << 20;  // messages of up to twice this size pass
};

/// Turns bytes into events, the same ones however the bytes are cut.
///
///     while (true) {
///       auto room = parser.prepare();             // where to read to
///       parser.commit(read(room));
///       while (const event* e = parser.next()) handle(*e);
///       if (parser.error()) break;                // for good: the stream has lost its framing
///     }
class parser {
 public:
  explicit parser(limits bounds = {});
  parser(parser&&) noexcept;
  parser& operator=(parser&&) noexcept;
  ~parser();

  /// Room to read into; never empty. Ends the views of the last event.
  std::span<char> prepare();
  /// Reports that the first `size` bytes of the room were filled.
  void commit(std::size_t size);
  /// The next event, or nullptr when more bytes are needed or the stream is broken (see error()).
  const event* next();
  /// Why the stream is broken; no error while it is not.
  error_code error() const noexcept;

  /// Messages of up to twice this size pass.
  void set_max_payload(std::size_t bytes) noexcept;
  /// Bytes that came and are no event yet.
  std::size_t buffered() const noexcept;
  /// Bytes that the buffer has room for (memory accounting, tests).
  std::size_t capacity() const noexcept;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace kvco::wire
