// put_many and writes like it on a connection: a window of unanswered requests moves over the items.
#pragma once

#include <absl/container/flat_hash_map.h>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <kvco/core/item_queue.hpp>
#include <kvco/detail/refusal.hpp>
#include <kvco/detail/texts.hpp>
#include <kvco/kv/bucket_state.hpp>
#include <kvco/many.hpp>
#include <kvco/net/progress.hpp>
#include <kvco/net/request_pool.hpp>
#include <kvco/net/signal.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kvco::kv {

/// The headers of an item that is no put, by its place.
using header_of_item = std::function<std::string(std::size_t)>;

/// Items go out in their order, and never one before another of its key.
class many_writer final : public progress::source {
 public:
  /// @param header  empty: they are puts
  many_writer(bucket_ptr bucket, detail::texts items, header_of_item header, std::size_t max_in_flight,
              duration timeout);
  many_writer(const many_writer&) = delete;
  many_writer& operator=(const many_writer&) = delete;
  ~many_writer();

  /// Sends as much as may be unanswered.
  void go_on() noexcept;
  /// Set when there is something to do: it is complete, was aborted, or waits for its bucket.
  signal& turn() noexcept { return turn_; }
  bool complete() const noexcept { return queue_.complete(); }
  bool aborted() const noexcept { return aborted_; }
  /// Some were refused by 503 (nothing was stored), and nothing is in flight any more.
  bool stranded() const noexcept { return !queue_.refused().empty() && parts_.used() == 0; }
  /// Has anything been stored since this was asked last?
  bool has_stored() noexcept { return std::exchange(has_stored_, false); }
  /// One is, or one was that may be stored.
  bool is_in_flight() const noexcept override;
  /// When the first of those that were refused has no time left.
  core::time_point refused_until() const noexcept;
  /// Sends the refused items, and all that follow them.
  void resume() noexcept;
  /// The refused and unsent items end with this error.
  void give_up(error_code code, const std::string& detail);
  std::vector<put_outcome> take() { return std::move(outcomes_); }

 private:
  class part;

  std::size_t count() const noexcept { return items_.size() / 2; }
  std::string_view key(std::size_t i) const noexcept { return items_[2 * i]; }
  std::string_view value(std::size_t i) const noexcept { return items_[2 * i + 1]; }

  detail::refusal check(std::uint32_t index) const;
  bool start(std::uint32_t index);
  absl::flat_hash_map<std::string_view, std::uint32_t> last_stored_after_refused() const noexcept;
  void settle(std::uint32_t index, put_outcome outcome);
  void on_reply(part& answered, const wire::event& reply);
  void on_failure(part& failed, error_code code, std::string detail);
  void release(part& done);
  void notify_if_due();

  bucket_ptr bucket_;
  session& session_;
  detail::texts items_;
  header_of_item header_;
  std::vector<put_outcome> outcomes_;
  std::vector<core::time_point> due_;  // set at an item's first turn: it has no second deadline
  core::item_queue queue_;
  request_pool<part> parts_;
  std::size_t max_in_flight_;
  std::size_t bytes_ = 0;  // unanswered
  duration timeout_;
  core::time_point last_answer_;
  signal turn_;
  bool has_stored_ = false, may_be_stored_ = false, aborted_ = false;
};

}  // namespace kvco::kv
