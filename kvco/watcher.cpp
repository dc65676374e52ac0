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
  if (net::is_usable(state_) && !state_->owner()->abandoned()) state_->close();
}

watcher::executor_type watcher::get_executor() const noexcept {
  return state_ ? state_->owner()->executor() : executor_type();
}

asio::awaitable<kv::maybe_entry> watcher::next() { return kv::next(state_); }
asio::awaitable<kv::maybe_entry> watcher::next_initial() { return kv::next_initial(state_); }
asio::awaitable<kv::maybe_batch> watcher::next_batch(std::size_t max) { return kv::next_batch(state_, max); }

asio::awaitable<net::ended_with<kv::maybe_entry>> watcher::next(nothrow_t) {
  return kv::next_as_tuple(state_);
}
asio::awaitable<net::ended_with<kv::maybe_entry>> watcher::next_initial(nothrow_t) {
  return kv::next_initial_as_tuple(state_);
}
asio::awaitable<net::ended_with<kv::maybe_batch>> watcher::next_batch(std::size_t max, nothrow_t) {
  return kv::next_batch_as_tuple(state_, max);
}
asio::awaitable<net::ended_with<kv::maybe_batch>> watcher::next_batch(nothrow_t) {
  return kv::next_batch_as_tuple(state_, SIZE_MAX);
}

detail::operation_ptr<> watcher::prepare_ready() { return kv::prepare_ready(state_); }
detail::operation_ptr<kv::maybe_entry> watcher::prepare_next() { return kv::prepare_next(state_); }
detail::operation_ptr<kv::maybe_entry> watcher::prepare_next_initial() {
  return kv::prepare_next_initial(state_);
}
detail::operation_ptr<kv::maybe_batch> watcher::prepare_next_batch(std::size_t max) {
  return kv::prepare_next_batch(state_, max);
}

void watcher::stop() noexcept {
  if (net::is_usable(state_) && !state_->owner()->abandoned()) state_->stop();
}
bool watcher::initial_complete() const noexcept {
  return net::is_usable(state_) && state_->initial_complete();
}
revision watcher::cursor() const noexcept { return net::is_usable(state_) ? state_->cursor() : 0; }
revision watcher::progress() const noexcept { return net::is_usable(state_) ? state_->progress() : 0; }
resume_token watcher::resume_token() const noexcept {
  return net::is_usable(state_) ? state_->token() : kvco::resume_token();
}
resume_token watcher::resume_token(const entry& after) const noexcept {
  return net::is_usable(state_) ? state_->token_after(after.revision()) : kvco::resume_token();
}
std::uint64_t watcher::conflated() const noexcept { return net::is_usable(state_) ? state_->conflated() : 0; }
std::uint64_t watcher::missed() const noexcept { return net::is_usable(state_) ? state_->missed() : 0; }
std::size_t watcher::queued() const noexcept { return net::is_usable(state_) ? state_->queued() : 0; }

}  // namespace kvco
