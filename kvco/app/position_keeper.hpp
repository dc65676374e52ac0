// Stores up to where a handler has handled everything: one write at a time, at most one in each interval.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <kvco/app/app_core.hpp>
#include <kvco/app/delivery.hpp>
#include <kvco/app/handler_plan.hpp>
#include <kvco/app/low_water.hpp>
#include <memory>
#include <string>

namespace kvco::handling {

class position_keeper : public std::enable_shared_from_this<position_keeper> {
 public:
  /// @param text_of  the position after a revision
  position_keeper(std::shared_ptr<app_core> core, std::shared_ptr<const handler_plan> plan,
                  std::function<std::string(revision)> text_of);

  /// Without a position nothing is kept.
  bool is_used() const noexcept { return plan_->load || !plan_->position_bucket.empty(); }
  boost::asio::awaitable<std::string> load();
  void begin(const delivery& item);
  void finish(const delivery& item);
  /// One entry that is not handled would let the list of those after it grow without a limit.
  bool is_full() const noexcept { return water_.size() >= max_open; }
  /// All that can be stored is stored.
  bool is_idle() const noexcept { return !is_saving_; }
  /// Without a pause from now on.
  void drain();
  /// A position that is not stored is given up.
  void cancel();

  revision handled_to() const noexcept { return water_.mark(); }
  revision stored_to() const noexcept { return stored_; }
  const std::string& last_error() const noexcept { return last_error_; }

 private:
  static constexpr std::size_t max_open = 65'536;

  static boost::asio::awaitable<void> save_all(std::shared_ptr<position_keeper> self);
  boost::asio::awaitable<void> save(std::string text);
  void start_saving();
  boost::asio::awaitable<void> pause(duration shortest);

  std::shared_ptr<app_core> core_;
  std::shared_ptr<const handler_plan> plan_;
  std::function<std::string(revision)> text_of_;
  low_water water_;
  revision stored_ = 0;
  bool is_saving_ = false, is_draining_ = false, is_cancelled_ = false;
  boost::asio::steady_timer timer_;
  boost::asio::cancellation_signal cancel_;
  std::string last_error_;
};

}  // namespace kvco::handling
