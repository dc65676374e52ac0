#include <kvco/net/ready_queue.hpp>

#include <boost/asio/post.hpp>
#include <kvco/net/session.hpp>

namespace kvco::net {

// A reader takes its turn itself at the end of its input, see hold().
void ready_queue::schedule() noexcept {
  if (in_turn_ || std::exchange(turn_posted_, true)) return;
  asio::post(session_.executor(), [this, keep = session_.shared_from_this()] {
    turn_posted_ = false;
    take_turn();
  });
}

void ready_queue::take_turn() {
  struct end_of_turn {  // even if a handler throws
    ready_queue& self;
    bool whole = false;
    ~end_of_turn() {
      self.in_turn_ = false;
      if (!whole || !self.all_.empty()) self.schedule();
    }
  } end{*this};
  in_turn_ = true;
  run();
  session_.end_turn();
  end.whole = true;
}

void ready_queue::run() {
  const core::entrance::visit inside(session_.entrance());
  became_ready_ = 0;
  list turn;
  turn.swap(all_);
  struct rest {
    list& all;
    list& turn;
    ~rest() {  // a handler has thrown: the remaining ones run in the next turn
      if (!turn.empty()) all.splice(all.begin(), turn);
    }
  } guard{all_, turn};
  while (!turn.empty()) {
    core::ready_task& next = turn.front();
    turn.pop_front();
    if (!turn.empty()) turn.front().prefetch();
    next.run();
  }
}

void ready_queue::abandon() noexcept {
  while (!all_.empty()) {
    core::ready_task& next = all_.front();
    all_.pop_front();
    next.abandon();
  }
}

}  // namespace kvco::net
