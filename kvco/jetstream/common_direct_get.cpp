// The headers that servers 2.9 to 2.15 put in front of a message that was stored without headers:
//
//   NATS/1.0
//   Nats-Stream: KV_b
//   Nats-Subject: $KV.b.key
//   Nats-Sequence: 7
//   Nats-Time-Stamp: 2026-11-21T04:09:14.811871102Z
//   Nats-Num-Pending: 5     in a series of multi_last
//   Nats-Last-Sequence: 3
#include <kvco/jetstream/common_direct_get.hpp>

#include <kvco/detail/concat.hpp>
#include <kvco/jetstream/replies.hpp>
#include <kvco/jetstream/subjects.hpp>
#include <kvco/wire/text.hpp>

namespace kvco::jetstream {
namespace {

using wire::take;
using wire::take_number;

// From behind the key to the end of the time stamp's line, which stays.
bool take_place(std::string_view& rest, detail::entry_fields& out) noexcept {
  if (!take(rest, "\r\nNats-Sequence: ") || !take_number(rest, out.rev) || out.rev == 0) return false;
  if (!take(rest, "\r\nNats-Time-Stamp: ")) return false;
  const auto created = take_time(rest);
  out.created_ns = created.value_or(0);
  return created.has_value();
}

// A key of this bucket, to the end of its line, which stays.
bool take_key(std::string_view& rest, std::string_view& key) noexcept {
  const std::size_t end = rest.find('\r');
  if (end == 0 || end == std::string_view::npos) return false;
  key = rest.substr(0, end);
  rest.remove_prefix(end);
  return !wire::is_blank(key.back()) && key.find('\n') == std::string_view::npos;
}

void set_value(detail::entry_fields& out, std::string_view bucket, std::string_view key,
               std::string_view value) noexcept {
  out.bucket = bucket;
  out.key = key;
  out.value = value;
  out.value_size = value.size();
}

}  // namespace

common_direct_get::common_direct_get(std::string_view bucket, std::string_view prefix)
    : bucket_(bucket),
      start_(detail::concat("NATS/1.0\r\nNats-Stream: ", stream_name(bucket), "\r\nNats-Subject: ", prefix)) {
}

bool common_direct_get::read(std::string_view block, std::string_view payload, std::string_view key,
                             detail::entry_fields& out) const noexcept {
  std::string_view rest = block;
  if (!take(rest, start_) || !take(rest, key) || !take_place(rest, out) || rest != "\r\n\r\n") return false;
  set_value(out, bucket_, block.substr(start_.size(), key.size()), payload);
  return true;
}

bool common_direct_get::read(std::string_view block, std::string_view payload,
                             multi_get_reply& out) const noexcept {
  std::string_view rest = block, key;
  if (!take(rest, start_) || !take_key(rest, key) || !take_place(rest, out.fields)) return false;
  if (!take(rest, "\r\nNats-Num-Pending: ") || !take_number(rest, out.pending)) return false;
  if (!take(rest, "\r\nNats-Last-Sequence: ") || !take_number(rest, out.previous)) return false;
  if (rest != "\r\n\r\n") return false;
  set_value(out.fields, bucket_, key, payload);
  out.kind = multi_get_kind::message;
  return true;
}

}  // namespace kvco::jetstream
