// The one deadline of a connection's life: connecting, handshake and pings, pause, last words.
#pragma once

#include <functional>
#include <kvco/core/deadlines.hpp>
#include <utility>

namespace kvco::net {

class connection_clock final : public core::timed {
 public:
  explicit connection_clock(std::function<void(core::time_point)> rings) : rings_(std::move(rings)) {}
  void on_deadline(core::time_point now) override { rings_(now); }

 private:
  std::function<void(core::time_point)> rings_;
};

}  // namespace kvco::net
