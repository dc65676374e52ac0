// One connection of HTTP/1.1: its requests one after the other.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <memory>
#include <optional>

#include "options.hpp"
#include "routes.hpp"

namespace gateway {

struct service {
  handlers& to;
  const access& rules;
  server_limits limits;
  traffic counts{};
};

class connection : public std::enable_shared_from_this<connection> {
 public:
  connection(asio::ip::tcp::socket socket, service& serves)
      : stream_(std::move(socket)),
        deadline_(stream_.get_executor()),
        buffer_(serves.limits.header + 64 * 1024),
        service_(serves) {}

  asio::awaitable<void> run();
  /// Answers the first request, whatever it is, with `why`, and closes.
  asio::awaitable<void> refuse(problem why);
  /// The gateway ends: an idle connection closes at once, a stream of events after its last part, others after their response.
  void stop();
  void abort();

 private:
  using parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

  asio::awaitable<bool> serve_one();
  asio::awaitable<bool> wait_for_request();
  asio::awaitable<boost::beast::error_code> read_header(parser& from);
  asio::awaitable<bool> read_body(parser& from);
  asio::awaitable<bool> fail(problem why);
  asio::awaitable<bool> send(response what, bool head, bool keep_alive, unsigned version);
  asio::awaitable<bool> send_source(response what, bool keep_alive, unsigned version);
  asio::awaitable<bool> write_parts(bool chunked);
  asio::awaitable<void> read_until_closed();
  asio::awaitable<void> linger();
  void begin_deadline(std::chrono::milliseconds time);
  void end_deadline();
  void wait_for_deadline();

  boost::beast::tcp_stream stream_;
  asio::steady_timer deadline_;
  boost::beast::flat_buffer buffer_;
  service& service_;
  std::unique_ptr<body_source> source_;
  bool idle_ = false, stopping_ = false, timing_ = false, late_ = false;
};

}  // namespace gateway
