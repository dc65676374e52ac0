// One connection to a server: its stream, its parser, its reader and its writer.
#pragma once

#include <chrono>
#include <cstddef>
#include <kvco/core/line.hpp>
#include <kvco/core/server_url.hpp>
#include <kvco/net/signal.hpp>
#include <kvco/net/transport.hpp>
#include <kvco/wire/parser.hpp>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kvco::net {

class session;

/// The maximum time from a FIN, or from a failed write, to the end: a server that works closes at once.
inline constexpr auto last_words = std::chrono::seconds(1);

/// Output of this size is written in the middle of a turn; less of it waits for the end of the turn.
inline constexpr std::size_t enough_to_write = 64 * 1024;

class connection final : public core::line, private core::timed, private core::ping_waiter {
 public:
  connection(session& owner, core::server_url where, std::unique_ptr<transport> opened);

  /// Reads until the connection ends: `code` and `detail` are the reason.
  asio::awaitable<void> talk(std::shared_ptr<connection> self);
  /// Writes the bytes that flush() could not write at once, until the connection ends.
  asio::awaitable<void> write_rest(std::shared_ptr<session> owner, std::shared_ptr<connection> self);
  /// Writes as much as the socket accepts without waiting, and leaves the rest to write_rest().
  void flush() noexcept;
  bool is_writing() const noexcept { return writing_; }

  /// Ends the connection for this reason; if it is called again, the first reason is kept.
  void fail(error_code why, std::string words);
  /// Ends it for this reason once the server has read everything that was written and has answered the requests in flight.
  void leave(std::string why);
  void leave_if_idle();
  /// Writes the queued output, then FIN; ends when the server has closed its side.
  void finish() noexcept;
  /// Its deadlines: handshake, pings.
  void begin_clock() noexcept;
  void stop_clock() noexcept;
  /// Destroys the coroutines that wait for it, without resuming them.
  void abandon() noexcept;
  /// The TLS handshake. False: the connection has ended.
  asio::awaitable<bool> secure(std::shared_ptr<connection> self);

  core::server_url server;
  std::unique_ptr<transport> stream;
  wire::parser parser;
  signal interrupted;  // set when it ends, or when the requested credentials have arrived
  error_code code;     // why it ended
  std::string detail;
  std::optional<core::error_line> last_error;  // an -ERR with which the server ended it
  bool credentials_failed = false;             // there were no credentials to send

 private:
  asio::awaitable<void> read(std::shared_ptr<connection> self);
  bool has_room();
  bool parse();
  bool dispatch(const wire::event& event);
  void handle(const wire::event& event);
  void on_link_event(error_code failed);
  void on_info();
  void limit_answers();
  void on_read_failure(const error_code& failed);
  void on_parse_error();
  void on_pong(core::time_point now) override;
  void leave_to_writer(const std::vector<std::string_view>& pieces, std::size_t taken);
  void on_deadline(core::time_point now) override;

  session& session_;
  std::span<char> room_;  // of the parser, for the next read
  signal has_output_;     // write_rest() waits for it
  std::vector<std::string_view> unwritten_;
  std::string unwritable_;  // the reason why nothing can be written any more
  std::string why_leave_;
  bool all_read_ = false;  // by the server, up to the PING of leave()
  bool writing_ = false;   // `unwritten_` is being written
  bool finishing_ = false;
  bool lame_duck_reported_ = false;
};

}  // namespace kvco::net
