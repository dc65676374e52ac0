// Whether the stream is still the one that a watch has begun with, and still has what the watch resumes behind.
#include <algorithm>
#include <kvco/core/ordered_consumer.hpp>

namespace kvco::core {
namespace {

// So long a replicated stream may say that it has less than it has given out already.
constexpr auto longest_catch_up = std::chrono::seconds(60);

}  // namespace

// A stream of the same name may be another one: its revisions start again, and resuming behind its end would wait until it
// has grown so far.
bool ordered_consumer::check_lineage(const jetstream::stream_info& info, time_point now) {
  const bool replicated = info.status.config.replicas() > 1;
  if (lineage_.empty()) lineage_ = info.created;
  const bool same = info.created == lineage_ || (replicated && is_same_stream(info.created));
  const std::uint64_t last = info.status.last_revision;
  // While entries come they may overtake a reply: then its last revision tells nothing.
  const bool shrunk = stage_ == stage::inspecting && last < next_sequence() - 1;
  if (same && !shrunk) {
    shrunk_since_.reset();
    return true;
  }
  if (same && replicated) {
    // A node that is back from a crash may answer for the stream before it has caught up. That passes.
    if (!shrunk_since_) shrunk_since_ = now;
    if (now - *shrunk_since_ < longest_catch_up) {
      code_ = client_error::bucket_recreated;  // if the time is over before it passes
      detail_ = how_it_ended(last);
      return begin_anew(now), false;
    }
  }
  end(client_error::bucket_recreated,
      same ? how_it_ended(last)
           : "bucket " + settings_.bucket + " was created at " + lineage_ + ", and anew at " + info.created);
  return false;
}

std::string ordered_consumer::how_it_ended(std::uint64_t last) const {
  const std::uint64_t next = next_sequence();
  const std::string before = std::to_string(next - 1), end = std::to_string(last);
  if (last_given_ == 0 && next == settings_.start_sequence) {
    return "bucket " + settings_.bucket + " has no revision " + before + " before revision " +
           std::to_string(next) + " to resume from: the last one is " + end;
  }
  return "bucket " + settings_.bucket + " has lost its end: revision " + before +
         " is gone, the last one is " + end;
}

// Where a consumer resumes: everything before it was there.
std::uint64_t ordered_consumer::next_sequence() const noexcept {
  return std::max(settings_.start_sequence, std::max(position_, last_given_) + 1);
}

// In a cluster of 2.10 each node has its own idea of when the stream was created: whoever creates it again with the same
// configuration, which changes nothing, leaves the later time to nodes that start after that. But a stream that was really
// created anew is younger than the last entry of the old one.
bool ordered_consumer::is_same_stream(const std::string& created) {
  const auto then = jetstream::parse_time(lineage_), time = jetstream::parse_time(created);
  if (!then || !time || *time > std::max(*then, last_given_ns_)) return false;
  if (*time > *then) lineage_ = created;
  return true;
}

}  // namespace kvco::core
