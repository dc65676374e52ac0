// A small blocking NATS client for tests: the independent opinion on what the server holds. Shares no code with kvco.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <stdexcept>
#include <string>
#include <string_view>

namespace kvco::test {

/// A message as it came: `headers` is the raw block, from "NATS/1.0" to the empty line, or empty.
struct raw_message {
  std::string subject;
  std::string sid;
  std::string reply;
  std::string headers;
  std::string payload;

  int status() const;                               ///< The number after "NATS/1.0", or 0.
  std::string header(std::string_view name) const;  ///< The first value of that name, or "".
};

/// The server is there and does not answer: it is paused, or what was asked went nowhere.
struct raw_silence : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Every call throws std::runtime_error when the server says -ERR or closes the connection, and raw_silence when it
/// says nothing for `longest`.
class raw_client {
 public:
  /// Connects to 127.0.0.1. `connect_fields` is added to the CONNECT object, e.g. R"("user":"a","pass":"b")".
  explicit raw_client(std::uint16_t port, std::string_view connect_fields = {},
                      std::chrono::milliseconds longest = std::chrono::seconds(10));
  ~raw_client();
  raw_client(const raw_client&) = delete;
  raw_client& operator=(const raw_client&) = delete;

  const std::string& info() const { return info_; }  ///< The JSON of the server's first INFO.

  void publish(std::string_view subject, std::string_view payload, std::string_view reply = {},
               std::string_view header_lines = {});
  std::string subscribe(std::string_view subject);  ///< Returns the sid.
  void unsubscribe(std::string_view sid);
  raw_message next(std::string_view sid);  ///< The next message of a subscription, in order.
  /// Returns when the server has read all that was sent. A stream stores what it was sent a little later.
  void flush();

  /// Publishes with a fresh reply subject and returns the one reply. `header_lines` is e.g. "Nats-Msg-Id: 7\r\n".
  /// Nobody listening shows as status() 503.
  raw_message request(std::string_view subject, std::string_view payload = {},
                      std::string_view header_lines = {});

  // Below the protocol: bytes as they are, for tests of what a server does with odd input.
  void send(std::string_view bytes);
  std::string read_line();  ///< Without its CRLF.
  std::string read_bytes(std::size_t count);

 private:
  using time_point = std::chrono::steady_clock::time_point;

  void connect(std::uint16_t port);
  void fill(time_point deadline);
  std::string read_line(time_point deadline);
  std::string read_bytes(std::size_t count, time_point deadline);
  void handle(const std::string& line, time_point deadline);
  void read_message(const std::string& line, time_point deadline);

  int socket_ = -1;
  std::chrono::milliseconds patience_;
  std::string buffer_;
  std::size_t at_ = 0;  // what lies before it was read
  std::string info_;
  std::deque<raw_message> messages_;
  std::size_t pongs_ = 0;
  unsigned next_sid_ = 0;
};

}  // namespace kvco::test
