// A relay between a client and a real server that lets one write be lost, or the answer to it.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <memory>
#include <string>

namespace kvco::test {

/// Works on the test's reactor. Passes everything on, until it is armed: then it lets through the next request that holds a
/// text, keeps back what the server says after it, and ends the connection.
class ack_thief {
 public:
  ack_thief(const boost::asio::any_io_executor& executor, std::uint16_t server);
  ~ack_thief();
  ack_thief(const ack_thief&) = delete;
  ack_thief& operator=(const ack_thief&) = delete;

  std::string url() const;
  /// The server carries out the next request with this text, and its answer is lost.
  void steal_ack_of(std::string text);
  /// The request itself is lost.
  void steal_write_of(std::string text);
  /// False: connections are closed as soon as they are made.
  void take_connections(bool yes);
  /// Thefts so far.
  int thefts() const;
  void close();

 private:
  struct state;
  std::shared_ptr<state> state_;
};

}  // namespace kvco::test
