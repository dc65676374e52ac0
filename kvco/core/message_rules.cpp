#include <kvco/core/message_rules.hpp>

#include <algorithm>
#include <kvco/detail/concat.hpp>
#include <kvco/detail/printable.hpp>
#include <kvco/error.hpp>
#include <kvco/wire/writer.hpp>

namespace kvco::core {
namespace {

using detail::concat;
using detail::printable;
using detail::refusal;

constexpr std::size_t max_subject_size = 3072;

bool is_control_or_blank(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte <= 0x20 || byte == 0x7f;
}

std::size_t find_control_or_blank(std::string_view text) noexcept {
  return static_cast<std::size_t>(std::find_if(text.begin(), text.end(), is_control_or_blank) - text.begin());
}

refusal refuse(client_error rule, std::string_view what, std::string_view input, std::string_view why) {
  return {rule, concat(what, " ", printable(input), why)};
}

refusal refuse_at(client_error rule, std::string_view what, std::string_view input, std::size_t at) {
  return refuse(rule, what, input,
                concat(" has ", printable(input.substr(at, 1)), " at byte ", std::to_string(at)));
}

refusal check_tokens(std::string_view subject) {
  if (subject.empty()) return {client_error::subject_malformed, "subject \"\""};
  if (subject.size() > max_subject_size) {
    return refuse(client_error::subject_malformed, "subject", subject,
                  concat(" has ", std::to_string(subject.size()), " bytes"));
  }
  if (const std::size_t at = find_control_or_blank(subject); at != subject.size()) {
    return refuse_at(client_error::subject_malformed, "subject", subject, at);
  }
  if (subject.front() == '.' || subject.back() == '.' || subject.find("..") != subject.npos) {
    return refuse(client_error::subject_malformed, "subject", subject, " has an empty token");
  }
  return {};
}

// The first wildcard of a rule: alone between dots (true), or within a token.
std::size_t find_wildcard(std::string_view subject, bool alone) noexcept {
  for (std::size_t i = 0; i < subject.size(); ++i) {
    if (subject[i] != '*' && subject[i] != '>') continue;
    const bool begins = i == 0 || subject[i - 1] == '.';
    const bool ends = i + 1 == subject.size() || subject[i + 1] == '.';
    if ((begins && ends) == alone) return i;
  }
  return subject.npos;
}

bool is_name_character(char c) noexcept { return !is_control_or_blank(c) && c != ':' && (c & 0x80) == 0; }

refusal check_headers(const headers& fields) {
  using namespace std::string_view_literals;
  for (const auto& [name, value] : fields) {
    if (name.empty() || !std::all_of(name.begin(), name.end(), is_name_character)) {
      return refuse(client_error::header_field_malformed, "header name", name, "");
    }
    if (value.find_first_of("\r\n\0"sv) != value.npos) {
      return refuse(client_error::header_field_malformed, concat("header ", name, ":"), value, "");
    }
  }
  return {};
}

}  // namespace

refusal check_subject(std::string_view subject) {
  if (auto refused = check_tokens(subject)) return refused;
  const std::size_t at = find_wildcard(subject, true);
  if (at == subject.npos) return {};
  return refuse_at(client_error::subject_has_wildcard, "subject", subject, at);
}

refusal check_subscription(std::string_view subject) {
  if (auto refused = check_tokens(subject)) return refused;
  if (const std::size_t at = find_wildcard(subject, false); at != subject.npos) {
    return refuse(client_error::subject_malformed, "subject", subject,
                  " has a wildcard within a token, where it is a character like others");
  }
  const std::size_t tail = subject.find('>');
  if (tail == subject.npos || tail + 1 == subject.size()) return {};
  return refuse(client_error::subject_malformed, "subject", subject, " has > before its last token");
}

refusal check_queue_group(std::string_view name) {
  const std::size_t at = find_control_or_blank(name);
  if (at == name.size()) return {};
  return refuse_at(client_error::queue_group_malformed, "queue group", name, at);
}

refusal check_message(std::string_view subject, const headers* fields) {
  if (auto refused = check_subject(subject)) return refused;
  return fields != nullptr ? check_headers(*fields) : refusal();
}

std::string encode_headers(const headers* fields) {
  std::string block;
  if (fields == nullptr || fields->empty()) return block;
  wire::append_header_start(block);
  for (const auto& [name, value] : *fields) wire::append_header_field(block, name, value);
  wire::append_header_end(block);
  return block;
}

}  // namespace kvco::core
