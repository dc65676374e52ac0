// Whether a stream is still the one that a watch began with.
#include <kvco/core/stream_identity.hpp>

#include <algorithm>

namespace kvco::core {
namespace {

// How long a replicated stream may report that it has less than it has given out already.
constexpr auto max_catch_up = std::chrono::seconds(60);

}  // namespace

stream_identity::stream_identity(std::int64_t created_ns) {
  if (created_ns != 0) created_ = jetstream::format_time(created_ns);
}

stream_identity::verdict stream_identity::judge(const jetstream::stream_info& info, std::uint64_t needed,
                                                std::int64_t newest_ns, time_point now) {
  const bool replicated = info.status.config.replicas() > 1;
  if (created_.empty()) created_ = info.created;
  if (info.created != created_ && !is_same(info, newest_ns)) return verdict::other;
  if (info.status.last_revision >= needed) {
    shrunk_since_.reset();
    return verdict::same;
  }
  if (!replicated) return verdict::shrunk;
  // A node that is back from a crash may answer for the stream before it has caught up. That passes.
  if (!shrunk_since_) shrunk_since_ = now;
  return now - *shrunk_since_ < max_catch_up ? verdict::catching_up : verdict::shrunk;
}

// In a cluster of 2.10 each node has its own idea of when the stream was created: a client that creates it again with the same
// configuration, which changes nothing, leaves the later time to nodes that start after that. But a stream that was really
// created again is younger than the last entry of the old one.
bool stream_identity::is_same(const jetstream::stream_info& info, std::int64_t newest_ns) {
  const auto then = jetstream::parse_time(created_), time = jetstream::parse_time(info.created);
  if (!then || !time) return false;
  if (*time == *then) return true;
  if (info.status.config.replicas() == 1 || *time > std::max(*then, newest_ns)) return false;
  if (*time > *then) created_ = info.created;
  return true;
}

}  // namespace kvco::core
