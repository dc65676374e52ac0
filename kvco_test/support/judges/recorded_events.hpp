// Feeds a parser in pieces and keeps what it said: what the parser's tests and its fuzzer compare.
#pragma once

#include <kvco/wire/parser.hpp>

#include <algorithm>
#include <cstring>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace kvco::test {

/// An event that owns its parts.
struct recorded_event {
  wire::event_kind kind = wire::event_kind::ok;
  std::uint64_t sid = 0;
  std::string subject, reply, header, payload, text;

  bool operator==(const recorded_event&) const = default;
};

struct recording {
  std::vector<recorded_event> events;
  error_code error;

  bool operator==(const recording&) const = default;
};

inline recorded_event record(const wire::event& e) {
  return {e.kind,
          e.sid,
          std::string(e.subject),
          std::string(e.reply),
          std::string(e.header),
          std::string(e.payload),
          std::string(e.text)};
}

/// Moves up to `size` bytes of `bytes` into the parser; how many it were.
inline std::size_t feed(wire::parser& parser, std::string_view& bytes, std::size_t size) {
  const auto room = parser.prepare();
  const std::size_t moved = std::min({size, bytes.size(), room.size()});
  std::memcpy(room.data(), bytes.data(), moved);
  parser.commit(moved);
  bytes.remove_prefix(moved);
  return moved;
}

/// Parses `bytes` in reads of next_size() bytes (at least 1) each.
template <class NextSize>
recording record_in_pieces(std::string_view bytes, wire::limits bounds, NextSize next_size) {
  wire::parser parser(bounds);
  recording made;
  while (!bytes.empty() && !parser.error()) {
    feed(parser, bytes, std::max<std::size_t>(1, next_size()));
    while (const wire::event* e = parser.next()) made.events.push_back(record(*e));
  }
  made.error = parser.error();
  return made;
}

inline recording record_whole(std::string_view bytes, wire::limits bounds = {}) {
  return record_in_pieces(bytes, bounds, [&] { return bytes.size(); });
}

inline std::ostream& operator<<(std::ostream& out, const recorded_event& e) {
  return out << "{kind " << static_cast<int>(e.kind) << " sid " << e.sid << " subject '" << e.subject
             << "' reply '" << e.reply << "' header " << e.header.size() << " B payload " << e.payload.size()
             << " B text '" << e.text << "'}";
}

inline std::ostream& operator<<(std::ostream& out, const recording& r) {
  out << r.events.size() << " events, error: " << r.error.message();
  for (const recorded_event& e : r.events) out << "\n  " << e;
  return out;
}

}  // namespace kvco::test
