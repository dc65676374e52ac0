// Up to which revision everything was handled, although handlers of several keys end in any order.
#pragma once

#include <cstddef>
#include <deque>
#include <kvco/entry.hpp>

namespace kvco::handling {

class low_water {
 public:
  /// @param mark  everything up to this revision was handled before
  explicit low_water(revision mark = 0) : mark_(mark) {}

  /// An entry was taken, with a greater revision than all before.
  void begin(revision rev) { open_.push_back({rev, false}); }
  /// It was handled. One that was not handled keeps the mark below it.
  void finish(revision rev);
  /// Everything up to this revision was handled.
  revision mark() const noexcept { return mark_; }
  /// Taken, and at or above the oldest that was not handled.
  std::size_t size() const noexcept { return open_.size(); }

 private:
  struct taken {
    revision rev;
    bool is_handled;
  };

  std::deque<taken> open_;
  revision mark_;
};

}  // namespace kvco::handling
