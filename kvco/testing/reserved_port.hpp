// A free TCP port for a server that a test starts.
#pragma once

#include <cstdint>

namespace kvco {

/// A local TCP port that no other process gets while this object lives, whether or not a server listens on it.
///
/// The port is bound, but not listened on. Linux lets a server that sets `SO_REUSEADDR` (nats-server does) listen on it
/// all the same, gives it to no process that asks for a free port, and refuses connections while no server is up.
class reserved_port {
 public:
  /// Reserves a port of 127.0.0.1 that was free. Throws std::runtime_error if the system has none.
  reserved_port();
  ~reserved_port();
  reserved_port(const reserved_port&) = delete;
  reserved_port& operator=(const reserved_port&) = delete;

  /// The port, the same for the life of the object.
  std::uint16_t number() const noexcept { return number_; }

 private:
  int socket_;
  std::uint16_t number_ = 0;
};

}  // namespace kvco
