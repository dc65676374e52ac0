// SIGINT and SIGTERM. See the header.
#include <kvco/cli/interruption.hpp>

#include <csignal>
#include <utility>

namespace kvco::cli {

interruption::interruption(asio::io_context& reactor) : signals_(reactor, SIGINT, SIGTERM) { wait(); }

void interruption::wait() {
  signals_.async_wait([this](const boost::system::error_code& error, int) {
    if (error) return;
    wait();
    if (!std::exchange(has_come_, true) && reaction_) return reaction_();
    cancel();
  });
}

void interruption::cancel() { cancel_.emit(asio::cancellation_type::terminal); }

void interruption::end() { signals_.cancel(); }

}  // namespace kvco::cli
