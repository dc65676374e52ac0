// The user's handle of a subscription.
#include <kvco/messaging/subscription.hpp>

#include <boost/asio/error.hpp>
#include <kvco/net/inbound.hpp>
#include <kvco/net/session_owner.hpp>
#include <utility>

namespace kvco {

namespace asio = boost::asio;

subscription::subscription(std::shared_ptr<net::inbound> state,
                           std::shared_ptr<net::session_owner> owner) noexcept
    : state_(std::move(state)), owner_(std::move(owner)) {}
subscription::subscription(subscription&&) noexcept = default;
subscription& subscription::operator=(subscription&& other) noexcept {
  subscription taken(std::move(other));
  std::swap(state_, taken.state_);
  std::swap(owner_, taken.owner_);
  return *this;
}
subscription::~subscription() {
  if (net::is_usable(state_) && !state_->owner()->abandoned()) state_->stop(asio::error::operation_aborted);
}

subscription::executor_type subscription::get_executor() const noexcept {
  return state_ ? state_->owner()->executor() : executor_type();
}
std::string_view subscription::subject() const noexcept {
  return state_ ? std::string_view(state_->subject()) : std::string_view();
}

asio::awaitable<std::optional<message>> subscription::next() { return net::next(state_); }
detail::operation_ptr<std::optional<message>> subscription::prepare_next() {
  return net::prepare_next(state_);
}

void subscription::stop() noexcept {
  if (net::is_usable(state_) && !state_->owner()->abandoned()) state_->stop({});
}
void subscription::drain() noexcept {
  if (net::is_usable(state_) && !state_->owner()->abandoned()) state_->drain();
}
std::size_t subscription::queued() const noexcept { return net::is_usable(state_) ? state_->queued() : 0; }
std::uint64_t subscription::dropped() const noexcept {
  return net::is_usable(state_) ? state_->dropped() : 0;
}

}  // namespace kvco
