// The load of the gateway (samples/gateway): plain sockets, requests that were encoded beforehand, responses that are only checked.
#pragma once

#include <bench/task.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace kvco::bench {

/// A gateway of its own, until the end.
class gateway_process {
 public:
  /// @param nats_url  of its server
  gateway_process(const std::string& program, const std::string& nats_url);
  ~gateway_process();
  gateway_process(const gateway_process&) = delete;
  gateway_process& operator=(const gateway_process&) = delete;

  std::uint16_t port() const noexcept { return port_; }
  /// Its memory that is resident now.
  std::uint64_t resident_bytes() const;

 private:
  pid_t process_ = -1;
  int output_ = -1;
  std::uint16_t port_ = 0;
};

/// task::operations reads of one key each, over task::flight connections with one request in flight each. Throws unless every response
/// is 200 with the whole value.
outcome gateway_gets(std::uint16_t port, const task& what);

/// Streams of events of one bucket. Every call throws if a stream ends.
class gateway_viewers {
 public:
  explicit gateway_viewers(std::uint16_t port);
  ~gateway_viewers();
  gateway_viewers(const gateway_viewers&) = delete;
  gateway_viewers& operator=(const gateway_viewers&) = delete;

  /// Opens this many more, and waits until each has all keys.
  void add(std::size_t count);
  /// Waits until each of them has this many changes, counted from its beginning.
  void wait_for(std::size_t changes);
  std::size_t size() const noexcept { return viewers_.size(); }

 private:
  struct viewer {
    int socket = -1;
    std::string rest{};  // the last bytes received, in which a name may begin
    std::size_t changes = 0;
    bool has_all = false;
  };
  void read_some();
  void take(viewer& of, std::string_view bytes);

  std::uint16_t port_;
  int events_;
  std::vector<viewer> viewers_;
};

}  // namespace kvco::bench
