// The NATS/1.0 header block: between the parser's event and the interpretation of a reply or an entry.
#include <kvco/wire/headers.hpp>
#include <kvco/wire/text.hpp>

#include <limits>

namespace kvco::wire {
namespace {

constexpr std::string_view version = "NATS/1.0";

/// Takes the next line off `rest`, without its CRLF; false if there is no line, or one that ends in a bare
/// LF.
bool take_line(std::string_view& rest, std::string_view& line) noexcept {
  const std::size_t end = rest.find('\n');
  if (end == std::string_view::npos || end == 0 || rest[end - 1] != '\r') return false;
  line = rest.substr(0, end - 1);
  rest.remove_prefix(end + 1);
  return true;
}

/// ADR-4: three digits behind the version, and a text that ends with the line. Anything else is no
/// status.
int status_of(std::string_view text) noexcept {
  const bool three = text.size() == 3 || (text.size() > 3 && is_blank(text[3]));
  if (!three || text[0] < '1' || text[0] > '9') return 0;
  return static_cast<int>(parse_number(text.substr(0, 3)).value_or(0));
}

bool are_fields(std::string_view rest) noexcept {
  header_field field;
  while (headers::take_field(rest, field)) {
  }
  return rest.empty();
}

/// A block up to its fields.
struct opened_block {
  std::string_view status_line, fields;
};

bool open_block(std::string_view block, opened_block& out) noexcept {
  std::string_view rest = block;
  if (!block.starts_with(version) || !take_line(rest, out.status_line) || !rest.ends_with(line_break))
    return false;
  rest.remove_suffix(line_break.size());
  out.status_line.remove_prefix(version.size());
  out.fields = rest;
  return out.status_line.empty() || is_blank(out.status_line.front());
}

}  // namespace

headers::headers(std::string_view block) noexcept {
  if (block.empty()) return;
  opened_block opened;
  valid_ = open_block(block, opened) && are_fields(opened.fields);
  if (!valid_) return;

  const std::string_view text = trim(opened.status_line);
  fields_ = opened.fields;
  status_ = status_of(text);
  if (status_ != 0) description_ = trim(text.substr(3));
}

std::optional<std::string_view> headers::fields_without_status(std::string_view block) noexcept {
  if (block.empty()) return block;
  opened_block opened;
  if (!open_block(block, opened) || status_of(trim(opened.status_line)) != 0) return {};
  return opened.fields;
}

bool headers::valid() const noexcept { return valid_; }

bool headers::take_field(std::string_view& rest, header_field& field) noexcept {
  std::string_view after = rest;
  std::string_view line;
  if (!take_line(after, line)) return false;
  const std::size_t colon = line.find(':');
  // No name, or a line that continues the one before (folding, which ADR-4 does not have).
  if (colon == std::string_view::npos || colon == 0 || is_blank(line.front())) return false;
  field.name = line.substr(0, colon);
  field.value = trim(line.substr(colon + 1));
  rest = after;
  return true;
}

std::optional<std::string_view> headers::find(std::string_view name) const noexcept {
  std::string_view rest = fields_;
  for (header_field field; take_field(rest, field);)
    if (field.name == name) return field.value;
  return {};
}

std::optional<std::string_view> headers::find_last(std::string_view name) const noexcept {
  std::optional<std::string_view> found;
  std::string_view rest = fields_;
  for (header_field field; take_field(rest, field);)
    if (field.name == name) found = field.value;
  return found;
}

std::optional<std::uint64_t> parse_number(std::string_view text) noexcept {
  constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  constexpr std::size_t never_too_large = std::numeric_limits<std::uint64_t>::digits10;
  if (text.empty()) return {};
  std::uint64_t value = 0, wrong = 0;
  for (const char c : text.substr(0, never_too_large)) {
    const auto digit =
        static_cast<std::uint64_t>(static_cast<unsigned char>(c)) - '0';  // below '0' it wraps around
    wrong |= static_cast<std::uint64_t>(digit > 9);
    value = value * 10 + digit;
  }
  if (wrong != 0) return {};
  if (text.size() <= never_too_large) return value;
  for (const char c : text.substr(never_too_large)) {
    const auto digit = static_cast<std::uint64_t>(static_cast<unsigned char>(c)) - '0';
    if (digit > 9 || value > most / 10 || value * 10 > most - digit) return {};
    value = value * 10 + digit;
  }
  return value;
}

}  // namespace kvco::wire
