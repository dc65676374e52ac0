// A pause in a longer operation, by the session's clock.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/intrusive/list.hpp>
#include <kvco/core/deadlines.hpp>
#include <memory>

namespace kvco::net {

class session;
class signal;

/// Ends the pauses of all who listen to it.
class bell {
 public:
  class listener
      : public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
   public:
    virtual void on_ring() noexcept = 0;

   protected:
    ~listener() = default;
  };

  void listen(listener& who) noexcept { listeners_.push_back(who); }
  /// Those that have listened for the shortest time go on first: they have most of theirs before them.
  void ring() noexcept {
    while (!listeners_.empty()) {
      listener& next = listeners_.back();
      listeners_.pop_back();
      next.on_ring();
    }
  }

 private:
  boost::intrusive::list<listener, boost::intrusive::constant_time_size<false>> listeners_;
};

/// Returns at `until`, or earlier when it is cancelled. Fails with operation_aborted when the client is closed meanwhile.
boost::asio::awaitable<void> pause(std::shared_ptr<session> session, core::time_point until);

/// The same; returns also when `early` rings.
boost::asio::awaitable<void> pause(std::shared_ptr<session> session, core::time_point until, bell& early);

/// Returns when `what` is set. Fails with operation_aborted when it is cancelled, or the client is closed meanwhile; at the
/// end of the reactor the coroutine that waits is dropped.
boost::asio::awaitable<void> wait(std::shared_ptr<session> session, signal& what);

}  // namespace kvco::net
