// A WebSocket without I/O, by Beast: bytes from the peer go in, bytes for the peer come out.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <kvco/net/environment.hpp>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kvco::net {

class websocket_engine {
 public:
  websocket_engine(const asio::any_io_executor& executor, const dial_plan& plan);
  websocket_engine(const websocket_engine&) = delete;
  websocket_engine& operator=(const websocket_engine&) = delete;
  ~websocket_engine();

  /// Begins the upgrade by HTTP. How it has ended, as soon as it has: see opened().
  void open(const core::server_url& server);
  const std::optional<step_result>& opened() const noexcept;

  /// Received bytes go here, then came() or, after an error of the connection, ended() is called.
  std::span<char> input_room() noexcept;
  void came(std::size_t size);
  void ended(error_code why);
  /// The content of the frames received. would_block: more input first. eof: the peer has closed the
  /// WebSocket.
  io_result read(std::span<char> room);

  /// One message, in one frame.
  error_code write(const std::vector<std::string_view>& pieces);
  /// The largest message that the server takes.
  std::size_t max_message() const noexcept;
  /// A close frame.
  void finish();

  /// The bytes for the peer; the caller removes them.
  std::string& output() noexcept;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace kvco::net
