// Runs the reactor until a result has arrived.
#include <kvco/blocking.hpp>

#include <kvco/detail/explain.hpp>

namespace kvco {

void detail::run_until(boost::asio::io_context& reactor, const bool& complete) {
  if (reactor.stopped()) reactor.restart();
  while (!complete && reactor.run_one() != 0) {
  }
  if (!complete) throw_error(client_error::closed, "the reactor was stopped");
}

}  // namespace kvco
