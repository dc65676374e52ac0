// SIGINT and SIGTERM: the first ends a call in order, the second at once.
#pragma once

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <functional>

namespace kvco::cli {

namespace asio = boost::asio;

/// Cancels the coroutine whose slot it is, unless a verb has set another reaction to the first signal.
class interruption {
 public:
  explicit interruption(asio::io_context& reactor);

  asio::cancellation_slot slot() noexcept { return cancel_.slot(); }
  /// The first signal calls this instead; nothing: it cancels again.
  void instead(std::function<void()> reaction) { reaction_ = std::move(reaction); }
  bool has_come() const noexcept { return has_come_; }
  /// Cancels, as a signal does.
  void cancel();
  /// No signal is waited for any more: the reactor can run out of work.
  void end();

 private:
  void wait();

  asio::signal_set signals_;
  asio::cancellation_signal cancel_;
  std::function<void()> reaction_;
  bool has_come_ = false;
};

/// Sets a reaction for the time of its life.
class soft_interruption {
 public:
  soft_interruption(interruption& of, std::function<void()> reaction) : of_(of) {
    of_.instead(std::move(reaction));
  }
  ~soft_interruption() { of_.instead(nullptr); }
  soft_interruption(const soft_interruption&) = delete;
  soft_interruption& operator=(const soft_interruption&) = delete;

 private:
  interruption& of_;
};

}  // namespace kvco::cli
