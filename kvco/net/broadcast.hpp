// An event that ends any number of pauses.
#pragma once

#include <boost/intrusive/list.hpp>
#include <kvco/net/signal.hpp>

namespace kvco::net {

/// A registration for a broadcast, which sets the signal that a pause waits for. Its destruction removes it.
struct broadcast_listener
    : boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
  explicit broadcast_listener(signal& waits_for) noexcept : what(waits_for) {}
  signal& what;
};

/// Sets the signals of its listeners, each once.
class broadcast {
 public:
  void listen(broadcast_listener& who) noexcept { listeners_.push_back(who); }
  /// The latest pauses end first: they have most of their time left.
  void notify() noexcept {
    while (!listeners_.empty()) {
      signal& next = listeners_.back().what;
      listeners_.pop_back();
      next.set();
    }
  }

 private:
  boost::intrusive::list<broadcast_listener, boost::intrusive::constant_time_size<false>> listeners_;
};

}  // namespace kvco::net
