// The names of events, levels, operations and states, and the text of a log line.
#include <kvco/observe/events.hpp>
#include <kvco/observe/health.hpp>
#include <kvco/observe/log.hpp>
#include <kvco/observe/operations.hpp>

#include <algorithm>
#include <iterator>
#include <kvco/detail/utf8.hpp>

namespace kvco {
namespace {

template <class Enum, std::size_t Size>
std::string_view name_of(const std::string_view (&names)[Size], Enum value) noexcept {
  const auto index = static_cast<std::size_t>(value);
  return index < Size ? names[index] : "unknown";
}

bool is_plain(char c) noexcept { return c > 0x20 && c < 0x7f && c != '"' && c != '=' && c != '\\'; }

// One line stays one line, whatever a server or a key has in it.
void append_value(std::string& line, std::string_view value) {
  if (!value.empty() && std::all_of(value.begin(), value.end(), is_plain)) {
    line += value;
    return;
  }
  constexpr std::string_view digits = "0123456789abcdef";
  line += '"';
  while (!value.empty()) {
    const char c = value.front();
    const auto byte = static_cast<unsigned char>(c);
    const std::size_t size = detail::utf8_size(value);
    if (c == '"' || c == '\\') {
      line += '\\';
      line += c;
    } else if (size == 0 || byte < 0x20 || byte == 0x7f) {
      line += "\\x";
      line += digits[byte >> 4];
      line += digits[byte & 15];
    } else {
      line += value.substr(0, size);
    }
    value.remove_prefix(std::max<std::size_t>(size, 1));
  }
  line += '"';
}

void append_field(std::string& line, std::string_view name, std::string_view value) {
  if (!line.empty()) line += ' ';
  line += name;
  line += '=';
  append_value(line, value);
}

}  // namespace

std::string_view to_string(event_kind kind) noexcept {
  static constexpr std::string_view names[] = {
      "connected", "disconnected",      "reconnecting",    "connect_failed", "authentication_failed",
      "lame_duck", "write_buffer_full", "watch_recreated", "slow_consumer",  "closed"};
  static_assert(std::size(names) == static_cast<std::size_t>(event_kind::closed) + 1);
  return name_of(names, kind);
}

std::string_view to_string(log_level level) noexcept {
  static constexpr std::string_view names[] = {"debug", "info", "warning", "error"};
  return name_of(names, level);
}

std::string_view to_string(operation_kind kind) noexcept {
  static constexpr std::string_view names[] = {"put",
                                               "create",
                                               "update",
                                               "erase",
                                               "purge",
                                               "get",
                                               "get_revision",
                                               "get_many",
                                               "get_prefix",
                                               "get_entry",
                                               "get_at_or_after",
                                               "get_as_of",
                                               "count_keys",
                                               "list_stored_keys",
                                               "put_many",
                                               "purge_deletes",
                                               "erase_keys",
                                               "purge_keys",
                                               "revert_key",
                                               "copy_key",
                                               "keys",
                                               "history",
                                               "status",
                                               "create_bucket",
                                               "open_bucket",
                                               "ensure_bucket",
                                               "delete_bucket",
                                               "bucket_names",
                                               "update_bucket",
                                               "key_value",
                                               "purge_bucket",
                                               "list_buckets",
                                               "account_info",
                                               "capabilities"};
  static_assert(std::size(names) == static_cast<std::size_t>(operation_kind::capabilities) + 1);
  return name_of(names, kind);
}

std::string_view to_string(connection_state state) noexcept {
  static constexpr std::string_view names[] = {"connecting", "connected", "reconnecting", "closing",
                                               "closed"};
  return name_of(names, state);
}

std::string to_string(const log_record& record) {
  std::string line;
  append_field(line, "level", to_string(record.level));
  append_field(line, "msg", record.message);
  for (const log_field& field : record.fields) append_field(line, field.name, field.value);
  return line;
}

}  // namespace kvco
