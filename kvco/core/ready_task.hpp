// Something that has completed and waits for the turn in which its caller is informed.
#pragma once

#include <boost/intrusive/list.hpp>

namespace kvco::core {

struct ready_list_tag;
using ready_hook =
    boost::intrusive::list_base_hook<boost::intrusive::tag<ready_list_tag>,
                                     boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

/// User code never runs while an event is being handled: it runs in run(), called by net/ready_queue.
class ready_task : public ready_hook {
 public:
  /// Calls the user's handler. Frees itself.
  virtual void run() = 0;
  /// It runs soon: prefetches the memory for that.
  virtual void prefetch() const noexcept {}
  /// Frees itself and the handler without a call of it: the reactor is gone.
  virtual void abandon() noexcept = 0;

 protected:
  ~ready_task() = default;
};

}  // namespace kvco::core
