// get, and get of a revision: one request, one stored message or none.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <kvco/entry.hpp>
#include <kvco/jetstream/replies.hpp>
#include <kvco/kv/bucket_state.hpp>
#include <kvco/net/operation.hpp>
#include <kvco/options.hpp>
#include <optional>
#include <string_view>

namespace kvco::kv {

struct read_request {
  std::string_view key;
  std::optional<revision> rev;  // not set: the last one
  bool tombstones = false;      // also where that is a deletion
  get_options options{};
};

/// When an answer to a read is overdue although its deadline has not come. Server 2.9 does not answer a direct get of a
/// stream that is gone, or has it switched off: after this time the stream itself is asked for. Others answer always: nullopt.
std::optional<duration> silence_of(const session& session, bool direct, duration timeout);

/// How long the leader is waited for where a replica lags behind; then a replica is asked again: another may have caught up.
inline constexpr duration leader_patience = std::chrono::seconds(2);

/// The content of a reply to a direct get, or to MSG.GET: a stored message, most likely of `key`, or nothing.
using found_message = jetstream::outcome<std::optional<jetstream::stored_message>>;
found_message read_message(const bucket_state& bucket, bool direct, std::string_view key,
                           std::string_view header, std::string_view payload);
/// The revision in a reply, of a value or a tombstone; 0: it has no message.
revision revision_of(const found_message& reply) noexcept;
/// A value of this key; nothing for a tombstone, or a revision of another key.
std::optional<entry> value_of(const found_message& reply, std::string_view key);

/// The last message of a key, including a tombstone, and none older than the revision that the handle knows:
/// it reads as get() does, so that it needs no wider permission. Nothing: the key was never written, or is
/// gone.
asio::awaitable<std::optional<entry>> read_newest(bucket_ptr bucket, std::string key, core::time_point until,
                                                  progress* done);

detail::operation_ptr<std::optional<entry>> make_read(bucket_ptr bucket, const read_request& request);

}  // namespace kvco::kv
