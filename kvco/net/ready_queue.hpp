// The turns in which users are informed: user code runs here, and only here.
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
  /// A turn follows, also if nothing is ready: what was written leaves at its end.
  void schedule() noexcept;
  /// A turn: run(), then session::end_turn().
  void take_turn();
  /// Calls what became ready before this. What becomes ready meanwhile waits for the next turn, so that I/O has its share.
  void run();
  /// What is scheduled from now on is part of a turn that its caller takes: a read.
  void hold() noexcept { in_turn_ = true; }
  void release() noexcept { in_turn_ = false; }
  /// How many became ready since the last run began.
  std::size_t became_ready() const noexcept { return became_ready_; }
  /// Frees all without a call.
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
