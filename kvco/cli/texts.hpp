// Numbers, times and bytes -> words, as the nats tool writes them.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace kvco::cli {

using time_point = std::chrono::system_clock::time_point;

/// "0 B", "1.2 KiB", "34 MiB".
std::string byte_size(std::uint64_t bytes);
/// "1,234,567".
std::string with_commas(std::uint64_t number);
/// "12.34s", "1m3s", "2d3h4m5s".
std::string human_time(std::chrono::nanoseconds time);
/// "2023-10-12 15:29:40", in the time zone of this machine.
std::string local_time(time_point time);
/// "15:29:40".
std::string local_clock(time_point time);
/// "12 Oct 23 15:31 UTC" (RFC 822).
std::string rfc822_time(time_point time);
/// "2023-10-12T15:31:42.123456789Z" (RFC 3339).
std::string rfc3339_time(time_point time);

bool is_utf8(std::string_view text);
/// UTF-8 without control characters, except line ends and tabs.
bool is_printable(std::string_view text);
std::string base64(std::string_view bytes);
/// A value for people: the text, or base64 where it is not printable.
std::string shown(std::string_view value);
/// The same in one line: line ends and tabs are escaped as in C.
std::string shown_in_a_line(std::string_view value);
/// At most this many columns, with "…" for the rest; 0: as it is.
std::string cut_to(std::string_view text, std::size_t columns);
/// The columns that it takes on a terminal: one for each character.
std::size_t width_of(std::string_view text);

}  // namespace kvco::cli
