// Whether the stream is still the one that a watch began with, and from where the watch resumes.
#include <algorithm>
#include <kvco/core/ordered_consumer.hpp>

namespace kvco::core {

// False: the watch has ended, or begins again.
bool ordered_consumer::check_identity(const jetstream::stream_info& info, time_point now) {
  using verdict = stream_identity::verdict;
  // While entries come they may overtake a reply: then its last revision proves nothing.
  const std::uint64_t needed = stage_ == stage::inspecting ? next_sequence() - 1 : 0;
  const verdict found = identity_.judge(info, needed, last_given_ns_, now);
  if (found == verdict::same) {
    if (stage_ == stage::inspecting) note_missed(info.status.first_revision);
    return true;
  }
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

// A watch that begins again from its start, or asks for the last entry of each key, has missed nothing.
void ordered_consumer::note_missed(std::uint64_t first) {
  if (policy() != jetstream::deliver_policy::by_start_sequence) return;
  const std::uint64_t next = std::max(next_sequence(), missed_until_);
  if (first <= next) return;
  missed_ += first - next;
  missed_until_ = first;
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

// The last revision of each key comes as a list that can only be requested from its beginning. If a beginning
// brought more entries that were already delivered than new ones, the next one might bring nothing else: the
// rest is requested by sequence, including replaced revisions, so that the boundary up to which each key
// comes once is here. With a history of one there are no replaced revisions, and the entries by sequence are
// the rest of the list.
void ordered_consumer::choose_way_on() noexcept {
  if (by_sequence_ || initial_.complete() || repeated_ <= news_) return;
  by_sequence_ = true;
  first_boundary_ = std::min(first_boundary_, next_sequence() - 1);
}

jetstream::deliver_policy ordered_consumer::policy() const noexcept {
  using jetstream::deliver_policy;
  const bool nothing_yet = last_given_ == 0 && position_ == 0;
  const bool last_ones = settings_.deliver == deliver_policy::last_per_subject;
  if (last_ones && !initial_.complete() && !by_sequence_ && (history_ != 1 || nothing_yet))
    return settings_.deliver;
  // Messages that came although the create reply was lost count: `new` a second time would leave a gap after
  // them.
  const bool unchanged = nothing_yet && !initial_.complete() && !by_sequence_;
  return unchanged ? settings_.deliver : deliver_policy::by_start_sequence;
}

// Where a consumer resumes: everything before it was there.
std::uint64_t ordered_consumer::next_sequence() const noexcept {
  return std::max(settings_.start_sequence, std::max(position_, last_given_) + 1);
}

}  // namespace kvco::core
