// Delivered messages -> who subscribed.
#include <kvco/core/dispatcher.hpp>

namespace kvco::core {

bool dispatcher::dispatch(const wire::event& message) {
  if (message.sid != recent_sid_ || recent_sid_ == 0) {
    const auto found = table_.find(message.sid);
    if (found == table_.end()) return ++strays_, false;
    recent_sid_ = message.sid;
    recent_ = found->second;
  }
  recent_->on_message(message);
  return true;
}

}  // namespace kvco::core
