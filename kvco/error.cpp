// The codes of this client and their meaning: one table of rules, read by the categories.
#include <kvco/error.hpp>

#include <iterator>
#include <kvco/detail/category.hpp>
#include <string_view>

namespace kvco {
namespace {

using boost::system::error_category;
using boost::system::error_condition;

struct rule {
  client_error code;
  errc meaning;
  std::string_view text;
};

using enum client_error;

constexpr rule rules[] = {
    {key_empty, errc::invalid_key, "a key must not be empty (ADR-8)"},
    {key_starts_with_dot, errc::invalid_key, "a key must not start with a dot (ADR-8)"},
    {key_ends_with_dot, errc::invalid_key, "a key must not end with a dot (ADR-8)"},
    {key_has_empty_token, errc::invalid_key,
     "a key must not have two dots in a row (NATS subjects have no empty tokens)"},
    {key_has_invalid_character, errc::invalid_key,
     "a key must not contain a space, a control character or other characters than "
     "[-/_=.A-Za-z0-9] (ADR-8)"},
    {key_has_wildcard, errc::invalid_key,
     "a key must not contain * or >: only watches and filters take wildcards (the server would "
     "store, or purge, under the wildcard itself)"},
    {key_too_long, errc::invalid_key,
     "a key must have at most 3072 bytes (it travels in a NATS control line, limited to 4096)"},
    {filter_empty, errc::invalid_filter, "a filter must not be empty (every key: \">\")"},
    {filter_has_empty_token, errc::invalid_filter,
     "a filter must not start or end with a dot or have two in a row (NATS subjects have no empty "
     "tokens)"},
    {filter_has_invalid_character, errc::invalid_filter,
     "a filter must not contain a space, a tab, an end of line, or bytes that are not UTF-8 (NATS subjects "
     "in "
     "JSON)"},
    {filter_wildcard_not_alone, errc::invalid_filter,
     "a wildcard must be a whole token between dots (NATS takes it literally elsewhere, and the "
     "filter would never match)"},
    {filter_tail_wildcard_not_last, errc::invalid_filter,
     "the wildcard > must be the last token of a filter (NATS subjects)"},
    {filter_too_long, errc::invalid_filter,
     "a filter must have at most 3072 bytes (it travels in a NATS control line, limited to 4096)"},
    {filter_list_empty, errc::invalid_filter, "a list of filters must not be empty (server error 10139)"},
    {filter_list_too_long, errc::invalid_filter,
     "a list of filters must fit one request of the server (max_payload)"},
    {subject_malformed, errc::invalid_subject,
     "a subject must have tokens between dots, none empty, without blanks and control characters, at most "
     "3072 bytes; a wildcard is a "
     "whole token, > the last one (NATS subjects)"},
    {subject_has_wildcard, errc::invalid_subject, "a message needs a subject without wildcards"},
    {queue_group_malformed, errc::invalid_subject,
     "the name of a queue group must have no blanks and no control characters"},
    {header_field_malformed, errc::invalid_argument,
     "a header name must be printable ASCII without blanks and colons, a value without CR, LF and NUL "
     "(ADR-4)"},
    {bucket_name_empty, errc::invalid_bucket_name, "a bucket name must not be empty (ADR-8)"},
    {bucket_name_has_invalid_character, errc::invalid_bucket_name,
     "a bucket name must contain only the characters [-_A-Za-z0-9] (ADR-8)"},
    {bucket_name_too_long, errc::invalid_bucket_name,
     "a bucket name must have at most 252 characters (its stream KV_<name>: 255)"},
    {revision_zero, errc::invalid_argument,
     "a revision must be at least 1 (to write only where there is no value, use create())"},
    {history_out_of_range, errc::invalid_argument, "history must be 1 to 64 (ADR-8)"},
    {timeout_negative, errc::invalid_argument, "a timeout must not be negative"},
    {ttl_out_of_range, errc::invalid_argument,
     "a time to live is out of its range (bucket: 0 or at least 100 ms; key and marker: whole "
     "seconds, 1 s to 100 years, or never; ADR-43, ADR-48)"},
    {setting_out_of_range, errc::invalid_argument, "a setting is out of its range"},
    {options_conflict, errc::invalid_argument, "options contradict each other"},
    {source_invalid, errc::invalid_argument,
     "a bucket cannot be copied from there, or to there: mirrors have no sources, and nothing may come twice "
     "or in a circle"},
    {url_malformed, errc::invalid_url,
     "a server URL must be [nats|tls|ws|wss://][user:password@|token@]host[:port][/path]"},
    {url_scheme_unsupported, errc::invalid_url, "the scheme of a server URL must be nats, tls, ws or wss"},
    {nkey_malformed, errc::invalid_argument, "an NKey seed must be that of a user (SU..., 58 characters)"},
    {credentials_malformed, errc::invalid_argument,
     "credentials must have the JWT and the NKey seed of a user, as nsc writes them"},
    {context_not_found, errc::invalid_argument, "there is no such NATS context"},
    {context_malformed, errc::invalid_argument,
     "a NATS context must be a JSON object as the nats tool writes it"},
    {context_unsupported, errc::invalid_argument,
     "a NATS context has a setting that this client does not support"},
    {file_unreadable, errc::invalid_argument, "a file that a setting names cannot be read"},
    {value_over_max_payload, errc::value_too_large,
     "value and headers together are over the server's max_payload"},
    {client_error::already_waiting, errc::already_waiting, "the previous next() still waits: one at a time"},
    {client_error::slow_consumer, errc::slow_consumer,
     "the subscription had no room for a message (max_pending, max_pending_bytes)"},
    {client_error::key_exists, errc::key_exists, "the key has a value already"},
    {client_error::not_a_bucket, errc::not_a_bucket,
     "the stream of that name is no Key-Value bucket (ADR-8: subject $KV.<bucket>.>), or one that is not "
     "served"},
    {bucket_differs, errc::bucket_exists, "the bucket has another configuration than the one asked for"},
    {client_error::read_only, errc::read_only,
     "the bucket is a mirror whose origin cannot be written from here"},
    {store_refused, errc::server_error,
     "the store took no message for another reason than the size of the bucket (10077)"},
    {client_error::bucket_deleted, errc::bucket_deleted, "the watched bucket was deleted"},
    {client_error::bucket_recreated, errc::bucket_recreated,
     "the watched bucket was deleted and created again: its revisions start again"},
    {client_error::unsupported_by_server, errc::unsupported_by_server,
     "the server is too old for this, or the bucket was created without it"},
    {client_error::jetstream_not_enabled, errc::jetstream_not_enabled,
     "JetStream is not enabled on the server or for this account"},
    {no_responders, errc::unavailable,
     "no server answers for the bucket: it does not exist, or has no leader now (status 503)"},
    {client_error::permission_denied, errc::permission_denied,
     "the user may not publish or subscribe there (Permissions Violation)"},
    {refused_by_server, errc::server_error,
     "the server refused it, or ended the connection because of it (its words are in the detail)"},
    {client_error::timeout, errc::timeout, "the deadline passed, and nothing was stored"},
    {client_error::outcome_unknown, errc::outcome_unknown,
     "the request was sent but not answered: it may have been stored, or not"},
    {client_error::connect_failed, errc::connect_failed, "no server could be reached"},
    {connect_timeout, errc::connect_failed,
     "the server did not complete the connection in time (connect_timeout)"},
    {server_silent, errc::connection_lost, "the server did not answer pings (max_pings_outstanding)"},
    {client_error::tls_failed, errc::tls_failed, "the connection could not be secured by TLS"},
    {tls_not_offered, errc::tls_failed, "TLS is wanted, and the server offers none"},
    {client_error::authentication_failed, errc::authentication_failed,
     "the server refused the credentials (Authorization Violation)"},
    {credentials_unavailable, errc::authentication_failed, "the function of config::credentials() failed"},
    {client_error::connection_lost, errc::connection_lost, "the connection ended before the answer came"},
    {stale_connection, errc::connection_lost, "the server closed the connection as stale"},
    {client_error::closed, errc::closed, "the client was closed, or the handle is empty"},
    {not_a_nats_server, errc::protocol_error, "what answers is no NATS server: its first line is no INFO"},
    {unknown_operation, errc::protocol_error, "the server sent an unknown protocol operation"},
    {malformed_operation, errc::protocol_error, "the server sent a malformed protocol line"},
    {control_line_too_long, errc::protocol_error,
     "the server sent a protocol line over the limit of 4096 bytes"},
    {info_too_long, errc::protocol_error, "the server sent an INFO over the limit"},
    {number_overflow, errc::protocol_error, "a number in a protocol line is too large"},
    {header_longer_than_message, errc::protocol_error, "a message's header is longer than the message"},
    {payload_too_large, errc::protocol_error, "a message is larger than max_payload allows"},
    {payload_not_terminated, errc::protocol_error, "a message does not end with CR LF"},
    {malformed_header, errc::protocol_error,
     "a message has a malformed header block (ADR-4: NATS/1.0, name: value)"},
    {malformed_info, errc::protocol_error, "the server's INFO cannot be read"},
    {malformed_reply, errc::protocol_error, "a reply of JetStream cannot be read"},
    {malformed_ack_subject, errc::protocol_error,
     "a delivered message has a malformed reply subject (ADR-15: $JS.ACK...)"},
    {value_not_encoded, errc::invalid_value, "the codec cannot encode the value"},
    {value_not_decoded, errc::invalid_value, "the codec cannot decode the stored value"},
    {key_not_encoded, errc::invalid_key, "the key codec cannot encode the key"},
    {key_not_decoded, errc::invalid_key, "the key codec cannot decode the stored key"},
    {filter_not_encoded, errc::invalid_filter, "the key codec cannot encode the filter"},
    {entry_without_value, errc::no_value, "the entry is a deletion, or was read without its value"},
    {client_error::codec_mismatch, errc::codec_mismatch, "the metadata of the bucket names another codec"},
    {resume_token_foreign, errc::invalid_argument, "the resume token is one of another bucket"},
    {ttl_with_history, errc::unsupported_by_server,
     "update() takes a time to live only in a bucket with a history of 1: where older values are kept, the "
     "one before "
     "would come back (ADR-48)"},
};

// The table is indexed by position: rule n is at n - 1, without gaps.
consteval bool rules_are_complete() {
  int n = 0;
  for (const rule& r : rules) {
    if (static_cast<int>(r.code) != ++n) return false;
  }
  return n == static_cast<int>(client_error::ttl_with_history);
}
static_assert(rules_are_complete());

const rule* find_rule(int value) noexcept {
  if (value < 1 || value > static_cast<int>(std::size(rules))) return nullptr;
  return &rules[value - 1];
}

constexpr std::string_view meanings[] = {"invalid key",
                                         "invalid filter",
                                         "invalid subject",
                                         "invalid bucket name",
                                         "invalid argument",
                                         "invalid URL",
                                         "value too large",
                                         "already waiting",
                                         "slow consumer",
                                         "key exists",
                                         "wrong last revision",
                                         "bucket not found",
                                         "bucket exists with another configuration",
                                         "not a bucket",
                                         "read only",
                                         "bucket full",
                                         "bucket deleted",
                                         "bucket recreated",
                                         "unsupported by the server",
                                         "JetStream not enabled",
                                         "unavailable",
                                         "permission denied",
                                         "server error",
                                         "timeout",
                                         "outcome unknown",
                                         "connect failed",
                                         "TLS failed",
                                         "authentication failed",
                                         "connection lost",
                                         "protocol error",
                                         "closed",
                                         "invalid value",
                                         "no value",
                                         "another codec"};
static_assert(std::size(meanings) == static_cast<std::size_t>(errc::codec_mismatch));

class errc_category_type final : public detail::category {
 public:
  const char* name() const noexcept override { return "kvco.errc"; }

