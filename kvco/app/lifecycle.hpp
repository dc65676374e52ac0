// In which phase an app is, and why it ends.
#pragma once

#include <algorithm>
#include <cstdint>
#include <exception>
#include <string_view>
#include <utility>

namespace kvco {

/// The phases of an app.
enum class app_phase : std::uint8_t {
  registering,  ///< run() was not called
  starting,     ///< on_startup, then the watches and subscriptions are established, then after_startup
  running,      ///< until stop(), a signal, or a failure
  draining,     ///< on_shutdown, then the handlers end, then after_shutdown
  ended,
};
std::string_view to_string(app_phase phase) noexcept;

namespace handling {

/// The phases only go forward. Of several reasons to stop the first is kept.
class lifecycle {
 public:
  app_phase phase() const noexcept { return phase_; }
  /// False: it has begun before.
  bool begin() noexcept;
  void started() noexcept { advance(app_phase::running); }
  void drain() noexcept { advance(app_phase::draining); }
  void end() noexcept { advance(app_phase::ended); }

  void stop(std::exception_ptr why = {}) noexcept;
  /// As stop(). Asked a second time, the handlers are not waited for.
  void interrupt() noexcept;
  void hurry() noexcept { is_hurried_ = true; }
  bool is_stopped() const noexcept { return is_stopped_; }
  bool is_hurried() const noexcept { return is_hurried_; }
  /// Why run() throws; nothing: it was asked to stop.
  const std::exception_ptr& failure() const noexcept { return failure_; }

 private:
  void advance(app_phase to) noexcept { phase_ = std::max(phase_, to); }

  app_phase phase_ = app_phase::registering;
  bool is_stopped_ = false;
  bool is_interrupted_ = false;
  bool is_hurried_ = false;
  std::exception_ptr failure_;
};

}  // namespace handling
}  // namespace kvco
