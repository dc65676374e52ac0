// What lives as long as one connection: the stream, its parser, its reader and its writer.
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

/// After FIN the server closes at once; one that does not is not waited for longer.
inline constexpr auto last_words = std::chrono::seconds(1);

/// What waits for the socket in the middle of a turn is written when it is this much.
inline constexpr std::size_t enough_to_write = 64 * 1024;

class connection final : public core::line, private core::timed {
 public:
  connection(session& owner, core::server_url where, std::unique_ptr<transport> opened);

  /// Reads until the end: code and detail say why it came.
  asio::awaitable<void> talk(std::shared_ptr<connection> self);
  /// Writes what the socket did not take at once, until the end.
  asio::awaitable<void> write_rest(std::shared_ptr<session> owner, std::shared_ptr<connection> self);
  /// Writes as much as the socket takes at once; the rest, if any, is the writer's.
  void flush() noexcept;
  bool is_writing() const noexcept { return writing_; }

  /// Ends it for this reason; the first reason stays.
  void fail(error_code why, std::string words);
  /// Ends it because the server is in lame duck mode: what is in flight is answered first.
  void leave() noexcept;
  void leave_if_idle();
  /// Writes what is queued, then FIN; ends when the server has closed it, too.
  void finish() noexcept;
  /// Its deadlines: handshake, pings.
  void begin_clock() noexcept;
  void stop_clock() noexcept;
  /// Frees what waits for it.
  void abandon() noexcept;
  /// TLS, before anything else is sent. False: it has ended.
  asio::awaitable<bool> secure(std::shared_ptr<connection> self);

  core::server_url server;
  std::unique_ptr<transport> stream;
  wire::parser parser;
  signal interrupted;  // rung when it ends, or when credentials that were asked for have come
  error_code code;     // why it ended
  std::string detail;
  std::optional<core::error_line> last_error;  // an -ERR with which the server ended it
  bool introduction_failed = false;            // there were no credentials to show

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
  void end_leave();
  void leave_to_writer(const std::vector<std::string_view>& pieces, std::size_t taken);
  void on_deadline(core::time_point now) override;
  template <class Turn>
  void as_reader(Turn turn);

  session& session_;
  std::span<char> room_;  // of the parser, for the next read
  signal has_output_;     // the writer waits for it: the socket did not take all at once
  std::vector<std::string_view> unwritten_;
  std::string unwritable_;  // why no more can be written
  bool writing_ = false;    // of `unwritten_`
  bool finishing_ = false;
  bool lame_duck_told_ = false;
};

}  // namespace kvco::net
