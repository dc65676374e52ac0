// SIGINT, SIGTERM and SIGHUP. See the header.
#include <kvco/cli/interruption.hpp>

#include <csignal>
#include <utility>

namespace kvco::cli {
namespace {

/// By `nohup`.
bool is_ignored(int signal) {
  struct sigaction now {};
  return ::sigaction(signal, nullptr, &now) == 0 && now.sa_handler == SIG_IGN;
}

}  // namespace

interruption::interruption(asio::io_context& reactor) : signals_(reactor, SIGINT, SIGTERM) {
  if (!is_ignored(SIGHUP)) signals_.add(SIGHUP);
  wait();
}

void interruption::instead(reaction first, reaction later) {
  first_ = std::move(first);
  later_ = std::move(later);
}

void interruption::wait() {
  signals_.async_wait([this](const boost::system::error_code& error, int signal) {
    if (error) return;
    wait();
    react(signal);
  });
}

void interruption::react(int signal) {
  const bool is_first = !std::exchange(has_come_, true);
  if (before_) before_();
  const reaction set = is_first ? first_ : later_;  // a copy: its call may end the verb that has set it
  if (set) return set(signal);
  cancel_.emit(asio::cancellation_type::terminal);
}

void interruption::end() { signals_.cancel(); }

}  // namespace kvco::cli
