// The server's messages: the parser's output, the dispatcher's input.
#pragma once

#include <cstdint>
#include <string_view>

namespace kvco::wire {

enum class event_kind : std::uint8_t { info, msg, ping, pong, ok, err };

/// One protocol operation. Its views point into the parser's buffer: they end with the next call of a
/// member of the parser.
struct event {
  event_kind kind = event_kind::ok;
  std::uint64_t sid = 0;     // msg: the subscription
  std::string_view subject;  // msg
  std::string_view reply;    // msg: empty if it has none
  std::string_view header;   // msg: the whole block, from "NATS/1.0" to the empty line; empty for MSG
  std::string_view payload;  // msg: without the header
  std::string_view text;     // info: the JSON; err: the text without its quotes
};

}  // namespace kvco::wire
