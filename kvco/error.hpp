// Error conditions to compare with, and the codes that they cover.
#pragma once

#include <boost/system/error_code.hpp>
#include <boost/system/error_condition.hpp>
#include <optional>
#include <string>

namespace kvco {

using error_code = boost::system::error_code;  ///< that of Asio

/// The meaning of an error. Compare with it: `if (ec == kvco::errc::wrong_last_revision) ...`.
///
/// It is an error *condition*: several codes share a meaning (JetStream reports "wrong last sequence" with
/// err_code 10071 or 10164), and each code keeps its own number and text. A cancelled operation completes
/// with `boost::asio::error::operation_aborted`, as everywhere in Asio.
enum class errc {
  // Refused locally: nothing was sent.
  invalid_key = 1,  ///< The key breaks a rule of ADR-8, or has a wildcard where one key is meant.
  invalid_filter,   ///< The watch filter breaks a rule of NATS subjects.
  invalid_subject,  ///< The subject or the queue group breaks a rule of NATS, or has a wildcard where one subject is meant.
  invalid_bucket_name,  ///< A bucket name is [-_A-Za-z0-9]+.
  invalid_argument,     ///< An option, a revision or a setting out of its range, or options in conflict.
  invalid_url,          ///< The server URL cannot be read.
  value_too_large,      ///< Over the server's max_payload (local), or over the bucket's limit (10054).
  already_waiting,      ///< A second next() on a watcher or a subscription whose first one still waits.
  slow_consumer,        ///< A subscription ended because its messages were not taken (when_full::end).

  // Answers of the server: definite, nothing was stored.
  key_exists,           ///< create(): the key has a value.
  wrong_last_revision,  ///< update(), erase(), purge(): the key's last revision is another one.
  bucket_not_found,     ///< There is no such bucket.
  bucket_exists,     ///< create_bucket(), key_value(): there is one of that name with another configuration.
  not_a_bucket,      ///< The stream of that name is not a Key-Value bucket.
  read_only,         ///< A write to a mirror whose origin cannot be written from here.
  bucket_full,       ///< The bucket has as many bytes, or messages, as it may have (10077).
  bucket_deleted,    ///< A watch ended because its bucket was deleted.
  bucket_recreated,  ///< A watch ended because its bucket was deleted and created again.
  unsupported_by_server,  ///< The server is too old for the request, or the bucket was created without the feature.
  jetstream_not_enabled,  ///< The server, or this account, has no JetStream.
  unavailable,            ///< No server answered for the bucket (503): it had no leader until the deadline.
  permission_denied,      ///< The user may not publish or subscribe there.
  server_error,  ///< Any other refusal by the server; the code is JetStream's err_code if the server sent one.

  // Time and the connection.
  timeout,          ///< The deadline passed and nothing was stored.
  outcome_unknown,  ///< Sent but not answered: it may have been stored, or not.
  connect_failed,   ///< No server could be reached.
  tls_failed,       ///< TLS did not come about: the certificate, the files, or a server that offers none.
  authentication_failed,  ///< The server refused the credentials, or the function that gives them failed.
  connection_lost,  ///< There is no connection, and the operation does not wait for one: flush(), rtt(), settings.
  protocol_error,  ///< The bytes received are not the NATS protocol.
  closed,          ///< The client was closed, or the handle is empty.

  // Typed buckets.
  invalid_value,  ///< The codec cannot encode the value (nothing was sent), or cannot decode the stored bytes.
  no_value,       ///< The entry is a deletion, or was read without its value.
  codec_mismatch,  ///< The bucket's metadata names another codec.
};

/// The rules and events of this client, one code each; their meaning is their errc.
enum class client_error {
  key_empty = 1,
  key_starts_with_dot,
  key_ends_with_dot,
  key_has_empty_token,
  key_has_invalid_character,
  key_has_wildcard,
  key_too_long,
  filter_empty,
  filter_has_empty_token,
  filter_has_invalid_character,
  filter_wildcard_not_alone,
  filter_tail_wildcard_not_last,
  filter_too_long,
  filter_list_empty,
  filter_list_too_long,
  subject_malformed,
  subject_has_wildcard,
  queue_group_malformed,
  header_field_malformed,
  bucket_name_empty,
  bucket_name_has_invalid_character,
  bucket_name_too_long,
  revision_zero,
  history_out_of_range,
  timeout_negative,
  ttl_out_of_range,
  setting_out_of_range,
  options_conflict,
  source_invalid,
  url_malformed,
  url_scheme_unsupported,
  nkey_malformed,
  credentials_malformed,
  context_not_found,
  context_malformed,
  context_unsupported,
  file_unreadable,
  value_over_max_payload,
  already_waiting,
  slow_consumer,
  key_exists,
  not_a_bucket,
  bucket_differs,
  read_only,
  store_refused,
  bucket_deleted,
  bucket_recreated,
  unsupported_by_server,
  jetstream_not_enabled,
  no_responders,
  permission_denied,
  refused_by_server,
  timeout,
  outcome_unknown,
  connect_failed,
  connect_timeout,
  server_silent,
  tls_failed,
  tls_not_offered,
  authentication_failed,
  credentials_unavailable,
  connection_lost,
  stale_connection,
  closed,
  // The protocol parser and decoders.
  not_a_nats_server,
  unknown_operation,
  malformed_operation,
  control_line_too_long,
  info_too_long,
  number_overflow,
  header_longer_than_message,
  payload_too_large,
  payload_not_terminated,
  malformed_header,
  malformed_info,
  malformed_reply,
  malformed_ack_subject,
  // Codecs.
  value_not_encoded,
  value_not_decoded,
  key_not_encoded,
  key_not_decoded,
  filter_not_encoded,
  entry_without_value,
  codec_mismatch,
  // Options that do not fit their bucket.
  resume_token_foreign,
  ttl_with_history,
};

/// The category of client_error ("kvco").
const boost::system::error_category& client_category() noexcept;

/// The category whose values are JetStream's err_code ("jetstream"), e.g. 10071.
const boost::system::error_category& jetstream_category() noexcept;

boost::system::error_condition make_error_condition(errc meaning) noexcept;
error_code make_error_code(client_error rule) noexcept;

/// The meaning of a code, for a switch: `if (auto why = kvco::meaning(ec)) switch (*why) { case kvco::errc::timeout: ... }`.
/// Success and codes of others (operation_aborted, those of the system) have none.
std::optional<errc> meaning(const error_code& code) noexcept;

/// Details of the error with which the last failed operation on this thread completed: the refused input and
/// the rule, or the server's text. Empty if only the code is known.
///
/// Read it right after the `co_await` or at the start of the handler. The what() of an exception already
/// contains it.
const std::string& error_detail() noexcept;

}  // namespace kvco

template <>
struct boost::system::is_error_condition_enum<kvco::errc> : std::true_type {};
template <>
struct boost::system::is_error_code_enum<kvco::client_error> : std::true_type {};
