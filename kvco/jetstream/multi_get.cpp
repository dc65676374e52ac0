// multi_last: the body of a request, and the replies of its series.
#include <kvco/jetstream/multi_get.hpp>

#include <algorithm>
#include <kvco/jetstream/replies.hpp>
#include <utility>

namespace kvco::jetstream {
namespace {

constexpr std::string_view begin_of_body = R"({"multi_last":[)";
constexpr std::size_t quotes = 2;

// The bytes of a key inside a JSON string; of nearly all keys themselves.
bool is_escaped(char c) noexcept { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20; }

std::size_t size_in_json(std::string_view key) noexcept {
  constexpr std::size_t more = sizeof(R"(\u0001)") - 2;
  return key.size() + more * static_cast<std::size_t>(std::count_if(key.begin(), key.end(), is_escaped));
}

void append_in_json(std::string& text, std::string_view key) {
  for (const char c : key) {
    if (!is_escaped(c)) {
      text += c;
      continue;
    }
    constexpr std::string_view digits = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(c);
    text += R"(\u00)";
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
}

// Both numbers are in every message of a series and in its end. As in a direct get the last of a name counts.
bool read_series_fields(std::string_view rest, multi_get_reply& out) {
  std::string_view pending, previous, up_to;
  for (wire::header_field field; wire::headers::take_field(rest, field);) {
    if (field.name == "Nats-Num-Pending") pending = field.value;
    if (field.name == "Nats-Last-Sequence") previous = field.value;
    if (field.name == "Nats-UpTo-Sequence") up_to = field.value;
  }
  const auto pending_number = wire::parse_number(pending), previous_number = wire::parse_number(previous);
  out.pending = pending_number.value_or(0);
  out.previous = previous_number.value_or(0);
  out.up_to = wire::parse_number(up_to).value_or(0);
  return pending_number && previous_number;
}

multi_get_kind kind_of(const wire::headers& header) {
  switch (header.status()) {
    case 204:
      return multi_get_kind::end;
    case 404:
      return header.description() == "No Results" ? multi_get_kind::none : multi_get_kind::broken_off;
    case 408:
      return multi_get_kind::unknown;
    case 413:
      return multi_get_kind::too_many;
    case 500:
      return multi_get_kind::broken_off;
    case 503:
      return multi_get_kind::no_responders;
    default:
      return multi_get_kind::message;
  }
}

}  // namespace

multi_get_body::multi_get_body(std::string_view key_prefix, const multi_get_limits& limits)
    : prefix_(key_prefix),
      max_keys_(limits.keys),
      max_bytes_(limits.request_bytes),
      end_(R"(],"max_bytes":)" + std::to_string(limits.reply_bytes) + '}'),
      text_(begin_of_body) {}

bool multi_get_body::has_room(std::string_view key) const noexcept {
  const std::size_t comma = keys_ != 0 ? 1 : 0;
  const std::size_t grown = text_.size() + comma + quotes + prefix_.size() + size_in_json(key);
  return keys_ < max_keys_ && grown + end_.size() <= max_bytes_;
}

void multi_get_body::add(std::string_view key) {
  if (keys_++ != 0) text_ += ',';
  text_ += '"';
  text_ += prefix_;
  append_in_json(text_, key);
  text_ += '"';
}

std::string multi_get_body::take() {
  text_ += end_;
  keys_ = 0;
  return std::exchange(text_, std::string(begin_of_body));
}

multi_get_reply parse_multi_get(std::string_view block, std::string_view payload,
                                std::string_view key_prefix) {
  const wire::headers header(block);
  multi_get_reply reply;
  // A stored message may look like a status of the server.
  const std::string_view appended = appended_fields(block);
  reply.kind = appended.empty() ? kind_of(header) : multi_get_kind::message;
  const bool is_message = reply.kind == multi_get_kind::message;
  if (is_message) {
    auto found = parse_direct_get(block, payload, key_prefix);
    if (!found.ok()) {
      reply.kind = multi_get_kind::failed;
      reply.code = found.code;
      reply.detail = std::move(found.detail);
      return reply;
    }
    reply.fields = found.value->fields;
  }
  const std::string_view fields = appended.empty() ? header.fields() : appended;
  if ((is_message || reply.kind == multi_get_kind::end) && !read_series_fields(fields, reply)) {
    reply.kind = multi_get_kind::failed;
    reply.code = client_error::malformed_reply;
    reply.detail = "a reply of a series without Nats-Num-Pending or Nats-Last-Sequence";
  }
  return reply;
}

}  // namespace kvco::jetstream
