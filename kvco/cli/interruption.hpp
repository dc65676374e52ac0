// SIGINT, SIGTERM and SIGHUP: the first ends a call in order, the second at once.
#pragma once

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <functional>

namespace kvco::cli {

namespace asio = boost::asio;

/// Cancels the coroutine whose slot it is, unless a verb has set other reactions.
class interruption {
 public:
  using reaction = std::function<void(int signal)>;

  explicit interruption(asio::io_context& reactor);

  asio::cancellation_slot slot() noexcept { return cancel_.slot(); }
  /// The first signal calls `first` instead, each later one `later`; nothing: it cancels.
  void instead(reaction first, reaction later);
  /// Each signal calls this before anything else.
  void before(std::function<void()> first_of_all) { before_ = std::move(first_of_all); }
  bool has_come() const noexcept { return has_come_; }
  /// No signal is waited for any more: the reactor can run out of work.
  void end();

 private:
  void wait();
  void react(int signal);

  asio::signal_set signals_;
  asio::cancellation_signal cancel_;
  std::function<void()> before_;
  reaction first_, later_;
  bool has_come_ = false;
};

/// Sets reactions for the time of its life.
class soft_interruption {
 public:
  soft_interruption(interruption& of, interruption::reaction first, interruption::reaction later = nullptr)
      : of_(of) {
    of_.instead(std::move(first), std::move(later));
  }
  ~soft_interruption() { of_.instead(nullptr, nullptr); }
  soft_interruption(const soft_interruption&) = delete;
  soft_interruption& operator=(const soft_interruption&) = delete;

 private:
  interruption& of_;
};

}  // namespace kvco::cli
