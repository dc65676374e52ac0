// Calls into a client must not overlap: one thread at a time, or a strand.
#pragma once

#ifndef NDEBUG
#include <atomic>
#include <boost/assert.hpp>
#include <thread>
#endif

namespace kvco::core {

/// Asserts in debug builds that no two threads are inside at the same time. One thread after another is allowed, and so are nested
/// calls. Costs nothing otherwise.
class entrance {
 public:
  /// A thread is inside while this object lives.
  class [[nodiscard]] visit {
   public:
#ifdef NDEBUG
    explicit visit(const entrance&) noexcept {}
    ~visit() {}
#else
    explicit visit(const entrance& to) noexcept : to_(to), is_outermost_(to.enter()) {}
    ~visit() {
      if (is_outermost_) to_.inside_.store(std::thread::id());
    }
    visit(const visit&) = delete;
    visit& operator=(const visit&) = delete;

   private:
    const entrance& to_;
    bool is_outermost_;
#endif
  };

  /// For calls after which this object may be gone.
  void check() const noexcept { const visit short_one(*this); }

#ifndef NDEBUG
 private:
  // True: no thread was inside.
  bool enter() const noexcept {
    std::thread::id before;
    const bool is_outermost = inside_.compare_exchange_strong(before, std::this_thread::get_id());
    BOOST_ASSERT_MSG(is_outermost || before == std::this_thread::get_id(),
                     "kvco: a client, or an object of it, is used by two threads at the same time");
    return is_outermost;
  }

  mutable std::atomic<std::thread::id> inside_;
#endif
};

}  // namespace kvco::core
