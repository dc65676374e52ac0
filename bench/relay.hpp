// A connection that can be cut: a TCP relay on a thread of its own, between a client and its server.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

namespace kvco::bench {

class relay {
 public:
  /// Listens on a free port of 127.0.0.1 and passes connections on to `url`.
  explicit relay(const std::string& url);
  ~relay();
  relay(const relay&) = delete;
  relay& operator=(const relay&) = delete;

  std::string url() const { return "nats://127.0.0.1:" + std::to_string(port_); }
  /// Resets all connections; new ones are taken at once.
  void cut();

 private:
  struct pair {
    int client = -1, server = -1;
  };

  void pass_on();
  void accept();
  int connect() const;
  void drop_all();

  std::string host_, server_port_;
  std::vector<pair> pairs_;
  std::vector<char> buffer_;
  std::thread thread_;
  std::atomic<bool> ended_{false};
  int listener_ = -1, wake_[2] = {-1, -1};
  std::uint16_t port_ = 0;
};

}  // namespace kvco::bench
