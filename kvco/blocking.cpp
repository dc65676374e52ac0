// Runs the reactor until a result has arrived.
#include <kvco/blocking.hpp>

#include <boost/asio/deferred.hpp>
#include <kvco/detail/explain.hpp>

namespace kvco {

void detail::run_until(boost::asio::io_context& reactor, const bool& complete) {
  if (reactor.stopped()) reactor.restart();
  while (!complete && reactor.run_one() != 0) {
  }
  if (!complete) throw_error(client_error::closed, "the reactor was stopped");
}

// If next() throws, is_current_ stays false: the next call waits again.
const std::optional<entry>& blocking_range::current() {
  if (is_current_) return current_;
  current_.reset();
  current_ = blocking(*reactor_, watch_->next(boost::asio::deferred));
  is_current_ = true;
  return current_;
}

}  // namespace kvco
