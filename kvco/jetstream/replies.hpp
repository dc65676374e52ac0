// Parses the replies of JetStream. Errors are returned as codes of jetstream_category (the err_code) with the server's text.
#pragma once

#include <cstdint>
#include <kvco/bucket_status.hpp>
#include <kvco/entry.hpp>
#include <kvco/error.hpp>
#include <kvco/wire/headers.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kvco::jetstream {

/// Either a value, or a code with the server's text.
template <class T>
struct outcome {
  T value{};
  error_code code;
  std::string detail;
  bool ok() const noexcept { return !code; }
};

/// The answer to a publish: `{"stream":"KV_b","seq":7}` (a fast path for exactly this form, a JSON parser for others).
struct pub_ack {
  std::uint64_t sequence = 0;
  bool duplicate = false;
};
/// A server that has just ceased to be the leader refuses with a 503 that has no err_code, and "raft: not
/// leader": it has proposed nothing (srv:jetstream_cluster.go, processClusteredInboundMsg; seen on 2.10.27).
/// That is no_responders, as if no server had answered. 10077 is the server's code for any refusal by a
/// store: it is kept if the bytes or messages of the bucket are the limit, and is store_refused otherwise
/// ("maximum messages per subject exceeded": discard_new_per_subject).
/// @param stream  the stream that most likely answers: its replies are parsed faster. (For a mirror, its origin answers.)
outcome<pub_ack> parse_pub_ack(std::string_view json, std::string_view stream = {});

/// The key's last revision from the text of errc::wrong_last_revision ("wrong last sequence: 3"); 0 if it has
/// no number.
revision last_revision_in(std::string_view words) noexcept;

/// A stored message, by direct get (raw bytes and headers) or by MSG.GET (JSON with base64). `fields` views into the
/// reply or into `decoded`; entry_fields::bucket and ::key are the parts of its subject in and after `key_prefix`. The
/// value of an erase or a purge is empty, even if one was stored with it.
struct stored_message {
  detail::entry_fields fields;
  std::string decoded;  // decoded from the base64 of MSG.GET: value, then subject; always on the heap

  stored_message() = default;
  stored_message(stored_message&&) noexcept = default;  // a copy would view into the original
  stored_message& operator=(stored_message&&) noexcept = default;
};

/// The fields that a server has put after the headers of a stored message, for wire::headers::take_field():
/// "Nats-Stream" comes first. Empty: the reply is the server's own, a status, which has no such field. (A
/// publisher may store any status line, and servers before 2.12 return it.)
std::string_view appended_fields(std::string_view block) noexcept;
/// No client is subscribed to the subject of a request: status 503, but not that of a stored message.
bool is_no_responders(std::string_view block) noexcept;

/// Absent (404, 10037): no value and no error. Status 503 is no_responders, 412 unsupported_by_server, 429 the
/// JetStream error 10167; any other, and a message under another prefix than `key_prefix`, is malformed_reply.
/// (common_direct_get reads nearly all of them, and faster.)
outcome<std::optional<stored_message>> parse_direct_get(std::string_view block, std::string_view payload,
                                                        std::string_view key_prefix);
outcome<std::optional<stored_message>> parse_message_get(std::string_view json, std::string_view key_prefix);

/// The identity of a stored message, from the answer to MSG.GET: it shows which request has written it. Absent: no value and no error.
struct written_message {
  std::uint64_t sequence = 0;
  std::string subject, id;  // Nats-Msg-Id; empty if it has none
};
outcome<std::optional<written_message>> parse_written_message(std::string_view json);

/// The effect of a stored or delivered message on its key: KV-Operation first, then Nats-Marker-Reason
/// (MaxAge, Purge: purge; Remove: erase). The first value of a name counts; an unknown one is a put.
kvco::operation operation_of(const wire::headers& header) noexcept;

struct stream_info {
  bucket_status status;       // config.name() is the bucket's name
  std::string config_json;    // the echoed "config", unchanged
  std::string created;        // unchanged: the identity of the stream
  std::string why_no_bucket;  // a text with the stream's name; empty: it is a bucket
  std::string origin;  // of a mirror, with the prefix of its API: see origin_id(); empty: it is not a mirror
  bool allow_direct = false;
  bool allow_msg_ttl = false;
  duration duplicate_window{};  // the time for which the server remembers a Nats-Msg-Id

  /// Its only subject is $KV.<bucket>.> without a transform, or it is a mirror of a bucket; max_msgs_per_subject >= 1
  bool is_bucket() const noexcept { return why_no_bucket.empty(); }
};
/// The text of the error for a handle whose stream has another origin, or none, than when the handle was made.
std::string why_not_as_bound(std::string_view stream, std::string_view origin);
outcome<stream_info> parse_stream_info(std::string_view json);  // the answers to CREATE, UPDATE and INFO

/// STREAM.INFO with a filter: the number of subjects that match it.
outcome<std::uint64_t> parse_subject_count(std::string_view json);

/// A page of STREAM.LIST.
struct stream_page {
  std::vector<bucket_status> buckets;  // of the streams that are buckets
  std::vector<std::string> missing;    // names of buckets that no server has reported in time
  std::uint64_t streams = 0;           // the number of streams on this page
  std::uint64_t total = 0;             // the number of all streams
};
outcome<stream_page> parse_stream_page(std::string_view json);

struct stream_names {
  std::vector<std::string> names;
  std::uint64_t total = 0, offset = 0, limit = 0;
};
outcome<stream_names> parse_stream_names(std::string_view json);

struct consumer_info {
  std::string name;
  std::uint64_t num_pending = 0;
  std::uint64_t delivered_stream_sequence = 0;  // delivery starts after this sequence
  std::size_t filter_subjects = 0;  // the number of filters that the server echoes in filter_subjects
  bool push_bound = false;          // the stream's account has a subscription of exactly the deliver subject
};
outcome<consumer_info> parse_consumer_info(std::string_view json);

/// The server's error in any reply of the API; no error: the reply has none, or is not a JSON object.
outcome<bool> find_error(std::string_view json);

/// DELETE, PURGE: `{"success":true}`.
outcome<bool> parse_success(std::string_view json);
/// STREAM.PURGE: the number of messages removed.
outcome<std::uint64_t> parse_purged(std::string_view json);

/// 10008: the server cannot answer now, because it has no majority or has just started. Nothing was done:
/// the same request may be sent again, as after a 503.
bool is_unavailable_for_now(const error_code& code) noexcept;
bool is_unavailable_for_now(std::string_view json);

/// RFC 3339 with nanoseconds -> nanoseconds since the Unix epoch.
std::optional<std::int64_t> parse_time(std::string_view text) noexcept;
std::string format_time(std::int64_t since_epoch_ns);
/// The same at the beginning of a text, which is removed from `rest`. (If it is no time, `rest` is unspecified.)
std::optional<std::int64_t> take_time(std::string_view& rest) noexcept;

}  // namespace kvco::jetstream
