// The rules of names: keys, watch filters, buckets (ADR-6, ADR-8). The server does not protect you: it stores
// a PUT to `$KV.b.*` literally, and CR LF in a key would be a second command.
#pragma once

#include <cstddef>
#include <kvco/detail/refusal.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kvco::jetstream {

using detail::refusal;

/// The longest key and filter in bytes. With the longest bucket name, domain (128) and inbox prefix (128) every
/// request and every delivery still fits the 4096 bytes of a control line: longer ones close the connection.
inline constexpr std::size_t max_key_size = 3072;

/// One key: `[-/_=.A-Za-z0-9]+`, no dot at either end, no two dots in a row, no wildcard, at most
/// max_key_size bytes.
refusal check_key(std::string_view key);
/// A key to read or to remove: others write by rules of their own, so it may be whatever a subject of NATS can be and a request can
/// name. UTF-8 (requests are JSON) without blanks, tabs and ends of lines; no empty token, none that is a wildcard; at most max_key_size
/// bytes.
refusal check_readable_key(std::string_view key);
/// A readable key with wildcards: a token may be `*`, the last one may be `>`. `a*b` and `>.a` are refused:
/// NATS would take them literally and the watch would wait indefinitely.
refusal check_filter(std::string_view filter);
/// `[-_A-Za-z0-9]+`, so that KV_<name> is a stream name of at most 255 bytes.
refusal check_bucket_name(std::string_view name);
/// A fast test for the common case; check_key() reports the reason.
bool is_valid_key(std::string_view key) noexcept;
/// The same for check_readable_key().
bool is_readable_key(std::string_view key) noexcept;

/// Does the filter (subject or key with wildcards) match this key?
bool matches(std::string_view filter, std::string_view key) noexcept;
/// Does every key that `inner` matches also match `outer`?
bool covers(std::string_view outer, std::string_view inner) noexcept;
/// Is there a key that both match?
bool overlaps(std::string_view a, std::string_view b) noexcept;

/// The filters to request from the server so that every subject that matches one of `filters` is delivered
/// once.
struct filter_plan {
  std::vector<std::string> server;  // free of overlaps; one when the server knows no lists (before 2.10)
  std::vector<std::string>
      client;  // the deliveries to keep (those that match one of these); empty: everything
};
/// Drops filters covered by others. If two still overlap (the server refuses that, 10138), or `lists` is
/// false and more than one is left, the server gets their common ancestor and the client keeps the matching
/// messages.
filter_plan plan_filters(std::span<const std::string> filters, bool lists);

}  // namespace kvco::jetstream
