// One JSON object in one line. See the header.
#include <boost/json/serialize.hpp>
#include <kvco/cli/json_line.hpp>
#include <kvco/cli/texts.hpp>

#include <array>
#include <cstdio>

namespace kvco::cli {
namespace {

/// The text is UTF-8.
std::string json_text(std::string_view text) {
  return boost::json::serialize(boost::json::string_view(text));
}

/// Each byte that is not of ASCII is replaced by U+FFFD.
std::string replaced(std::string_view text) {
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
  return members_ += json_text(name) + ':';
}

json_line& json_line::text(std::string_view name, std::string_view value) {
  member(name) += is_utf8(value) ? json_text(value) : json_text(replaced(value));
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

json_line& json_line::bytes(std::string_view name, std::string_view value) {
  if (!is_utf8(value)) return text(std::string(name) + "_base64", base64(value));
  member(name) += json_text(value);
  return *this;
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
  constexpr std::size_t names_and_numbers = 160;
  json_line out(names_and_numbers + e.bucket().size() + e.key().size() + e.value().size());
  out.text("bucket", e.bucket()).bytes("key", e.key()).number("revision", e.revision());
  out.text("operation", name_of(e.operation())).text("created", rfc3339_time(e.created()));
  if (e.operation() == operation::put) out.bytes("value", e.value());
  return out.line();
}

std::string json_of_write(std::string_view bucket, std::string_view key, revision stored) {
  return json_line().text("bucket", bucket).bytes("key", key).number("revision", stored).line();
}

}  // namespace kvco::cli
