// How far a watch has come, and the token with which another one continues. See watch.hpp.
#include <kvco/jetstream/replies.hpp>
#include <kvco/jetstream/subjects.hpp>
#include <kvco/kv/watch.hpp>

#include <algorithm>

namespace kvco::kv {

revision watch::progress() const noexcept {
  if (queued() == 0 && bound_) return *bound_;
  if (queued() == 0) return established() ? consumer_->reached() : begun_with_.revision();
  const entry& next = queue_[head_];
  const conflation::update* update = updates_ ? updates_->find(next.key()) : nullptr;
  const bool is_update = update != nullptr && update->place == taken_;  // not an initial entry of its key
  return (is_update ? update->since : next.revision()) - 1;
}

// A watch that begins with the last entry of each key has nothing to continue before it has taken one.
resume_token watch::token() const noexcept {
  const revision taken = progress();
  const bool nothing = !established() || (taken == 0 && !initial_complete());
  return nothing ? begun_with_ : token_after(taken);
}

resume_token watch::token_after(revision taken) const noexcept {
  taken = std::min(taken, progress());  // of other keys older ones may wait
  const auto created = consumer_ ? jetstream::parse_time(consumer_->created()) : std::nullopt;
  if (!created) return begun_with_;
  return resume_token({jetstream::bucket_of_stream(stream_), taken, *created, consumer_->newest_ns()});
}

}  // namespace kvco::kv
