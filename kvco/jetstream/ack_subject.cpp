// The reply subject of a delivered message -> its position: read for every message of a watch.
#include <kvco/jetstream/ack_subject.hpp>

#include <charconv>
#include <limits>

namespace kvco::jetstream {
namespace {

// Takes a name and the dot after it; false if either is missing.
bool take_name(std::string_view& rest, std::string_view& name) noexcept {
  const std::size_t dot = rest.find('.');
  if (dot == 0 || dot == rest.npos) return false;
  name = rest.substr(0, dot);
  rest.remove_prefix(dot + 1);
  return true;
}

// Takes digits; the caller handles the characters after them.
bool take_number(std::string_view& rest, std::uint64_t& number) noexcept {
  const auto result = std::from_chars(rest.data(), rest.data() + rest.size(), number);
  if (result.ec != std::errc()) return false;
  rest.remove_prefix(static_cast<std::size_t>(result.ptr - rest.data()));
  return true;
}

bool take_dot(std::string_view& rest) noexcept {
  if (!rest.starts_with('.')) return false;
  rest.remove_prefix(1);
  return true;
}

// <stream>.<consumer>.<delivered>.<sseq>.<cseq>.<timestamp>.<pending>; further tokens stay in `rest`.
bool take_position(std::string_view& rest, delivery_position& out) noexcept {
  std::string_view stream;
  std::uint64_t delivered = 0, timestamp = 0;
  const bool complete = take_name(rest, stream) && take_name(rest, out.consumer) &&
                        take_number(rest, delivered) && take_dot(rest) &&
                        take_number(rest, out.stream_sequence) && take_dot(rest) &&
                        take_number(rest, out.consumer_sequence) && take_dot(rest) &&
                        take_number(rest, timestamp) && take_dot(rest) && take_number(rest, out.pending);
  if (!complete || out.stream_sequence == 0 || out.consumer_sequence == 0) return false;
  if (timestamp > std::uint64_t{std::numeric_limits<std::int64_t>::max()}) return false;
  out.timestamp_ns = static_cast<std::int64_t>(timestamp);
  return true;
}

// Nothing, or ".token.token": ADR-15 lets servers add tokens at the end of the longer form.
bool is_tail(std::string_view rest) noexcept {
  if (rest.empty()) return true;
  return rest.front() == '.' && rest.back() != '.' && rest.find("..") == rest.npos;
}

}  // namespace

std::optional<delivery_position> parse_ack_subject(std::string_view subject) noexcept {
  constexpr std::string_view prefix = "$JS.ACK.";
  if (!subject.starts_with(prefix)) return std::nullopt;
  subject.remove_prefix(prefix.size());
  delivery_position position;
  // The forms exclude each other: one ends where the other has two tokens to go.
  std::string_view rest = subject;
  if (take_position(rest, position) && rest.empty()) return position;
  std::string_view domain, account;
  rest = subject;
  if (!take_name(rest, domain) || !take_name(rest, account)) return std::nullopt;
  if (take_position(rest, position) && is_tail(rest)) return position;
  return std::nullopt;
}

}  // namespace kvco::jetstream
