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
  bool tombstones = false;      // true: returns deletions, too
  get_options options{};
};

/// The time after which an answer to a read is overdue, before its deadline. Server 2.9 does not answer a direct get if the stream is
/// gone, or does not allow it: after this time the stream's state is requested. Newer servers always answer: nullopt.
std::optional<duration> silence_of(const session& session, bool direct, duration timeout);

/// The maximum wait for the leader if a replica lags behind; then a replica is asked again, which may have caught up.
inline constexpr duration leader_patience = std::chrono::seconds(2);

/// The content of a reply to a direct get or to MSG.GET: a stored message (most likely of `key`), or nothing.
using found_message = jetstream::outcome<std::optional<jetstream::stored_message>>;
found_message read_message(const bucket_state& bucket, bool direct, std::string_view key,
                           std::string_view header, std::string_view payload);
/// The revision of the value or tombstone in a reply; 0: it has no message.
revision revision_of(const found_message& reply) noexcept;
/// The value of this key; nothing for a tombstone, or if the message belongs to another key.
std::optional<entry> value_of(const found_message& reply, std::string_view key);

/// The last message of a key, which may be a tombstone, and is not older than the revision that the handle knows. It reads as get()
/// does, so that it needs no further permission. Nothing: the key was never written, or all its messages are gone.
asio::awaitable<std::optional<entry>> read_newest(bucket_ptr bucket, std::string key, core::time_point until,
                                                  progress* done);

detail::operation_ptr<std::optional<entry>> make_read(bucket_ptr bucket, const read_request& request);

}  // namespace kvco::kv
