// What lives as long as one connection: the stream, its parser, its write queue, its handshake.
#pragma once

#include <algorithm>
#include <kvco/core/link.hpp>
#include <kvco/core/outbox.hpp>
#include <kvco/core/server_url.hpp>
#include <kvco/core/written_log.hpp>
#include <kvco/net/signal.hpp>
#include <kvco/net/transport.hpp>
#include <kvco/wire/parser.hpp>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace kvco::net {

struct connection {
  connection(const asio::any_io_executor& executor, core::server_url where, std::unique_ptr<transport> opened)
      : server(std::move(where)),
        stream(std::move(opened)),
        link(out, log),
        has_output(executor),
        interrupted(executor) {}

  /// Ends the connection for this reason; the first reason stays.
  void fail(error_code why, std::string words) {
    if (!code) {
      code = why;
      detail = std::move(words);
    }
    stream->close();
    closed = true;
    has_output.set();
    interrupted.set();
  }

  /// The end of a connection in lame duck mode.
  void leave() { fail(client_error::connection_lost, "the server is about to shut down"); }

  /// The writer goes on behind the first `taken` bytes of what the outbox has handed over.
  void leave_to_writer(const std::vector<std::string_view>& pieces, std::size_t taken) {
    unwritten.clear();
    for (const std::string_view piece : pieces) {
      const std::size_t done = std::min(taken, piece.size());
      taken -= done;
      if (done < piece.size()) unwritten.push_back(piece.substr(done));
    }
    writing = true;
    has_output.set();
  }

  core::server_url server;
  std::unique_ptr<transport> stream;
  core::outbox out;
  core::written_log log;
  core::link link;
  wire::parser parser;
  std::span<char> room;  // of the parser, for the next read
  signal has_output;     // the writer waits for it: there is what the socket did not take at once
  signal interrupted;    // who asks for credentials waits for it: they are there, or the connection has ended
  error_code code;       // why it ended
  std::string detail;
  std::optional<core::error_line> last_error;  // an -ERR with which the server ended it
  std::vector<std::string_view> unwritten;
  bool writing = false;    // `unwritten` is on its way
  std::string unwritable;  // why no more can be written
  bool closed = false;
  bool introduction_failed = false;  // there were no credentials to show
  bool lame_duck_told = false;
  bool finishing = false;  // write what is queued, then FIN
  bool leaving = false;    // what is in flight is answered yet, the rest waits for another server
};

}  // namespace kvco::net
