// The order per key and the concurrency across keys.
#include <kvco/app/key_lanes.hpp>

#include <utility>

namespace kvco::handling {

std::optional<std::uint64_t> key_lanes::last_waiting(std::string_view key) const {
  const auto found = lanes_.find(std::string(key));
  if (found == lanes_.end() || found->second.waiting.empty()) return std::nullopt;
  return found->second.waiting.back();
}

void key_lanes::push(std::string_view key, std::uint64_t number) {
  lane_map::value_type& found = *lanes_.try_emplace(std::string(key)).first;
  found.second.waiting.push_back(number);
  ++queued_;
  if (!found.second.is_running && found.second.waiting.size() == 1) first_.emplace(number, &found);
}

std::optional<std::uint64_t> key_lanes::start() {
  if (!can_start()) return std::nullopt;
  const auto [number, found] = *first_.begin();
  first_.erase(first_.begin());
  found->second.waiting.pop_front();
  found->second.is_running = true;
  --queued_;
  running_.emplace(number, found);
  return number;
}

void key_lanes::finish(std::uint64_t number) {
  const auto ended = running_.find(number);
  if (ended == running_.end()) return;
  lane_map::value_type& found = *ended->second;
  running_.erase(ended);
  found.second.is_running = false;
  if (found.second.waiting.empty()) {
    lanes_.erase(lanes_.find(found.first));
  } else {
    first_.emplace(found.second.waiting.front(), &found);
  }
}

void key_lanes::drop_queued() {
  first_.clear();
  queued_ = 0;
  for (auto each = lanes_.begin(); each != lanes_.end();) {
    each->second.waiting.clear();
    each = each->second.is_running ? std::next(each) : lanes_.erase(each);
  }
}

}  // namespace kvco::handling
