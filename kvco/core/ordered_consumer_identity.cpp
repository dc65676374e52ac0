// Whether the stream is still the one that a watch began with, and still has the revision after which the
// watch resumes.
#include <algorithm>
#include <kvco/core/ordered_consumer.hpp>

namespace kvco::core {

// False: the watch has ended, or begins again.
bool ordered_consumer::check_identity(const jetstream::stream_info& info, time_point now) {
  using verdict = stream_identity::verdict;
  // While entries come they may overtake a reply: then its last revision proves nothing.
  const std::uint64_t needed = stage_ == stage::inspecting ? next_sequence() - 1 : 0;
  const verdict found = identity_.judge(info, needed, last_given_ns_, now);
  if (found == verdict::same) return true;
  if (found == verdict::catching_up) {
    code_ = client_error::bucket_recreated;  // if the time is over before it passes
    detail_ = how_it_ended(info.status.last_revision);
    return begin_anew(now), false;
  }
  end(client_error::bucket_recreated, found == verdict::shrunk
                                          ? how_it_ended(info.status.last_revision)
                                          : "bucket " + settings_.bucket + " was created at " +
                                                identity_.created() + ", and anew at " + info.created);
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

}  // namespace kvco::core
