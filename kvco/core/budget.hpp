// A limit of the bytes in flight, shared by all operations that request large amounts.
#pragma once

#include <boost/intrusive/list.hpp>
#include <cstddef>

namespace kvco::core {

/// Waits for room in a budget. Leaves the line when it is destroyed.
class budget_waiter
    : public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  /// There may be room: call take() again until it returns false or nothing more is needed.
  virtual void on_room() = 0;

 protected:
  ~budget_waiter() = default;
};

/// An amount that is taken and given back. Who does not get its share waits in line: first come, first served.
class budget {
 public:
  explicit budget(std::size_t total) noexcept : total_(total) {}

  std::size_t total() const noexcept { return total_; }
  std::size_t taken() const noexcept { return taken_; }
  bool is_waited_for() const noexcept { return !line_.empty(); }

  /// False: `who` waits from now on. More than the total is given to one who is alone.
  bool take(std::size_t amount, budget_waiter& who) {
    const bool its_turn = line_.empty() || serving_ == &who;
    if (its_turn && (taken_ == 0 || taken_ + amount <= total_)) {
      taken_ += amount;
      served_ = true;
      return true;
    }
    if (!who.is_linked()) line_.push_back(who);
    return false;
  }

  void give(std::size_t amount) {
    taken_ -= amount;
    if (serving_ != nullptr) return;  // give() inside on_room(): the loop below goes on
    while (!line_.empty() && (taken_ == 0 || taken_ < total_)) {
      budget_waiter& next = line_.front();
      line_.pop_front();
      serving_ = &next;
      served_ = false;
      next.on_room();
      serving_ = nullptr;
      if (!next.is_linked()) continue;
      // It has taken its share and goes to the end of the line for more; or there is not enough for it yet,
      // and it stays first.
      if (!served_) line_.splice(line_.begin(), line_, line_.iterator_to(next));
      break;
    }
  }

 private:
  using line = boost::intrusive::list<budget_waiter, boost::intrusive::constant_time_size<false>>;
  line line_;
  budget_waiter* serving_ = nullptr;
  bool served_ = false;
  std::size_t total_;
  std::size_t taken_ = 0;
};

}  // namespace kvco::core
