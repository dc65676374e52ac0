// An account of JetStream: its limits and usage, and the features that its servers have.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace kvco {

/// Limits of an account, or of one of its tiers; nothing: no limit.
struct account_limits {
  std::optional<std::uint64_t> memory, storage;     ///< bytes of all streams, in memory and in files
  std::optional<std::uint64_t> streams, consumers;  ///< their number
  std::optional<std::uint64_t> ack_pending;         ///< of a consumer
  std::optional<std::uint64_t> memory_of_stream, storage_of_stream;  ///< bytes of one stream
  bool max_bytes_required = false;  ///< a stream needs a limit (bucket_config::max_bytes)
};

/// The usage of an account, or of one of its tiers.
struct account_usage {
  std::uint64_t memory = 0;            ///< bytes of streams in memory
  std::uint64_t storage = 0;           ///< bytes of streams in files
  std::uint64_t reserved_memory = 0;   ///< bytes that the limits of streams reserve
  std::uint64_t reserved_storage = 0;  ///< the same in files
  std::uint64_t streams = 0;           ///< their number
  std::uint64_t consumers = 0;         ///< their number
};

/// A part of an account with limits of its own: "R1" has the streams with one replica, "R3" those with three.
struct account_tier {
  account_usage usage;    ///< of its streams
  account_limits limits;  ///< of its streams
};

/// An account of JetStream as the server reports it. With tiers, the limits are those of the tiers.
struct account_info {
  account_usage usage;                                     ///< of all tiers
  account_limits limits;                                   ///< where it has no tiers
  std::map<std::string, account_tier, std::less<>> tiers;  ///< by their names; empty: it has none
  std::string domain;                                      ///< empty: none
  int api_level = 0;                                       ///< ADR-44; 0 before server 2.11
  std::uint64_t api_total = 0;                             ///< requests of the API by this account
  std::uint64_t api_errors = 0;                            ///< of these, refused
};

/// Features that servers have from some version on.
enum class feature : std::uint8_t {
  filter_lists,       ///< a watch with several filters takes one consumer
  metadata,           ///< bucket_config::metadata
  compression,        ///< bucket_config::compression
  source_transforms,  ///< sources with other subjects, filters of mirrors
  key_ttl,            ///< bucket_config::limit_marker_ttl, and `.ttl` of a key
  multi_get,          ///< get_many() and get_prefix() in one request
  atomic,             ///< bucket_config::atomic
};
std::string_view to_string(feature which) noexcept;

/// The server that a feature came with.
struct feature_requirement {
  int major = 2;      ///< of its version
  int minor = 0;      ///< of its version
  int api_level = 0;  ///< of JetStream (ADR-44); 0: it has no level of its own
};
/// The oldest server that has the feature.
feature_requirement requirement_of(feature which) noexcept;

/// The features of the account's servers, as far as they are known on this connection.
class capabilities {
 public:
  capabilities() = default;  ///< of an unknown server
  /// Of servers with this level of the API.
  /// @param api_level  ADR-44; 0: none
  /// @param version    of the server that stores; empty: not known
  capabilities(int api_level, std::string_view version);

  /// ADR-44; 0: none.
  int api_level() const noexcept { return api_level_; }
  /// Empty: the servers that store are others than the connected one (a domain, an API prefix, a leaf node).
  const std::string& server_version() const noexcept { return version_; }
  /// True: the feature is there. False: it is not, or that is not known, as of a server before 2.11 behind a leaf node.
  bool has(feature which) const noexcept;

 private:
  int api_level_ = 0;
  std::string version_;
  std::pair<int, int> number_{};
};

}  // namespace kvco
