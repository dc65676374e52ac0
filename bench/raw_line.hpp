// The floor's connection: bytes over TCP, TLS or a WebSocket, with nothing between the system call and the caller that is not
// needed. Plain POSIX and OpenSSL: shares no code with kvco.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace kvco::bench {

/// Every call throws std::runtime_error when the connection fails.
class raw_line {
 public:
  virtual ~raw_line() = default;
  /// All of it.
  virtual void send(std::string_view bytes) = 0;
  /// Copies received bytes, as many as fit; 0: none have arrived. Does not wait.
  virtual std::size_t receive(char* to, std::size_t room) = 0;
  /// To wait for.
  virtual int descriptor() const = 0;
};

std::unique_ptr<raw_line> raw_tcp(const std::string& host, const std::string& port);
/// TLS from here on; the server's certificate is not verified.
std::unique_ptr<raw_line> raw_tls(std::unique_ptr<raw_line> tcp);
/// A WebSocket from here on, without compression.
std::unique_ptr<raw_line> raw_websocket(std::unique_ptr<raw_line> below, const std::string& host);

}  // namespace kvco::bench
