// put, create, update, erase, purge: one message to the key's subject, one ack.
#pragma once

#include <kvco/entry.hpp>
#include <kvco/jetstream/replies.hpp>
#include <kvco/kv/bucket_state.hpp>
#include <kvco/net/operation.hpp>
#include <kvco/options.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace kvco::kv {

struct write_request {
  std::string_view key, value;
  duration timeout{};
  std::optional<duration> ttl = std::nullopt;
  std::optional<revision> expected = std::nullopt;  // the key's last revision; 0: none
  kvco::operation op = kvco::operation::put;
  bool create = false;  // expected 0, and a tombstone counts as none
  kvco::retry retry = kvco::retry::never;
  diagnostics* diag = nullptr;
};

/// Why the bucket, as the handle knows it, takes no such time to live: it has none switched on, or it would bring the value before
/// an updated one back.
detail::refusal check_ttl_of(const bucket_state& bucket, const write_request& request);

/// The headers of a write; empty when it needs none.
/// @param id  Nats-Msg-Id, or empty
std::string write_header(const write_request& request, std::string_view id);

/// How long the answer to one sending is waited for, where it may be sent again.
duration write_patience(duration timeout);

/// The meaning of a reply to a write of this stream. 503 is client_error::no_responders (nothing was stored);
/// an answer that cannot be read is outcome_unknown.
jetstream::outcome<jetstream::pub_ack> read_ack(const wire::event& reply, std::string_view stream);

detail::operation_ptr<revision> make_write(bucket_ptr bucket, const write_request& request);

}  // namespace kvco::kv
