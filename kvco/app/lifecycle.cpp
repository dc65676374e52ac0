// The phases of an app.
#include <kvco/app/lifecycle.hpp>

namespace kvco {

std::string_view to_string(app_phase phase) noexcept {
  switch (phase) {
    case app_phase::registering:
      return "registering";
    case app_phase::starting:
      return "starting";
    case app_phase::running:
      return "running";
    case app_phase::draining:
      return "draining";
    case app_phase::ended:
      return "ended";
  }
  return "unknown";
}

namespace handling {

bool lifecycle::begin() noexcept {
  if (phase_ != app_phase::registering) return false;
  phase_ = app_phase::starting;
  return true;
}

void lifecycle::stop(std::exception_ptr why) noexcept {
  is_stopped_ = true;
  if (why && !failure_) failure_ = std::move(why);
}

void lifecycle::interrupt() noexcept {
  if (is_interrupted_) is_hurried_ = true;
  is_interrupted_ = true;
  stop();
}

}  // namespace handling
}  // namespace kvco
