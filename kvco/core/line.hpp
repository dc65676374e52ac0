// The output of one connection, and the state that the server's messages bring it into.
#pragma once

#include <cstdint>
#include <kvco/core/link.hpp>
#include <kvco/core/outbox.hpp>
#include <kvco/core/written_log.hpp>
#include <string>
#include <string_view>

namespace kvco::core {

/// A connection without its transport.
struct line {
  line() = default;
  line(const line&) = delete;
  line& operator=(const line&) = delete;

  /// The handshake is over, and the end has not come.
  bool ready() const noexcept { return link.ready() && !closed; }

  /// Writes data that is not a request: it does not wait for room in the write buffer.
  template <class Write>
  void append(Write write) {
    std::string& to = out.tail();
    const std::size_t before = to.size();
    write(to);
    if (answering) out.note_answer(to.size() - before);
  }
  /// A PING whose PONG limits the requests that an -ERR can be about.
  void fence(time_point now);
  /// @param queue  the queue group; empty: none
  void subscribe(std::string_view subject, std::string_view queue, std::uint64_t sid, time_point now);
  /// @param after  the number of messages after which it takes effect; 0: at once
  void unsubscribe(std::uint64_t sid, std::uint64_t after = 0);
  /// An empty message without a reply subject.
  /// @param of  the subscription whose owner is informed when the server refuses the message; 0: none
  void publish(std::string_view subject, std::uint64_t of, time_point now);

  outbox out;
  written_log log;
  core::link link{out, log};
  bool closed = false;
  bool leaving = false;    // requests in flight are answered yet, others wait for another server
  bool answering = false;  // the data written now answers messages of the server
};

}  // namespace kvco::core
