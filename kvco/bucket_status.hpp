// The state of a bucket, as the server reports it.
#pragma once

#include <chrono>
#include <cstdint>
#include <kvco/bucket_config.hpp>
#include <kvco/entry.hpp>
#include <optional>
#include <string>
#include <vector>

namespace kvco {

/// A replica of a bucket's stream, other than the leader.
struct replica_status {
  std::string name;       ///< of the server
  bool current = false;   ///< it has all that the leader has
  bool offline = false;   ///< it is not connected to the leader
  duration active{};      ///< time since the leader's last contact with it
  std::uint64_t lag = 0;  ///< number of operations that it has not carried out yet
};

/// The progress of copying an origin.
struct source_status {
  std::string stream;                ///< the name of the stream that is copied
  std::uint64_t lag = 0;             ///< number of messages not copied yet
  std::optional<duration> active{};  ///< time since its last message; nothing: it has sent none
  std::string error{};               ///< the server's text if it cannot be copied
};

/// The state of a bucket's stream as reported by the server, besides its configuration. Fields that a server does not report have
/// their defaults.
struct stream_status {
  std::string name;                      ///< of the stream: "KV_" and the name of the bucket
  std::string cluster, leader;           ///< empty on a single server
  std::string domain;                    ///< of JetStream; empty: none
  std::vector<replica_status> replicas;  ///< without the leader
  std::optional<source_status> mirror;   ///< of the origin, if the bucket is a mirror
  std::vector<source_status> sources;    ///< of each source of the bucket
  std::uint64_t consumers = 0;           ///< of all clients: open watches and lists
  std::uint64_t subjects = 0;            ///< keys with an entry, tombstones included
  std::chrono::system_clock::time_point first_time, last_time;  ///< of the oldest and the newest entry
  duration duplicate_window{};                                  ///< how long an id of a message is remembered
  bool sealed = false;                                          ///< it accepts no messages and no deletions
  bool deny_delete = false;                                     ///< single messages cannot be removed
  bool deny_purge = false;                                      ///< the stream cannot be purged
  bool allow_rollup = false;                                    ///< purge() can remove the history of a key
  bool allow_direct = false;                                    ///< any replica answers reads
  bool mirror_direct = false;                                   ///< mirrors answer reads of this bucket
  bool allow_key_ttl = false;  ///< keys may have a time to live (allow_msg_ttl)
  bool discards_new = false;   ///< a full bucket refuses writes (ADR-8); false: it drops its oldest entries
};

/// The configuration and the content of a bucket, as the server reports them (bucket::status()).
struct bucket_status {
  bucket_config config{""};                       ///< none of its settings counts as set
  std::chrono::system_clock::time_point created;  ///< by the server's clock
  std::uint64_t messages = 0;                     ///< stored revisions, including tombstones and history
  std::uint64_t bytes = 0;                        ///< their size in the store
  kvco::revision first_revision = 0;              ///< the oldest one kept
  kvco::revision last_revision = 0;               ///< the newest one
  stream_status stream;                           ///< the stream that stores the bucket
};

}  // namespace kvco
