// Backpressure of a watch: when flow-control messages are answered.
#include <kvco/core/flow_window.hpp>

#include <algorithm>

namespace kvco::core {

void flow_window::request(std::string_view subject) {
  const auto same = [&](const auto& open) { return open.second == subject; };
  if (std::any_of(withheld_.begin(), withheld_.end(), same)) return;
  withheld_.emplace_back(given_, subject);
}

std::string flow_window::take_due() {
  std::string subject = std::move(withheld_.front().second);
  withheld_.erase(withheld_.begin());
  return subject;
}

void flow_window::forget() noexcept {
  if (!withheld_.empty()) room_at_ = withheld_.front().first;
  withheld_.clear();
}

}  // namespace kvco::core
