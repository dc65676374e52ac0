// The end of a reactor.
#include <kvco/net/reactor_service.hpp>

#include <kvco/net/session.hpp>
#include <vector>

namespace kvco::net {

asio::execution_context::id reactor_service::id;

reactor_service& reactor_service::of(const asio::any_io_executor& executor) {
  return asio::use_service<reactor_service>(asio::query(executor, asio::execution::context));
}

void reactor_service::shutdown() {
  while (!open_.empty()) {
    const std::shared_ptr<session> open = (*open_.begin())->weak_from_this().lock();
    open_.erase(open_.begin());
    if (open) open->detach();
  }
}

}  // namespace kvco::net