 private:
  std::string text(int value) const override {
    const bool known = value >= 1 && value <= static_cast<int>(std::size(meanings));
    return known ? std::string(meanings[value - 1]) : "kvco condition " + std::to_string(value);
  }
};

const error_category& errc_category() noexcept {
  static constexpr errc_category_type category;
  return category;
}

class client_category_type final : public detail::category {
 public:
  const char* name() const noexcept override { return "kvco"; }
  error_condition default_error_condition(int value) const noexcept override {
    const rule* found = find_rule(value);
    return found ? make_error_condition(found->meaning) : error_condition(value, *this);
  }

 private:
  std::string text(int value) const override {
    const rule* found = find_rule(value);
    return found ? std::string(found->text) : "kvco error " + std::to_string(value);
  }
};

}  // namespace

const error_category& client_category() noexcept {
  static constexpr client_category_type category;
  return category;
}

error_condition make_error_condition(errc meaning) noexcept {
  return {static_cast<int>(meaning), errc_category()};
}

error_code make_error_code(client_error rule) noexcept { return {static_cast<int>(rule), client_category()}; }

std::optional<errc> meaning(const error_code& code) noexcept {
  const error_condition condition = code.default_error_condition();
  if (condition.category() != errc_category()) return {};
  return static_cast<errc>(condition.value());
}

}  // namespace kvco
