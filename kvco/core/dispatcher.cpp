// Delivered messages -> who subscribed.
#include <kvco/core/dispatcher.hpp>

namespace kvco::core {

std::uint64_t dispatcher::add(subscriber& target, std::string_view subject) noexcept {
  table_.emplace(++last_sid_, subscription{&target, std::string(subject)});
  by_subject_.insert_or_assign(subject, last_sid_);
  return last_sid_;
}

void dispatcher::remove(std::uint64_t sid) noexcept {
  const auto found = table_.find(sid);
  if (found == table_.end()) return;
  const auto named = by_subject_.find(found->second.subject);
  if (named != by_subject_.end() && named->second == sid) by_subject_.erase(named);
  table_.erase(found);
  if (sid == recent_sid_) recent_sid_ = 0;
}

subscriber* dispatcher::find(std::uint64_t sid) const noexcept {
  const auto found = table_.find(sid);
  return found == table_.end() ? nullptr : found->second.target;
}

subscriber* dispatcher::find(std::string_view subject) const noexcept {
  const auto found = by_subject_.find(subject);
  return found == by_subject_.end() ? nullptr : find(found->second);
}

bool dispatcher::dispatch(const wire::event& message) {
  if (message.sid != recent_sid_ || recent_sid_ == 0) {
    const auto found = table_.find(message.sid);
    if (found == table_.end()) return ++strays_, false;
    recent_sid_ = message.sid;
    recent_ = found->second.target;
  }
  recent_->on_message(message);
  return true;
}

}  // namespace kvco::core
