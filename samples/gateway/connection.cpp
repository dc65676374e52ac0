#include "connection.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <tuple>

namespace gateway {

namespace beast = boost::beast;
namespace http = boost::beast::http;

constexpr auto nothrow = asio::as_tuple(asio::use_awaitable);

namespace {

/// All lines of a field as one list (RFC 9110, 5.3); nothing: the field is absent.
std::optional<std::string> list_in(const http::fields& from, http::field name) {
  const auto [first, last] = from.equal_range(name);
  if (first == last) return std::nullopt;
  std::string out(first->value());
  for (auto it = std::next(first); it != last; ++it) out += ", " + std::string(it->value());
  return out;
}

request request_from(const http::request<http::string_body>& from, target where) {
  const auto field = [&](http::field name) { return std::string(from[name]); };
  request out;
  out.method = std::string(from.method_string());
  out.where = std::move(where);
  out.host = field(http::field::host);
  out.origin = field(http::field::origin);
  out.authorization = field(http::field::authorization);
  out.cookie = field(http::field::cookie);
  out.conditions.if_match = list_in(from, http::field::if_match);
  out.conditions.if_none_match = list_in(from, http::field::if_none_match);
  out.conditions.if_unmodified_since = list_in(from, http::field::if_unmodified_since);
  out.last_event_id = std::string(from["Last-Event-ID"]);
  return out;
}

problem problem_of_header(const beast::error_code& error, const server_limits& limits) {
  if (error == http::error::header_limit || error == http::error::buffer_overflow)
    return {431, "header-too-large", "the header has more than " + std::to_string(limits.header) + " bytes"};
  if (error == http::error::body_limit)
    return {413, "body-too-large", "the body has more than " + std::to_string(limits.body) + " bytes"};
  return {400, "malformed-request", error.message()};
}

}  // namespace

asio::awaitable<void> connection::run() {
  const auto self = shared_from_this();
  while (!stopping_ && co_await serve_one()) {
  }
  co_await linger();
}

asio::awaitable<void> connection::refuse(problem why) {
  const auto self = shared_from_this();
  co_await fail(std::move(why));
  co_await linger();
}

void connection::stop() {
  stopping_ = true;
  if (source_) source_->stop();
  if (idle_) stream_.cancel();
}

void connection::abort() { stream_.close(); }

/// The time between requests has a limit of its own.
asio::awaitable<bool> connection::wait_for_request() {
  if (buffer_.size() > 0) co_return true;
  idle_ = true;
  stream_.expires_after(service_.limits.idle_time);
  auto [error, size] = co_await stream_.async_read_some(buffer_.prepare(8 * 1024), nothrow);
  idle_ = false;
  buffer_.commit(size);
  co_return !error;
}

/// False: the connection ends.
asio::awaitable<bool> connection::serve_one() {
  if (!co_await wait_for_request()) co_return false;
  parser from;
  from.header_limit(static_cast<std::uint32_t>(service_.limits.header));
  from.body_limit(service_.limits.body);
  const beast::error_code error = co_await read_header(from);
  if (error && late_) co_return co_await fail({408, "slow-request", "the header took too long"});
  if (error == http::error::end_of_stream || error == http::error::partial_message) co_return false;
  if (error && error.category() != http::make_error_code(http::error::end_of_stream).category())
    co_return false;  // of the socket: there is no client to answer
  if (error) co_return co_await fail(problem_of_header(error, service_.limits));
  ++service_.counts.requests;
  const bool head = from.get().method() == http::verb::head;
  const unsigned version = from.get().version();
  auto where = parse_target(from.get().target());
  if (!where)
    co_return co_await fail({400, "malformed-target", "the target is no path with a valid encoding"});
  if (version > 10 && from.get().count(http::field::host) != 1)
    co_return co_await fail({400, "malformed-request", "exactly one field Host is needed"});
  request made = request_from(from.get(), std::move(*where));
  if (const auto refused = service_.rules.refusal(made); refused && !from.is_done())
    co_return co_await fail(*refused);  // its body is not read
  if (!co_await read_body(from)) co_return false;
  const bool keep_alive = from.keep_alive();
  made.body = std::move(from.get().body());
  response out = co_await answer(service_.to, service_.rules, std::move(made));
  co_return co_await send(std::move(out), head, keep_alive && !stopping_, version);
}

/// Most headers have come as a whole with the first read: no time limit has to be set for those.
asio::awaitable<beast::error_code> connection::read_header(parser& from) {
  beast::error_code error;
  late_ = false;
  buffer_.consume(from.put(buffer_.data(), error));
  if (error != http::error::need_more) co_return error;
  begin_deadline(service_.limits.header_time);
  std::tie(error, std::ignore) = co_await http::async_read_header(stream_, buffer_, from, nothrow);
  end_deadline();
  co_return error;
}

asio::awaitable<bool> connection::read_body(parser& from) {
  if (from.is_done()) co_return true;
  if (beast::iequals(from.get()[http::field::expect], "100-continue")) {
    http::response<http::empty_body> go_on(http::status::continue_, from.get().version());
    stream_.expires_after(service_.limits.write_time);
    auto [error, size] = co_await http::async_write(stream_, go_on, nothrow);
    if (error) co_return false;
  }
  begin_deadline(service_.limits.body_time);
  auto [error, size] = co_await http::async_read(stream_, buffer_, from, nothrow);
  end_deadline();
  if (!error) co_return true;
  if (late_) co_return co_await fail({408, "slow-request", "the body took too long"});
  if (error.category() == http::make_error_code(http::error::end_of_stream).category() &&
      error != http::error::end_of_stream && error != http::error::partial_message)
    co_await fail(problem_of_header(error, service_.limits));
  co_return false;
}

/// Unlike the time limit of the stream itself, which closes it, this one leaves a stream on which the client can be answered.
void connection::begin_deadline(std::chrono::milliseconds time) {
  stream_.expires_never();
  timing_ = true;
  late_ = false;
  deadline_.expires_after(time);
  wait_for_deadline();
}

void connection::wait_for_deadline() {
  deadline_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
    if (error || !self->timing_) return;
    self->late_ = true;
    self->stream_.cancel();
    self->deadline_.expires_after(std::chrono::milliseconds(50));  // again, if it came between two reads
    self->wait_for_deadline();
  });
}

void connection::end_deadline() {
  timing_ = false;
  deadline_.cancel();
}

/// An answer after which the connection ends.
asio::awaitable<bool> connection::fail(problem why) {
  ++service_.counts.refused;
  response out = to_response(why);
  if (why.status == 401) out.fields.emplace_back("WWW-Authenticate", "Bearer");
  co_await send(std::move(out), false, false, 11);
  co_return false;
}

/// A client that still sends would lose the response if the socket were closed at once.
asio::awaitable<void> connection::linger() {
  beast::error_code ignored;
  stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  buffer_.clear();
  stream_.expires_after(std::chrono::seconds(1));
  for (int i = 0; i < 64; ++i) {
    auto [error, size] = co_await stream_.async_read_some(buffer_.prepare(16 * 1024), nothrow);
    if (error) break;
  }
  stream_.close();
}

}  // namespace gateway
