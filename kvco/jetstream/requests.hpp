// Requests to the JetStream API -> JSON. Only fields that are set are sent: servers from 2.12 on refuse unknown ones.
#pragma once

#include <cstdint>
#include <kvco/bucket_config.hpp>
#include <kvco/entry.hpp>
#include <kvco/jetstream/keys.hpp>
#include <span>
#include <string>
#include <string_view>

namespace kvco::jetstream {

/// Checks the name, and the ranges of the values set (history 1..64, replicas 1..5, ttl >= 0,
/// limit_marker_ttl 0 or >= 1 s, sizes >= 0).
refusal check_bucket_config(const bucket_config& config);

/// STREAM.CREATE: the stream of a bucket as ADR-8 wants it (discard new, deny_delete, allow_rollup_hdrs, allow_direct,
/// max_msgs_per_subject = history), from all values. duplicate_window is left out: the server chooses one that fits.
std::string stream_config_request(const bucket_config& config);

/// STREAM.UPDATE of the settings set in `config`. All else stays as in `echoed`, the "config" object of a
/// STREAM.INFO reply as JSON text, except the server's own `_nats.*` metadata.
std::string stream_update_request(const bucket_config& config, std::string_view echoed);

/// STREAM.NAMES and STREAM.LIST, from this stream on. Of those with a subject that matches `$KV.*.>` or overlaps it: mirrors, which
/// have no subjects, are not among them.
std::string stream_page_request(std::uint64_t offset);
std::string all_streams_request(std::uint64_t offset);  // STREAM.LIST, mirrors included
/// STREAM.INFO with the number of subjects that match, and none of their names: a page has 100 000, which may be more than a
/// message may be, so it is one behind the end.
std::string count_subjects_request(std::string_view filter);
std::string last_by_subject_request(std::string_view subject);  // MSG.GET
std::string by_sequence_request(kvco::revision revision);       // MSG.GET and DIRECT.GET
/// MSG.GET: the first message at or behind `from` whose subject matches.
std::string next_by_subject_request(std::string_view subject, kvco::revision from);

/// STREAM.PURGE of all that comes before `below`, which is at least 2 (servers before 2.14 take 1 for "all of it").
std::string purge_all_request(kvco::revision below);
/// STREAM.PURGE of all revisions of the subject before `below`: one that is stored meanwhile is newer, and stays.
std::string purge_request(std::string_view subject, kvco::revision below);

enum class deliver_policy : std::uint8_t { all, last_per_subject, updates_only, by_start_sequence };

struct consumer_request {
  std::string_view stream, name, deliver_subject;
  std::span<const std::string> filter_subjects;  // one: filter_subject; several: filter_subjects
  deliver_policy deliver = deliver_policy::last_per_subject;
  std::uint64_t start_sequence = 0;  // by_start_sequence: >= 1
  std::int64_t heartbeat_ns = 5'000'000'000;
  bool headers_only = false;
  bool within_limits = false;  // of the stream: see refuses_consumer_limits()
};
/// CONSUMER.CREATE of an ordered push consumer: ack none, max_deliver 1, flow control, memory storage, one
/// replica, action "create", `inactive_threshold` 30 s: longer than routes of a cluster are down; it removes
/// consumers that could not be deleted.
///
/// `within_limits`: `inactive_threshold` is left out, so that it is the stream's limit (without one the
/// server's 5 s), and `max_ack_pending` is -1, because a limit of the stream has no use for a consumer
/// without acknowledgements.
std::string consumer_create_request(const consumer_request& request);
/// It was refused because of the stream's consumer_limits: 10153 (inactive_threshold) or 10082 (max_ack_pending, which servers from
/// 2.10 on take over from the limits and then refuse for a consumer that acknowledges nothing).
bool refuses_consumer_limits(const error_code& code) noexcept;

}  // namespace kvco::jetstream
