// A WebSocket server made by hand (RFC 6455) in front of a real NATS server: the words are the server's, the frames are the
// test's. Also a judge: it reads all that the client sends by the letter of the RFC, and what is in it with the strict parser.
// Shares no code with Beast.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <functional>
#include <kvco_test/support/faults/fault_proxy.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kvco::test {

// --- frames -------------------------------------------------------------------------------------------------------

enum class opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

/// How a frame differs from a whole message of a server.
struct frame_quirks {
  bool fin = true;
  unsigned reserved = 0;  ///< RSV1 is 4, RSV2 is 2, RSV3 is 1
  bool masked = false;
  int length_bits = 0;                     ///< 7, 16 or 64; 0: the fewest that will do
  std::optional<std::uint64_t> claimed{};  ///< the length in the header, whatever follows
};
std::string websocket_frame(opcode what, std::string_view payload, const frame_quirks& quirks = {});
std::string websocket_close(unsigned code, std::string_view reason = {});

/// A frame of the client, unmasked.
struct websocket_message {
  opcode what = opcode::binary;
  std::string payload;
};

/// Reads the frames of a client. An error is what the RFC forbids, and what kvco has no reason to do: text, fragments, a mask
/// that is the same as the one before.
class websocket_reader {
 public:
  std::vector<websocket_message> feed(std::string_view bytes);
  const std::string& error() const noexcept { return error_; }  ///< Nothing is read any more after it.

 private:
  bool take(websocket_message& message);
  bool fail(const char* why);

  std::string buffer_, error_, last_mask_;
  std::size_t at_ = 0;  // where the next frame begins
  bool closed_ = false;
};

// --- the relay ----------------------------------------------------------------------------------------------------

/// Makes frames of what the server says; one for each connection.
using framer = std::function<std::string(std::string_view bytes)>;

/// 101 with these further fields ("Name: value\r\n").
std::string switching_protocols(const std::string& accept, const std::string& fields = {});

/// What an upgrade is answered with.
struct upgrade_answer {
  std::function<std::string(const std::string& accept)> bytes{};
  bool serves = false;             ///< the NATS server is heard behind it
  bool joined = false;             ///< ... beginning in the same write
  std::optional<cut_with> then{};  ///< none: it stays until the client goes
};

/// Everything is to be called on the executor's thread. The destructor resets what is open.
class websocket_relay {
 public:
  /// Listens on a port of 127.0.0.1 and passes on to `target`, a plain NATS port of 127.0.0.1.
  websocket_relay(boost::asio::any_io_executor executor, std::uint16_t target);
  ~websocket_relay();
  websocket_relay(const websocket_relay&) = delete;
  websocket_relay& operator=(const websocket_relay&) = delete;

  std::uint16_t port() const;
  std::string url() const;  ///< ws://127.0.0.1:<port>

  /// How the connections from now on put words into frames. Default: each read is a message.
  void frame_with(std::function<framer()> make);
  /// Answers one upgrade so, the next that comes and was not spoken for; all others are answered as they should be.
  void answer_next(upgrade_answer answer);
  /// True: what the server says waits. False: all of it leaves as one.
  void hold(bool v);
  /// What waits on all connections.
  std::string held() const;
  /// Frames of its own, between those of the server.
  void say(std::string_view bytes);
  /// The last bytes of what is open: the server is not heard any more. None: it stays until the client goes.
  void spoil(std::string_view bytes, std::optional<cut_with> then = {});
  /// False: a close frame of the client is not followed by the end of the connection. Default true.
  void end_when_asked(bool v);

  const std::vector<std::string>& requests() const;   ///< the HTTP requests, as they came
  const std::vector<std::string>& pongs() const;      ///< the payloads
  const std::vector<std::string>& closes() const;     ///< the payloads of close frames
  std::size_t messages() const;                       ///< binary ones of the client
  const std::vector<std::string>& malformed() const;  ///< what the readers refused; must stay empty

 private:
  struct state;
  struct link;

  std::shared_ptr<state> state_;
};

}  // namespace kvco::test
