// When the initial data of a watch is complete.
#include <kvco/core/initial_data.hpp>

#include <algorithm>

namespace kvco::core {
namespace {

// While others write, a key can be replaced before its turn and slip behind the end that the leader named, again and
// again. Each round is shorter than the one before it; this many make losing one practically impossible and still end.
constexpr int max_rounds = 8;
// After this many heartbeats a replica that is behind, and idle, is not waited for any longer.
constexpr int max_lagging_heartbeats = 3;

}  // namespace

void initial_data::begin() noexcept {
  target_ = received_ = pending_ = last_received_ = required_ = highest_delivered_ = 0;
  rounds_ = asking_ = lagging_heartbeats_ = 0;
  counted_ = saw_duplicate_ = false;
}

void initial_data::request(delivery how) noexcept {
  how_ = how;
  required_ = 0;
  asking_ = 0;
}

void initial_data::on_created(std::uint64_t pending, std::uint64_t delivered) noexcept {
  counted_ = true;
  target_ = pending;
  if (received_ == 0) pending_ = target_;
  highest_delivered_ = std::max(highest_delivered_, delivered);
}

// Complete when as many entries came as were counted at the beginning, and none of them was written after it.
// Otherwise another writer replaced a key before its turn, or one was removed. `pending` does not show the
// rest then: a server subtracts a replaced revision at once, and counts the new one a moment later (srv:
// decStreamPending, processStreamSignal). So the leader is asked for its last revision, until it names one
// that the consumer had already shown.
initial_data::step initial_data::check() noexcept {
  if (complete_ || !counted_) return step::wait;
  if (how_ != delivery::in_order && target_ > 0) return check_walk();
  if (has_all()) {
    complete_ = is_proven() || highest_delivered_ >= boundary_;
    return step::wait;
  }
  const bool more_to_come = rounds_ == 0 && received_ < target_ && pending_ > 0;
  return !more_to_come && is_proven() ? ask_for_end() : step::wait;
}

bool initial_data::has_all() const noexcept {
  return target_ == 0 || (received_ >= target_ && last_received_ <= boundary_);
}

// For last_per_subject with a history above 1, and always before 2.10, the server makes a list of revisions
// and walks it (srv: lastSeqSkipList). When one was replaced before its turn, 2.10 and later miscount
// `pending` from then on, and 2.9 sends the revisions after it, listed or not, perhaps twice. So `pending` is
// not trusted. Complete when all that was listed came, from before the walk; otherwise the rest, after the
// boundary, is requested by sequence.
initial_data::step initial_data::check_walk() noexcept {
  if (last_received_ > boundary_) return step::follow;
  if (received_ < target_) return step::wait;
  const bool as_listed =
      how_ == delivery::walk || (pending_ == 0 && !saw_duplicate_);  // 2.9: nothing was written
  if (!as_listed) return step::follow;
  complete_ = is_proven();
  return step::wait;
}

initial_data::step initial_data::on_idle(std::uint64_t sequence) noexcept {
  if (complete_ || !counted_) return step::wait;
  highest_delivered_ = std::max(highest_delivered_, sequence);
  if (how_ != delivery::in_order) {
    if (sequence >= boundary_) return step::follow;
    // A server from 2.10 on falls idle in the middle of its list where a revision is gone (its key was
    // purged, or expired), and continues after a heartbeat: seconds for each. A new list has no holes;
    // entries already delivered are left out of it.
    return how_ == delivery::walk ? step::list_again : step::wait;
  }
  if (is_shown_idle()) {
    complete_ = true;
    return step::wait;
  }
  // Idle and not complete: the replica lags behind, or a counted revision was removed without a replacement.
  if (highest_delivered_ < required_ && ++lagging_heartbeats_ >= max_lagging_heartbeats)
    return step::begin_again;
  const step next = check();
  const bool idle = next == step::wait && !complete_ && !has_all() && asking_ == 0;
  return idle ? ask_for_end() : next;
}

// The consumer has passed the end that the leader had named and has delivered nothing since it was asked: the entries that are missing
// were replaced before their turn. Where only the end of the stream is known, other writers can move it on indefinitely.
bool initial_data::is_shown_idle() const noexcept {
  return rounds_ > 0 && !unnamed_ && is_proven() && received_ == received_before_;
}

initial_data::step initial_data::ask_for_end() noexcept {
  if (++rounds_ > max_rounds) {
    if (unnamed_) return step::begin_again;
    complete_ = true;
    return step::wait;
  }
  required_ = 0;
  highest_before_ = highest_delivered_;
  received_before_ = received_;
  unnamed_ = false;
  return step::locate;
}

void initial_data::on_located(std::optional<std::uint64_t> last) noexcept {
  --asking_;
  if (rounds_ == 0) {
    required_ = std::max(required_, std::min(last.value_or(boundary_), boundary_));
    return;
  }
  if (last) {
    required_ = std::max(required_, *last);
  } else {
    unnamed_ = true;
    required_ = std::max(required_, highest_delivered_ + 1);  // the next message or heartbeat asks again
  }
  // The revision that the leader names was shown before it was asked: no entry can have been missed in
  // between.
  if (asking_ == 0 && required_ <= highest_before_) complete_ = true;
}

}  // namespace kvco::core
