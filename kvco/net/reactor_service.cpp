// The end of a reactor.
#include <kvco/net/reactor_service.hpp>

#include <kvco/net/session.hpp>

namespace kvco::net {

asio::execution_context::id reactor_service::id;

reactor_service& reactor_service::of(const asio::any_io_executor& executor) {
  return asio::use_service<reactor_service>(asio::query(executor, asio::execution::context));
}

void reactor_service::add(session& open) noexcept {
  const std::lock_guard lock(mutex_);
  open_.insert(&open);
}

void reactor_service::remove(session& closed) noexcept {
  const std::lock_guard lock(mutex_);
  open_.erase(&closed);
}

// A session that is being destroyed removes itself before it is gone; until then its weak pointer may be asked.
std::shared_ptr<session> reactor_service::take_one() noexcept {
  const std::lock_guard lock(mutex_);
  while (!open_.empty()) {
    const auto next = open_.begin();
    std::shared_ptr<session> open = (*next)->weak_from_this().lock();
    open_.erase(next);
    if (open) return open;
  }
  return nullptr;
}

void reactor_service::shutdown() {
  while (const std::shared_ptr<session> open = take_one()) open->detach();
}

}  // namespace kvco::net
