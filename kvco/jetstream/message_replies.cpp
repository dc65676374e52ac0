// A stored message, as direct get and as MSG.GET answer it -> the fields of an entry.
#include <absl/strings/escaping.h>
#include <absl/strings/string_view.h>
#include <kvco/detail/concat.hpp>
#include <kvco/detail/printable.hpp>
#include <kvco/jetstream/json_reply.hpp>
#include <kvco/jetstream/replies.hpp>
#include <kvco/wire/text.hpp>
#include <utility>

namespace kvco::jetstream {
namespace {

using found_message = outcome<std::optional<stored_message>>;

constexpr int no_message_found = 10037;

// The headers that determine the operation; a view without data: the header is absent.
struct operation_headers {
  std::string_view kv_operation, marker_reason;

  // The first value of a name counts.
  void see(const wire::header_field& field) noexcept {
    if (field.name == "KV-Operation" && !kv_operation.data()) kv_operation = field.value;
    if (field.name == "Nats-Marker-Reason" && !marker_reason.data()) marker_reason = field.value;
  }
  kvco::operation operation() const noexcept {
    if (kv_operation.data()) {
      if (kv_operation == "DEL") return operation::erase;
      return kv_operation == "PURGE" ? operation::purge : operation::put;
    }
    if (marker_reason == "MaxAge" || marker_reason == "Purge") return operation::purge;
    return marker_reason == "Remove" ? operation::erase : operation::put;
  }
};

// All that a direct get is read for.
struct direct_headers {
  operation_headers of_operation;
  std::string_view subject, sequence, time;
};

// In one pass. False: a line was no field.
bool read_fields(std::string_view rest, direct_headers& out) noexcept {
  for (wire::header_field field; wire::headers::take_field(rest, field);) {
    out.of_operation.see(field);
    // The server appends its own after any that a publisher may have stored under these names: the last one
    // counts.
    if (field.name == "Nats-Subject") out.subject = field.value;
    if (field.name == "Nats-Sequence") out.sequence = field.value;
    if (field.name == "Nats-Time-Stamp") out.time = field.value;
  }
  return rest.empty();
}

found_message failed(error_code code, std::string detail) { return {std::nullopt, code, std::move(detail)}; }

// The meaning of a block that has a status, or is malformed.
found_message without_message(const wire::headers& header) {
  if (header.status() == 404) return {};
  if (header.status() == 0) return failed(client_error::malformed_reply, "its header block");
  std::string text = detail::concat("status ", std::to_string(header.status()), " ",
                                    detail::printable(header.description()));
  switch (header.status()) {
    case 412:
      return failed(client_error::unsupported_by_server, std::move(text));
    case 429:
      return failed({10167, jetstream_category()}, std::move(text));
    case 503:
      return failed(client_error::no_responders, std::move(text));
    default:
      return failed(client_error::malformed_reply, std::move(text));
  }
}

found_message missing(std::string_view what, std::string_view value) {
  return failed(client_error::malformed_reply, detail::concat(what, " is ", detail::printable(value)));
}

// "$KV.bucket.key" -> bucket and key. False if it is not below the prefix "$KV.bucket.".
bool split_subject(std::string_view subject, std::string_view prefix, detail::entry_fields& out) {
  constexpr std::string_view kv = "$KV.";
  if (!subject.starts_with(prefix) || subject.size() == prefix.size()) return false;
  if (!prefix.starts_with(kv) || !prefix.ends_with('.') || prefix.size() <= kv.size()) return false;
  out.bucket = subject.substr(kv.size(), prefix.size() - kv.size() - 1);
  out.key = subject.substr(prefix.size());
  return true;
}

void set_value(detail::entry_fields& out, kvco::operation operation, std::string_view value) {
  out.op = operation;
  if (operation != operation::put) return;
  out.value = value;
  out.value_size = value.size();
}

// Go's encoding: padded, "+/". False if the text is not base64.
bool decode_base64(std::string_view text, std::string& out) {
  return absl::Base64Unescape(absl::string_view(text.data(), text.size()), &out);
}

// The "message" of MSG.GET, its texts into the document.
struct encoded_message {
  std::string_view subject, data, headers, time;
  std::uint64_t sequence = 0;
};

void read_message(json_fields& reply, encoded_message& message) {
  const boost::json::object* object = nullptr;
  reply.require("message", object);
  json_fields fields = reply.inside("message");
  fields.require("subject", message.subject);
  fields.require("seq", message.sequence);
  fields.require("time", message.time);
  fields.read("hdrs", message.headers);
  fields.read("data", message.data);
}

// Value and subject go to a string of the message's own, the rest to numbers.
void decode_message(json_fields& reply, std::string_view key_prefix, std::optional<stored_message>& out) {
  encoded_message message;
  read_message(reply, message);
  stored_message& made = out.emplace();
  detail::entry_fields& fields = made.fields;
  std::string block;
  if (!decode_base64(message.data, made.decoded)) reply.blame("data");
  if (!decode_base64(message.headers, block)) reply.blame("hdrs");
  const wire::headers header(block);  // of a malformed one, which a publisher may store, no field is read
  const auto created = parse_time(message.time);
  if (!created) reply.blame("time");
  if (message.sequence == 0) reply.blame("seq");

  const std::size_t value_size = made.decoded.size();
  made.decoded.reserve(value_size + message.subject.size() + sizeof(std::string));  // never inside
  made.decoded += message.subject;
  const std::string_view decoded = made.decoded;
  if (!split_subject(decoded.substr(value_size), key_prefix, fields)) reply.blame("subject");
  set_value(fields, operation_of(header), decoded.substr(0, value_size));
  fields.rev = message.sequence;
  fields.created_ns = created.value_or(0);
}

}  // namespace

kvco::operation operation_of(const wire::headers& header) noexcept {
  operation_headers seen;
  std::string_view rest = header.fields();
  for (wire::header_field field; wire::headers::take_field(rest, field);) seen.see(field);
  return seen.operation();
}

std::string_view appended_fields(std::string_view block) noexcept {
  // The last ones are the server's. No other field's value has this in it: they are a subject, numbers and a time.
  const std::size_t at = block.rfind("Nats-Stream: ");
  if (at == block.npos || !block.ends_with("\r\n\r\n")) return {};
  return block.substr(at, block.size() - at - wire::line_break.size());
}

bool is_no_responders(std::string_view block) noexcept {
  return !block.empty() && wire::headers(block).no_responders() && appended_fields(block).empty();
}

found_message parse_direct_get(std::string_view block, std::string_view payload,
                               std::string_view key_prefix) {
  direct_headers read;
  const auto lines = wire::headers::fields_without_status(block);
  if (!lines || !read_fields(*lines, read)) {
    // A status or another line that is not a field: from the server itself, or stored by a publisher.
    const std::string_view appended = appended_fields(block);
    if (appended.empty()) return without_message(wire::headers(block));
    read = {};
    read_fields(wire::headers(block).fields(), read);
    if (!read_fields(appended, read)) return failed(client_error::malformed_reply, "its header block");
  }
  const auto sequence = wire::parse_number(read.sequence);
  if (!sequence || *sequence == 0) return missing("Nats-Sequence", read.sequence);
  const auto created = parse_time(read.time);
  if (!created) return missing("Nats-Time-Stamp", read.time);

  found_message found;
  detail::entry_fields& fields = found.value.emplace().fields;
  if (!split_subject(read.subject, key_prefix, fields)) return missing("Nats-Subject", read.subject);
  set_value(fields, read.of_operation.operation(), payload);
  fields.rev = *sequence;
  fields.created_ns = *created;
  return found;
}

outcome<std::optional<written_message>> parse_written_message(std::string_view json) {
  auto found = decode<std::optional<written_message>>(
      json, [](json_fields& reply, std::optional<written_message>& out) {
        encoded_message message;
        read_message(reply, message);
        std::string block;
        if (!decode_base64(message.headers, block)) reply.blame("hdrs");
        if (message.sequence == 0) reply.blame("seq");
        out.emplace();
        out->sequence = message.sequence;
        out->subject = message.subject;
        out->id = wire::headers(block).find("Nats-Msg-Id").value_or("");
      });
  if (found.code == error_code(no_message_found, jetstream_category())) return {};
  return found;
}

found_message parse_message_get(std::string_view json, std::string_view key_prefix) {
  auto found = decode<std::optional<stored_message>>(
      json, [&](json_fields& reply, std::optional<stored_message>& out) {
        decode_message(reply, key_prefix, out);
      });
  if (found.code == error_code(no_message_found, jetstream_category())) return {};
  return found;
}

}  // namespace kvco::jetstream
