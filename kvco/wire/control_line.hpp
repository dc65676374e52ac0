// One line of the protocol -> verb, arguments, or the reason to refuse it. Used by parser.cpp only.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <kvco/error.hpp>
#include <kvco/wire/headers.hpp>
#include <kvco/wire/parser.hpp>
#include <kvco/wire/text.hpp>
#include <limits>
#include <optional>
#include <string_view>

namespace kvco::wire {

enum class verb : std::uint8_t { msg, hmsg, ping, pong, info, ok, err, unknown, undecided };
enum class line_end : std::uint8_t { none, lf, crlf };

/// A line as far as it is there.
struct control_line {
  std::string_view text;  // without its end
  verb op = verb::undecided;
  std::optional<client_error> refused;
};

inline std::size_t find_blank(std::string_view text) noexcept {
  return static_cast<std::size_t>(std::find_if(text.begin(), text.end(), is_blank) - text.begin());
}

/// The server's parser takes verbs in any case, and so do we. `name` is upper case.
inline bool matches(std::string_view text, std::string_view name) noexcept {
  return std::equal(text.begin(), text.end(), name.begin(), name.end(),
                    [](char a, char b) { return a == b || (b >= 'A' && b <= 'Z' && a == b - 'A' + 'a'); });
}

struct verb_name {
  std::string_view name;
  verb op;
};
inline constexpr std::array<verb_name, 7> verb_names{{{"MSG", verb::msg},
                                                      {"HMSG", verb::hmsg},
                                                      {"PING", verb::ping},
                                                      {"PONG", verb::pong},
                                                      {"INFO", verb::info},
                                                      {"+OK", verb::ok},
                                                      {"-ERR", verb::err}}};

inline verb verb_named(std::string_view text) noexcept {
  for (const auto& [name, op] : verb_names)
    if (matches(text, name)) return op;
  return verb::unknown;
}

/// A verb whose end has not come yet: unknown as soon as no operation starts like this, so that a
/// peer that is no NATS server (TLS, HTTP, SSH) is found out by its first bytes.
inline verb verb_started(std::string_view text) noexcept {
  const bool ended = text.ends_with('\r');
  if (ended) text.remove_suffix(1);
  for (const auto& [name, op] : verb_names)
    if (matches(text, ended ? name : name.substr(0, text.size()))) return verb::undecided;
  return verb::unknown;
}

inline verb verb_of(std::string_view text, line_end end) noexcept {
  if (text.starts_with("MSG ")) return verb::msg;  // these two are nearly all there is in the steady state
  if (text.starts_with("HMSG ")) return verb::hmsg;
  const std::size_t size = find_blank(text);
  const bool ended = size < text.size() || end != line_end::none;
  return ended ? verb_named(text.substr(0, size)) : verb_started(text);
}

/// The rules that no line may break. Their order matters: a line refused after its beginning has arrived is
/// refused for the same reason when all of it has, so events and errors do not depend on how the bytes are
/// split.
inline std::optional<client_error> refusal(verb op, std::size_t size, line_end end,
                                           const limits& bounds) noexcept {
  if (op == verb::undecided) return {};
  if (op == verb::unknown) return client_error::unknown_operation;
  if (op == verb::info && size > bounds.info) return client_error::info_too_long;
  if (op != verb::info && size > bounds.control_line) return client_error::control_line_too_long;
  if (end == line_end::lf) return client_error::malformed_operation;
  return {};
}

/// Field by field: a line that is copied whole waits for the bytes of all of it (a load over several smaller stores cannot
/// be forwarded), which was a tenth of a request's cost.
inline void examine(std::string_view text, line_end end, const limits& bounds, control_line& line) noexcept {
  line.text = text;
  line.op = verb_of(text, end);
  // An unfinished line may end in the CR of its CRLF, which does not count.
  const bool split_crlf = end == line_end::none && text.ends_with('\r');
  line.refused = refusal(line.op, text.size() - (split_crlf ? 1 : 0), end, bounds);
}

/// All behind the verb.
inline std::string_view arguments(std::string_view line) noexcept {
  return trim(line.substr(find_blank(line)));
}

/// -ERR 'text'
inline std::string_view unquoted(std::string_view text) noexcept {
  const bool quoted = text.size() >= 2 && text.front() == '\'' && text.back() == '\'';
  return quoted ? text.substr(1, text.size() - 2) : text;
}

/// A word of a line. A position, not a view: the line may move while its payload is awaited.
struct word {
  std::size_t at, size;

