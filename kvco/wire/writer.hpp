// Operations -> bytes, appended to a buffer. Arguments must be valid already: nothing is checked here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace kvco::wire {

void append_connect(std::string& out, std::string_view json);
void append_ping(std::string& out);
void append_pong(std::string& out);
/// @param queue  the queue group; empty: none
void append_sub(std::string& out, std::string_view subject, std::string_view queue, std::uint64_t sid);
/// @param after  the number of messages after which it takes effect, counted from the SUB; 0: at once
void append_unsub(std::string& out, std::uint64_t sid, std::uint64_t after = 0);
/// PUB; `reply` may be empty.
void append_pub(std::string& out, std::string_view subject, std::string_view reply, std::string_view payload);
/// HPUB; `header` is a whole block (see append_header_start). Writes PUB when it is empty.
void append_hpub(std::string& out, std::string_view subject, std::string_view reply, std::string_view header,
                 std::string_view payload);

/// A header block: start, fields, end.
void append_header_start(std::string& block);
void append_header_field(std::string& block, std::string_view name, std::string_view value);
void append_header_field(std::string& block, std::string_view name, std::uint64_t value);
void append_header_end(std::string& block);

void append_number(std::string& out, std::uint64_t value);

}  // namespace kvco::wire
