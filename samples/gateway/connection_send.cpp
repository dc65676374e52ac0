#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/http/chunk_encode.hpp>
#include <boost/beast/http/write.hpp>
#include <iostream>

#include "connection.hpp"

namespace gateway {

namespace http = boost::beast::http;

constexpr auto nothrow = asio::as_tuple(asio::use_awaitable);

namespace {

/// The page loads its files from here and nothing else; other responses may load nothing at all.
constexpr std::string_view page_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri "
    "'none'; "
    "form-action 'none'; frame-ancestors 'none'";
constexpr std::string_view data_policy = "default-src 'none'; frame-ancestors 'none'; sandbox";

/// To be written as one buffer: Beast visits its list of buffers several times for each write.
constexpr std::size_t max_copied_body = 16 * 1024;
std::string serialized(http::response<http::string_body>& message) {
  std::string out;
  http::response_serializer<http::string_body> from(message);
  boost::beast::error_code error;
  while (!error && !from.is_done()) {
    from.next(error, [&](boost::beast::error_code&, const auto& buffers) {
      std::size_t size = 0;
      for (const asio::const_buffer each : boost::beast::buffers_range_ref(buffers)) {
        out.append(static_cast<const char*>(each.data()), each.size());
        size += each.size();
      }
      from.consume(size);
    });
  }
  return out;
}

template <class Message>
void set_head(Message& to, const response& from) {
  to.result(from.status);
  to.reason(title_of(from.status));
  if (!from.content_type.empty()) to.set(http::field::content_type, from.content_type);
  for (const auto& [name, value] : from.fields) to.set(name, value);
  const bool page = from.content_type.starts_with("text/html");
  to.set("Content-Security-Policy", page ? page_policy : data_policy);
  to.set("X-Content-Type-Options", "nosniff");
  to.set("Referrer-Policy", "no-referrer");
  to.set("Cross-Origin-Resource-Policy", "same-origin");
}

}  // namespace

/// False: the connection ends.
asio::awaitable<bool> connection::send(response what, bool head, bool keep_alive, unsigned version) {
  if (what.source && !head) co_return co_await send_source(std::move(what), keep_alive, version);
  http::response<http::string_body> message;
  message.version(version);
  set_head(message, what);
  message.keep_alive(keep_alive);
  const bool bodiless = what.status == 204 || what.status == 304;
  if (!bodiless && !what.source) message.content_length(what.body.size());
  if (!bodiless && !head) message.body() = std::move(what.body);
  stream_.expires_after(service_.limits.write_time);
  if (message.body().size() <= max_copied_body) {
    const std::string bytes = serialized(message);
    auto [error, size] = co_await asio::async_write(stream_, asio::buffer(bytes), nothrow);
    co_return !error && keep_alive;
  }
  auto [error, size] = co_await http::async_write(stream_, message, nothrow);
  co_return !error && keep_alive;
}

/// HTTP/1.0 has no chunks: there the body ends with the connection.
asio::awaitable<bool> connection::send_source(response what, bool keep_alive, unsigned version) {
  using namespace asio::experimental::awaitable_operators;
  const bool chunked = version > 10;
  http::response<http::empty_body> message;
  message.version(version);
  set_head(message, what);
  message.chunked(chunked);
  keep_alive = keep_alive && chunked && !what.source->endless();
  message.keep_alive(keep_alive);
  http::response_serializer<http::empty_body> serializer(message);
  stream_.expires_after(service_.limits.write_time);
  auto [error, size] = co_await http::async_write_header(stream_, serializer, nothrow);
  if (error) co_return false;
  source_ = std::move(what.source);
  if (stopping_) source_->stop();
  bool whole = false;
  if (source_->endless()) {
    auto ended = co_await (write_parts(chunked) || read_until_closed());
    whole = ended.index() == 0 && std::get<0>(ended);
  } else {
    whole = co_await write_parts(chunked);
  }
  source_.reset();
  co_return whole&& keep_alive;
}

/// Sends each part when the one before was written: a slow client delays no other. Returns whether the body is complete. A viewer that
/// leaves ends it, too.
asio::awaitable<bool> connection::write_parts(bool chunked) {
  try {
    while (true) {
      const std::optional<std::string> part = co_await source_->next();
      stream_.expires_after(service_.limits.write_time);
      if (!part) break;
      if (chunked) {
        auto [error, size] =
            co_await asio::async_write(stream_, http::make_chunk(asio::buffer(*part)), nothrow);
        if (error) co_return false;
      } else {
        auto [error, size] = co_await asio::async_write(stream_, asio::buffer(*part), nothrow);
        if (error) co_return false;
      }
    }
    if (!chunked) co_return true;
    auto [error, size] = co_await asio::async_write(stream_, http::make_chunk_last(), nothrow);
    co_return !error;
  } catch (const std::exception& failure) {
    const auto* error = dynamic_cast<const boost::system::system_error*>(&failure);
    const bool left = error != nullptr && error->code() == asio::error::operation_aborted;
    if (!left) std::clog << "gateway: a response broke off: " << failure.what() << std::endl;
    stream_.close();
    co_return false;
  }
}

/// Notices that a viewer has gone, also while there is nothing to send.
asio::awaitable<void> connection::read_until_closed() {
  buffer_.clear();
  stream_.expires_never();
  while (true) {
    auto [error, size] = co_await stream_.async_read_some(buffer_.prepare(4096), nothrow);
    if (error) co_return;
  }
}

}  // namespace gateway
