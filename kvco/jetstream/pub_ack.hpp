// The two ways to read the answer to a publish. For parse_pub_ack() and the test that they agree.
#pragma once

#include <kvco/jetstream/replies.hpp>

namespace kvco::jetstream {

/// Reads exactly the form that servers 2.9 to 2.15 send for a single message stored, byte by byte. Nothing
/// for any other text.
/// @param stream  the one that most likely answers, or empty; a plain name without anything that JSON escapes
std::optional<pub_ack> read_common_pub_ack(std::string_view json, std::string_view stream = {}) noexcept;
/// Any JSON.
outcome<pub_ack> read_any_pub_ack(std::string_view json);

}  // namespace kvco::jetstream
