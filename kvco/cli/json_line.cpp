// One JSON object in one line. See the header.
#include <kvco/cli/json_line.hpp>

#include <array>
#include <cstdio>
#include <kvco/cli/texts.hpp>

namespace kvco::cli {
namespace {

/// The text is UTF-8, or each byte that is not is replaced by U+FFFD.
void append_quoted(std::string& to, std::string_view text) {
  to += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      to += '\\';
      to += c;
    } else if (c == '\n') {
      to += "\\n";
    } else if (byte < 0x20 || byte == 0x7F) {
      std::array<char, 8> escaped{};
      std::snprintf(escaped.data(), escaped.size(), "\\u%04x", byte);
      to += escaped.data();
    } else {
      to += c;
    }
  }
  to += '"';
}

std::string as_utf8(std::string_view text) {
  if (is_utf8(text)) return std::string(text);
  std::string out;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x80) {
      out += c;
    } else {
      out += "\uFFFD";
    }
  }
  return out;
}

}  // namespace

std::string& json_line::member(std::string_view name) {
  if (!members_.empty()) members_ += ',';
  append_quoted(members_, name);
  members_ += ':';
  return members_;
}

json_line& json_line::text(std::string_view name, std::string_view value) {
  append_quoted(member(name), as_utf8(value));
  return *this;
}

json_line& json_line::number(std::string_view name, std::uint64_t value) {
  member(name) += std::to_string(value);
  return *this;
}

json_line& json_line::decimal(std::string_view name, double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3f", value);
  member(name) += text.data();
  return *this;
}

json_line& json_line::boolean(std::string_view name, bool value) {
  member(name) += value ? "true" : "false";
  return *this;
}

json_line& json_line::value(std::string_view bytes) {
  return is_utf8(bytes) ? text("value", bytes) : text("value_base64", base64(bytes));
}

std::string_view name_of(operation op) noexcept {
  switch (op) {
    case operation::put:
      return "PUT";
    case operation::erase:
      return "DELETE";
    case operation::purge:
      break;
  }
  return "PURGE";
}

std::string json_of(const entry& e) {
  json_line out;
  out.text("bucket", e.bucket()).text("key", e.key()).number("revision", e.revision());
  out.text("operation", name_of(e.operation())).text("created", rfc3339_time(e.created()));
  if (e.operation() == operation::put) out.value(e.value());
  return out.line();
}

std::string json_of_write(std::string_view bucket, std::string_view key, revision stored) {
  return json_line().text("bucket", bucket).text("key", key).number("revision", stored).line();
}

}  // namespace kvco::cli