  std::string_view in(std::string_view line) const noexcept { return {line.data() + at, size}; }
};

/// The words of a line, its verb included, separated by any number of blanks.
struct words {
  static constexpr std::size_t most = 6;  // HMSG subject sid reply header-size total-size

  std::size_t count = 0;         // most + 1: there are more
  std::array<word, most> all{};  // the first `count` ones
};

inline words split(std::string_view line) noexcept {
  words found;
  for (std::size_t next = 0; next < line.size() && found.count <= words::most;) {
    const std::size_t end = next + find_blank(line.substr(next));
    if (end > next) {
      if (found.count < words::most) found.all[found.count] = {next, end - next};
      ++found.count;
    }
    next = end + 1;
  }
  return found;
}

/// MSG and HMSG.
struct message_line {
  word subject{}, reply{};
  std::uint64_t sid = 0, header_size = 0, total_size = 0;
};

/// At most max_payload bytes of a publisher, and the Nats-* headers that the server adds.
inline std::size_t largest_message(const limits& bounds) noexcept {
  return bounds.max_payload <= std::numeric_limits<std::size_t>::max() / 4
             ? 2 * bounds.max_payload
             : std::numeric_limits<std::size_t>::max() / 2;
}

inline std::optional<client_error> read_number(std::string_view text, std::uint64_t& value) noexcept {
  if (const auto number = parse_number(text)) return value = *number, std::nullopt;
  const bool digits = std::all_of(text.begin(), text.end(), is_digit);
  return digits ? client_error::number_overflow : client_error::malformed_operation;
}

/// A line from left to right, as long as single spaces separate its words.
class plain_words {
 public:
  plain_words(std::string_view line, std::size_t from) noexcept : line_(line), next_(from) {}

  bool at_end() const noexcept { return next_ > line_.size(); }
  bool at_digit() const noexcept { return next_ < line_.size() && is_digit(line_[next_]); }
  bool take(word& out) noexcept {
    const std::size_t end = line_.find(' ', next_);
    if (end == std::string_view::npos || end == next_) return false;
    out = {next_, end - next_};
    next_ = end + 1;
    return true;
  }
  /// A number that is too short to overflow.
  bool take(std::uint64_t& out) noexcept {
    if (at_end()) return false;
    std::string_view rest = line_.substr(next_);
    if (!take_number(rest, out) || (!rest.empty() && rest.front() != ' ')) return false;
    next_ = line_.size() - rest.size() + 1;
    return true;
  }

 private:
  std::string_view line_;
  std::size_t next_;
};

/// The line as servers write it. False for any other, which may be a good one all the same.
inline bool read_plain_message_line(const control_line& line, message_line& out) noexcept {
  const bool has_header = line.op == verb::hmsg;
  plain_words rest(line.text, has_header ? 5 : 4);
  if (!rest.take(out.subject) || !rest.take(out.sid)) return false;
  if (!rest.at_digit() && !rest.take(out.reply)) return false;
  if (has_header && !rest.take(out.header_size)) return false;
  return rest.take(out.total_size) && rest.at_end() && line.text.find('\t') == std::string_view::npos;
}

/// The line however it is written.
inline std::optional<client_error> read_any_message_line(const control_line& line,
                                                         message_line& out) noexcept {
  const words found = split(line.text);
  const bool has_header = line.op == verb::hmsg;
  const std::size_t least = has_header ? 5 : 4;
  if (found.count != least && found.count != least + 1) return client_error::malformed_operation;

  const auto text = [&](std::size_t i) { return found.all[i].in(line.text); };
  out.subject = found.all[1];
  out.reply = found.count > least ? found.all[3] : word{};
  if (const auto wrong = read_number(text(2), out.sid)) return wrong;
  if (has_header)
    if (const auto wrong = read_number(text(found.count - 2), out.header_size)) return wrong;
  return read_number(text(found.count - 1), out.total_size);
}

/// Reads `MSG subject sid [reply] total` or `HMSG subject sid [reply] header total`.
inline std::optional<client_error> read_message_line(const control_line& line, const limits& bounds,
                                                     message_line& out) noexcept {
  if (!read_plain_message_line(line, out)) {
    if (const auto wrong = read_any_message_line(line, out)) return wrong;
  }
  if (out.header_size > out.total_size) return client_error::header_longer_than_message;
  if (out.total_size > largest_message(bounds)) return client_error::payload_too_large;
  return {};
}

}  // namespace kvco::wire
