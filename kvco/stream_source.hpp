// The placement of a bucket's stream, its origins, and the republishing of its entries.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kvco {

/// The servers that store a bucket. Empty: any.
struct bucket_placement {
  std::string cluster{};            ///< the name of a cluster
  std::vector<std::string> tags{};  ///< tags that each of the servers must have
  friend bool operator==(const bucket_placement&, const bucket_placement&) = default;
};

/// Each stored entry is also published to `destination`, for subscribers that do not use JetStream. No destination: off.
struct bucket_republish {
  std::string source = ">";   ///< selects subjects of the bucket
  std::string destination{};  ///< where they are published
  bool headers_only = false;  ///< without values
  friend bool operator==(const bucket_republish&, const bucket_republish&) = default;
};

/// Maps subjects: `{"$KV.A.eu.>", "$KV.B.>"}`, `{"$KV.A.*.x", "$KV.B.x.{{wildcard(1)}}"}` (server 2.10).
struct subject_transform {
  std::string source;       ///< with wildcards
  std::string destination;  ///< with the parts that the wildcards match
  friend bool operator==(const subject_transform&, const subject_transform&) = default;
};

/// A bucket that another one copies: as its only origin (bucket_config::mirror) or as one of its sources. No name: not set.
struct bucket_source {
  /// The name of the bucket; with subject_transforms the name of a stream (`KV_ORDERS`, `EVENTS`; ADR-57).
  std::string name{};
  /// Copies only the subjects of the origin that match: `$KV.ORDERS.eu.>`.
  std::string filter_subject{};
  /// For sources: the mapping of their subjects to those of this bucket. Without any, keys are not changed: `$KV.ORDERS.>` becomes
  /// `$KV.<this>.>`.
  std::vector<subject_transform> subject_transforms{};
  std::uint64_t start_sequence = 0;                                   ///< 0: from the first one
  std::optional<std::chrono::system_clock::time_point> start_time{};  ///< only entries stored since then
  /// The JetStream domain of the origin, or else the prefix of its API as it can be reached from the servers of this bucket
  /// (`$JS.hub.API`, the prefix of an import). Both empty: the origin is in the domain and account of this bucket.
  std::string domain{};
  std::string api_prefix{};  ///< see domain
  /// With `domain` or `api_prefix`: the prefix of the subjects to which the origin delivers; empty: chosen by the server.
  std::string deliver_prefix{};
  friend bool operator==(const bucket_source&, const bucket_source&) = default;
};

}  // namespace kvco
