// Up to which revision everything was handled, although handlers of several keys end in any order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <kvco/entry.hpp>

namespace kvco::handling {

class low_water {
 public:
  /// @param mark  everything up to this revision was handled before
  explicit low_water(revision mark = 0) : mark_(mark) {}

  /// An entry was taken, with a greater number than all before.
  /// @param taken_to  up to this revision all were taken: with `.conflate` they do not come in the order of their revisions
  void begin(std::uint64_t number, revision taken_to) { open_.push_back({number, taken_to, false}); }
  /// It was handled. One that was not handled keeps the mark below it.
  void finish(std::uint64_t number);
  /// Everything up to this revision was handled.
  revision mark() const noexcept { return mark_; }
  /// Taken, and at or above the oldest that was not handled.
  std::size_t size() const noexcept { return open_.size(); }

 private:
  struct taken {
    std::uint64_t number;
    revision to;
    bool is_handled;
  };

  std::deque<taken> open_;
  revision mark_;
};

}  // namespace kvco::handling
