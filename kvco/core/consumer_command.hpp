// The settings of a watch, and the requests that its ordered consumer makes of the session.
#pragma once

#include <chrono>
#include <cstdint>
#include <kvco/core/deadlines.hpp>
#include <kvco/jetstream/requests.hpp>
#include <string>
#include <variant>
#include <vector>

namespace kvco::core {

struct consumer_settings {
  std::string bucket, stream, key_prefix;  // "b", "KV_b", "$KV.b."
  std::string origin;                      // of a mirror: stream_info::origin
  std::string deliver_prefix;              // unique to this watch; an epoch number is appended
  std::string name_prefix;                 // likewise
  std::vector<std::string> filters;        // of keys; at least one
  jetstream::deliver_policy deliver = jetstream::deliver_policy::last_per_subject;
  std::uint64_t start_sequence = 0;
  std::int64_t created_ns = 0;  // when the stream was created that is resumed; 0: whichever is there
  std::int64_t newest_ns = 0;   // ... and when its last entry was stored that was given out
  duration heartbeat = std::chrono::seconds(5);
  duration first_timeout = std::chrono::seconds(10);  // until it is established for the first time
  bool headers_only = false;
  bool ignore_deletes = false;
  std::uint64_t seed = 1;
};

/// A request of the consumer to the session. Replies carry the epoch of the request.
struct consumer_command {
  struct subscribe {
    std::string subject;
  };  // in place of the current subscription, if any
  struct unsubscribe {};
  struct inspect {
    std::uint64_t epoch;
  };  // STREAM.INFO
  struct locate {
    std::uint64_t epoch;
    std::string filter;
  };  // STREAM.MSG.GET: the leader's last message of this subject; without one STREAM.INFO: the last of all
  struct create {
    std::uint64_t epoch;
    std::string name, filter, payload;
  };  // CONSUMER.CREATE
  struct remove {
    std::string name;
  };  // CONSUMER.DELETE, best effort
  struct flow {
    std::string subject;
  };  // publish an empty message: more may be sent
  using any = std::variant<subscribe, unsubscribe, inspect, locate, create, remove, flow>;
};

}  // namespace kvco::core
