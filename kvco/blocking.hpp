// Watches for programs without coroutines: a range that drives the reactor on the calling thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <iterator>
#include <kvco/watcher.hpp>
#include <optional>

namespace kvco {

/// The entries of a watch as an input range: `for (const kvco::entry& e : kvco::blocking(reactor, updates)) ...`
///
/// Each increment runs the reactor until the next entry has arrived; all other work of the reactor proceeds
/// meanwhile. The range ends when the watch ends: create the watch with `.initial_only` to read only the
/// existing entries, or leave the loop. Throws boost::system::system_error if the watch ends with an error,
/// and errc::closed if the reactor is stopped.
///
/// \par Lifetimes
/// The reactor and the watcher must outlive the range. Must not be used while the reactor is already running
/// (in a handler or a coroutine).
class [[nodiscard]] blocking_range {
 public:
  class iterator {
   public:
    using value_type = entry;
    using reference = const entry&;
    using pointer = const entry*;
    using difference_type = std::ptrdiff_t;
    using iterator_category = std::input_iterator_tag;

    iterator() noexcept = default;
    explicit iterator(blocking_range& range) : range_(&range) { advance(); }
    reference operator*() const noexcept { return *range_->current_; }
    pointer operator->() const noexcept { return &*range_->current_; }
    iterator& operator++() {
      advance();
      return *this;
    }
    void operator++(int) { advance(); }
    bool operator==(std::default_sentinel_t) const noexcept { return range_ == nullptr || !range_->current_; }

   private:
    void advance() { range_->advance(); }
    blocking_range* range_ = nullptr;
  };

  blocking_range(boost::asio::io_context& reactor, watcher& watch) noexcept
      : reactor_(reactor), watch_(watch) {}
  iterator begin() { return iterator(*this); }
  std::default_sentinel_t end() const noexcept { return {}; }

 private:
  void advance();

  boost::asio::io_context& reactor_;
  watcher& watch_;
  std::optional<entry> current_;
};

/// See blocking_range.
inline blocking_range blocking(boost::asio::io_context& reactor, watcher& watch) noexcept {
  return {reactor, watch};
}

}  // namespace kvco
