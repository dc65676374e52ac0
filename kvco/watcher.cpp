// The user's handle of a watch.
#include <kvco/watcher.hpp>

#include <kvco/kv/watch.hpp>
#include <kvco/kv/watch_next.hpp>
#include <kvco/net/session_owner.hpp>
#include <utility>

namespace kvco {

namespace asio = boost::asio;

watcher::watcher(std::shared_ptr<kv::watch> state, std::shared_ptr<net::session_owner> owner) noexcept
    : state_(std::move(state)), owner_(std::move(owner)) {}
watcher::watcher(watcher&&) noexcept = default;
watcher& watcher::operator=(watcher&& other) noexcept {
  watcher taken(std::move(other));
  std::swap(state_, taken.state_);
  std::swap(owner_, taken.owner_);
  return *this;
}
watcher::~watcher() {
  if (kv::is_usable(state_) && !state_->owner()->abandoned()) state_->close();
}

watcher::executor_type watcher::get_executor() const noexcept {
  return state_ ? state_->owner()->executor() : executor_type();
}

asio::awaitable<std::optional<entry>> watcher::next() { return kv::next(state_); }
asio::awaitable<std::optional<entry>> watcher::next_initial() { return kv::next_initial(state_); }
asio::awaitable<std::optional<std::vector<entry>>> watcher::next_batch() { return kv::next_batch(state_); }

detail::operation_ptr<std::optional<entry>> watcher::prepare_next() { return kv::prepare_next(state_); }
detail::operation_ptr<std::optional<entry>> watcher::prepare_next_initial() {
  return kv::prepare_next_initial(state_);
}
detail::operation_ptr<std::optional<std::vector<entry>>> watcher::prepare_next_batch() {
  return kv::prepare_next_batch(state_);
}

void watcher::stop() noexcept {
  if (kv::is_usable(state_) && !state_->owner()->abandoned()) state_->stop();
}
bool watcher::initial_complete() const noexcept {
  return kv::is_usable(state_) && state_->initial_complete();
}
revision watcher::cursor() const noexcept { return kv::is_usable(state_) ? state_->cursor() : 0; }
std::size_t watcher::queued() const noexcept { return kv::is_usable(state_) ? state_->queued() : 0; }

}  // namespace kvco
