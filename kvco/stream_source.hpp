// Where the stream of a bucket lives, what it copies, and where it is copied to.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kvco {

/// Which servers keep a bucket. Empty: any.
struct bucket_placement {
  std::string cluster{};            ///< the name of a cluster
  std::vector<std::string> tags{};  ///< of servers: each of these must have all of them
  friend bool operator==(const bucket_placement&, const bucket_placement&) = default;
};

/// Each entry that is stored is published once more, for subscribers that do not use JetStream. No destination: it is not.
struct bucket_republish {
  std::string source = ">";  ///< of the bucket's subjects, those that match
  std::string destination{};
  bool headers_only = false;
  friend bool operator==(const bucket_republish&, const bucket_republish&) = default;
};

/// One subject becomes another: `{"$KV.A.eu.>", "$KV.B.>"}`, `{"$KV.A.*.x", "$KV.B.x.{{wildcard(1)}}"}` (server 2.10).
struct subject_transform {
  std::string source;
  std::string destination;
  friend bool operator==(const subject_transform&, const subject_transform&) = default;
};

/// A bucket that another one copies: as its only origin (bucket_config::mirror) or as one of its sources. No name: none.
struct bucket_source {
  /// Of the bucket. With subject_transforms the name of a stream, which is taken as it is (`KV_ORDERS`, `EVENTS`; ADR-57).
  std::string name{};
  /// Only what matches, in subjects of the origin: `$KV.ORDERS.eu.>`.
  std::string filter_subject{};
  /// Of a source: how its subjects become those of this bucket. Without any, keys stay as they are: `$KV.ORDERS.>` becomes
  /// `$KV.<this>.>`.
  std::vector<subject_transform> subject_transforms{};
  std::uint64_t start_sequence = 0;                                   ///< 0: from the first one
  std::optional<std::chrono::system_clock::time_point> start_time{};  ///< only what was stored since
  /// The JetStream domain of the origin, or else the prefix of its API as it can be reached from the servers of this bucket
  /// (`$JS.hub.API`, the prefix of an import). Both empty: it is where this bucket is.
  std::string domain{};
  std::string api_prefix{};
  std::string
      deliver_prefix{};  ///< of the subjects by which it comes, with api_prefix or domain; empty: the server's choice
  friend bool operator==(const bucket_source&, const bucket_source&) = default;
};

}  // namespace kvco
