// Segments between PINGs, and an index of the first one that an -ERR makes.
#include <kvco/core/written_log.hpp>

#include <algorithm>

namespace kvco::core {

void written_log::add(written& what, std::uint64_t position) noexcept {
  remove(what);  // sent once more
  what.position_ = position;
  what.segment_ = first_segment_ + segments_.size() - 1;
  segments_.back().items.push_back(what);
}

void written_log::add_note(std::string_view published_to, std::uint64_t sid, std::uint64_t position) {
  ++segments_.back().unread;
  ++unread_;
  if (sid == 0 && add_to_last(published_to, position)) return;
  add(notes_.emplace_back(published_to, sid), position);
  ++segments_.back().notes;
}

// Many messages to one subject take the memory of one.
bool written_log::add_to_last(std::string_view published_to, std::uint64_t position) noexcept {
  const segment& open = segments_.back();
  if (open.notes == 0 || open.items.empty() || &open.items.back() != &notes_.back()) return false;
  written_note& last = notes_.back();
  if (last.sid != 0 || last.subject != published_to) return false;
  ++last.messages;
  last.last = position;
  return true;
}

written& written_log::take_one(written& what) noexcept {
  if (what.as_note() != nullptr && what.as_note()->messages > 1) {
    --static_cast<written_note&>(what).messages;
    remove(part_);
    return part_;
  }
  remove(what);
  return what;
}

void written_log::remove(written& what) noexcept {
  what.written::order_hook::unlink();
  what.written::subject_hook::unlink();
}

bool written_log::leave(written& what) noexcept {
  const bool logged = what.written::order_hook::is_linked();
  remove(what);
  if (!logged || what.segment_ < first_segment_) return false;
  segment& left = segments_[what.segment_ - first_segment_];
  left.blurred = true;
  return &left == &segments_.back();
}

void written_log::fence(std::uint64_t position) {
  segments_.back().end = position;
  segments_.emplace_back();
}

void written_log::confirm() noexcept {
  if (segments_.size() < 2) return;
  index_.clear();
  for (std::size_t i = segments_.front().notes; i > 0; --i) notes_.pop_front();
  unread_ -= segments_.front().unread;
  segments_.pop_front();
  ++first_segment_;
}

void written_log::clear() noexcept {
  index_.clear();
  segments_.clear();
  notes_.clear();
  unread_ = 0;
  segments_.emplace_back();
  first_segment_ = 0;
}

// Each is visited once: items added since the last time are at the end.
void written_log::index_first() noexcept {
  list& items = segments_.front().items;
  auto next = items.end();
  while (next != items.begin() && !std::prev(next)->written::subject_hook::is_linked()) --next;
  for (; next != items.end(); ++next) {
    auto& same = index_[next->published_to()];
    if (!same) same = std::make_unique<subject_list>();
    same->push_back(*next);
  }
}

// The permission may have been taken away between two of them, so all that wait for an answer behave alike; those behind the first
// have an -ERR of their own to come, perhaps.
written_log::list written_log::take(std::string_view published_to, std::uint64_t handed_over) {
  list taken;
  if (published_to.empty()) return taken;
  index_first();
  const auto found = index_.find(published_to);
  if (found == index_.end()) return taken;
  subject_list& same = *found->second;
  std::size_t waiting = 0;
  for (auto next = same.begin(); next != same.end() && next->position_ < handed_over;) {
    written& each = *next++;
    if (each.as_note() != nullptr) continue;
    if (++waiting > 1) segments_.front().blurred = true;
    remove(each);
    taken.push_back(each);
  }
  if (taken.empty() && !same.empty() && same.front().position_ < handed_over) {
    taken.push_back(take_one(same.front()));
  }
  if (same.empty()) index_.erase(found);
  return taken;
}

std::uint64_t written_log::take_subscription(std::uint64_t handed_over) {
  if (segments_.front().notes == 0) return 0;
  for (written& each : segments_.front().items) {
    if (each.position_ >= handed_over) break;
    const written_note* note = each.as_note();
    if (note == nullptr || !note->subject.empty()) continue;
    const std::uint64_t sid = note->sid;
    remove(each);
    return sid;
  }
  return 0;
}

std::vector<written*> written_log::suspects(std::uint64_t handed_over) {
  std::vector<written*> all;
  for (written& each : segments_.front().items) {
    if (each.position_ >= handed_over) break;
    all.push_back(&each);
  }
  return all;
}

written* written_log::only_suspect(std::uint64_t handed_over) noexcept {
  segment& first = segments_.front();
  if (first.blurred || first.items.empty() || first.items.front().position_ >= handed_over) return nullptr;
  const auto second = std::next(first.items.begin());
  const bool alone = second == first.items.end() || second->position_ >= handed_over;
  return alone ? &first.items.front() : nullptr;
}

std::uint64_t written_log::undone_from(std::uint64_t handed_over) const noexcept {
  const segment& first = segments_.front();
  const std::uint64_t end = std::min(handed_over, first.end);
  if (first.blurred) return end;
  for (auto last = first.items.rbegin(); last != first.items.rend(); ++last) {
    if (last->position_ >= handed_over) continue;
    const written_note* note = last->as_note();
    return note != nullptr ? std::min(std::max(note->position(), note->last), end) : last->position_;
  }
  return end;
}

}  // namespace kvco::core
