// A bell that any number of pauses may wait for.
#pragma once

#include <boost/intrusive/list.hpp>
#include <kvco/net/signal.hpp>

namespace kvco::net {

/// A wait for something that a bell sets, too. It leaves by itself.
struct pausing
    : boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
  explicit pausing(signal& waits_for) noexcept : what(waits_for) {}
  signal& what;
};

/// Ends the pauses of all who listen to it.
class bell {
 public:
  void listen(pausing& who) noexcept { listeners_.push_back(who); }
  /// The latest pauses end first: they have most of their time left.
  void ring() noexcept {
    while (!listeners_.empty()) {
      signal& next = listeners_.back().what;
      listeners_.pop_back();
      next.set();
    }
  }

 private:
  boost::intrusive::list<pausing, boost::intrusive::constant_time_size<false>> listeners_;
};

}  // namespace kvco::net
