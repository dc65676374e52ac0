// What lives as long as one connection: the stream, its parser, its write queue, its handshake.
#pragma once

#include <kvco/core/link.hpp>
#include <kvco/core/outbox.hpp>
#include <kvco/net/signal.hpp>
#include <kvco/net/transport.hpp>
#include <kvco/wire/parser.hpp>
#include <memory>
#include <string>
#include <utility>

namespace kvco::net {

struct connection {
  connection(const asio::any_io_executor& executor, std::unique_ptr<transport> opened)
      : stream(std::move(opened)), link(out), has_output(executor) {}

  /// Ends the connection for this reason; the first reason stays.
  void fail(error_code why, std::string words) {
    if (!code) {
      code = why;
      detail = std::move(words);
    }
    stream->close();
    closed = true;
    has_output.set();
  }

  std::unique_ptr<transport> stream;
  core::outbox out;
  core::link link;
  wire::parser parser;
  signal has_output;  // the writer waits for it
  error_code code;    // why it ended
  std::string detail;
  bool closed = false;
  bool finishing = false;  // write what is queued, then FIN
};

}  // namespace kvco::net
