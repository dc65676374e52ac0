// Somebody who asks the server all the time, on a connection and a thread of its own: shows when the server, or the machine, is slow.
#pragma once

#include <atomic>
#include <cstdint>
#include <kvco_test/chaos/soak/calls.hpp>
#include <thread>
#include <vector>

namespace kvco::chaos::soak {

/// From so long a silence on, calls may not be answered in time: a quarter of the shortest timeout that is not far too short.
inline constexpr duration long_silence = std::chrono::milliseconds(400);

class witness {
 public:
  explicit witness(std::uint16_t port) : port_(port), thread_([this] { ask(); }) {}
  witness(const witness&) = delete;
  witness& operator=(const witness&) = delete;
  ~witness() { end(); }

  void end();
  /// What was seen until end().
  const std::vector<trouble>& silences() const { return silences_; }

 private:
  void ask();

  std::uint16_t port_;
  std::vector<trouble> silences_;
  std::atomic<bool> over_ = false;
  std::thread thread_;
};

}  // namespace kvco::chaos::soak
