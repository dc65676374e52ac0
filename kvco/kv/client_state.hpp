// The state of the operations of buckets that belongs to a session.
#pragma once

#include <cstdint>
#include <kvco/account_info.hpp>
#include <kvco/kv/bucket_cache.hpp>
#include <kvco/kv/watch_setups.hpp>
#include <kvco/net/session.hpp>

namespace kvco::kv {

/// Of one session, made when it is asked for first.
struct client_state final : session_extension {
  explicit client_state(session& owner) noexcept : setups(owner), buckets(owner) {}
  static client_state& of(session& owner) { return owner.extension<client_state>(); }

  watch_setups setups;
  bucket_cache buckets;
  // As of one connection: another server may be of another version.
  capabilities known;
  std::uint64_t known_since = UINT64_MAX;  // a number of session_counters::reconnects
};

}  // namespace kvco::kv
