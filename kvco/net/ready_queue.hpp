// The turns in which operations complete: the completion handlers of users run here, and only here.
#pragma once

#include <boost/intrusive/list.hpp>
#include <cstddef>
#include <kvco/core/ready_task.hpp>
#include <utility>

namespace kvco::net {

class session;

class ready_queue {
 public:
  explicit ready_queue(session& owner) noexcept : session_(owner) {}
  ready_queue(const ready_queue&) = delete;
  ready_queue& operator=(const ready_queue&) = delete;

  void add(core::ready_task& done) noexcept {
    all_.push_back(done);
    ++became_ready_;
    schedule();
  }
  /// A turn follows, even if nothing is ready: output is sent at its end.
  void schedule() noexcept;
  /// A turn: run(), then session::end_turn().
  void take_turn();
  /// Runs the tasks that are ready. Tasks that become ready meanwhile wait for the next turn, so that I/O is not starved.
  void run();
  /// From now on schedule() posts no turn: the caller (which reads) takes one itself.
  void hold() noexcept { in_turn_ = true; }
  void release() noexcept { in_turn_ = false; }
  /// The number of tasks that became ready since the last run began.
  std::size_t became_ready() const noexcept { return became_ready_; }
  /// Frees all tasks without running them.
  void abandon() noexcept;

 private:
  using list = boost::intrusive::list<core::ready_task, boost::intrusive::base_hook<core::ready_hook>,
                                      boost::intrusive::constant_time_size<false>>;

  session& session_;
  list all_;
  std::size_t became_ready_ = 0;
  bool turn_posted_ = false, in_turn_ = false;
};

}  // namespace kvco::net
