// A client that does no work at all. See the header.
#include <bench/raw.hpp>

#include <charconv>
#include <cstring>
#include <ctime>
#include <stdexcept>

#include <poll.h>

namespace kvco::bench {
namespace {

constexpr std::size_t read_size = 256 * 1024, write_size = 256 * 1024;
constexpr std::chrono::seconds patience(30);

[[noreturn]] void fail(const std::string& what) { throw std::runtime_error("raw client: " + what); }

std::size_t number(std::string_view text) {
  std::size_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// Cuts the last word off.
std::string_view take_last(std::string_view& line) {
  const std::size_t space = line.rfind(' ');
  const std::string_view word = line.substr(space + 1);
  line = space == std::string_view::npos ? std::string_view() : line.substr(0, space);
  return word;
}

// The members of CONNECT for `user:password@`, which it cuts off; empty: there is no user.
std::string take_user(std::string_view& url) {
  const std::size_t end = url.find('@'), colon = url.find(':');
  if (end == std::string_view::npos) return {};
  const std::string user(url.substr(0, colon)), password(url.substr(colon + 1, end - colon - 1));
  url.remove_prefix(end + 1);
  return "\"user\":\"" + user + "\",\"pass\":\"" + password + "\",";
}

}  // namespace

raw_client::raw_client(std::string_view url) : buffer_(read_size, '\0') {
  std::string_view scheme = "nats";
  if (const std::size_t end = url.find("://"); end != std::string_view::npos) {
    scheme = url.substr(0, end);
    url.remove_prefix(end + 3);
  }
  const std::string user = take_user(url);
  const std::size_t colon = url.find(':');
  line_ = raw_tcp(std::string(url.substr(0, colon)),
                  colon == std::string_view::npos ? "4222" : std::string(url.substr(colon + 1)));
  if (scheme == "wss") line_ = raw_tls(std::move(line_));
  if (scheme.starts_with("ws")) line_ = raw_websocket(std::move(line_), std::string(url));
  const frame info = wait();
  constexpr std::string_view before = "\"version\":\"";
  const std::size_t at = info.line.find(before) + before.size();
  version_ = info.line.substr(at, info.line.find('"', at) - at);
  if (scheme == "tls") line_ = raw_tls(std::move(line_));
  send("CONNECT {" + user +
       "\"verbose\":false,\"pedantic\":false,\"headers\":true,\"no_responders\":true,\"protocol\":1}\r\n"
       "SUB R.* 1\r\nSUB A.* 2\r\nSUB L.* 3\r\nPING\r\n");
  if (wait().line != "PONG") fail("no PONG");
}

void raw_client::send(std::string_view bytes) { line_->send(bytes); }

void raw_client::fill() {
  if (!fill(std::chrono::steady_clock::now() + patience)) fail("the server is silent");
}

bool raw_client::fill(time_point until) {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == buffer_.size()) buffer_.resize(2 * buffer_.size());
  while (true) {
    const std::size_t got = line_->receive(buffer_.data() + end_, buffer_.size() - end_);
    end_ += got;
    if (got > 0) return true;
    const auto left =
        std::chrono::duration_cast<std::chrono::nanoseconds>(until - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    const timespec wait{left.count() / 1'000'000'000, left.count() % 1'000'000'000};
    pollfd readable{line_->descriptor(), POLLIN, 0};
    ::ppoll(&readable, 1, &wait, nullptr);
  }
}

bool raw_client::next(frame& found) {
  const std::string_view bytes(buffer_.data() + begin_, end_ - begin_);
  const std::size_t line_end = bytes.find("\r\n");
  if (line_end == std::string_view::npos) return false;
  std::string_view line = bytes.substr(0, line_end);
  if (line.starts_with("-ERR") && !takes_errors_) fail(std::string(line));
  std::size_t used = line_end + 2;
  found = {line, {}, {}};
  if (line.starts_with("MSG ") || line.starts_with("HMSG ")) {
    const std::size_t total = number(take_last(line));
    const std::size_t header = found.line.front() == 'H' ? number(take_last(line)) : 0;
    if (bytes.size() < used + total + 2) return false;
    found.header = bytes.substr(used, header);
    found.payload = bytes.substr(used + header, total - header);
    used += total + 2;
  } else if (line == "PING") {
    send("PONG\r\n");
    begin_ += used;
    return next(found);
  }
  begin_ += used;
  return true;
}

raw_client::frame raw_client::wait() {
  frame found;
  while (!next(found)) fill();
  return found;
}

std::string raw_client::request(std::string_view subject, std::string_view payload) {
  send("PUB " + std::string(subject) + " A." + std::to_string(++names_) + " " +
       std::to_string(payload.size()) + "\r\n" + std::string(payload) + "\r\n");
  while (true) {
    const frame answer = wait();
    if (!answer.line.starts_with("MSG A.")) continue;
    if (answer.payload.find("\"error\":") != std::string_view::npos) {
      fail(std::string(subject) + ": " + std::string(answer.payload));
    }
    return std::string(answer.payload);
  }
}

std::string_view raw_client::frame::subject() const {
  const std::size_t begin = line.find(' ') + 1;
  return line.substr(begin, line.find(' ', begin) - begin);
}

// A refusal of the stream has a status, or an error in place of the sequence: it would come three times as fast.
void raw_client::check(reply kind, const frame& answer) {
  const bool good = kind == reply::pub_ack
                        ? answer.header.empty() && answer.payload.find("\"seq\":") != std::string_view::npos
                        : answer.header.starts_with("NATS/1.0\r\n");
  if (!good) fail("the reply is an error: " + std::string(answer.header) + std::string(answer.payload));
}

void raw_client::pipeline(std::size_t total, std::size_t window,
                          const std::function<void(std::string&, std::size_t)>& append,
                          const std::function<bool(const frame&)>& on_reply) {
  std::string out;
  std::size_t sent = 0, answered = 0;
  while (answered < total) {
    out.clear();
    while (sent < total && sent - answered < window) {
      append(out, sent++);
      if (out.size() < write_size) continue;
      send(out);  // while it is in the processor's cache
      out.clear();
    }
    send(out);
    fill();
    for (frame found; next(found);) {
      if (found.line.find("MSG ") > 1) continue;  // INFO again
      if (on_reply(found)) ++answered;
    }
  }
}

void raw_client::pipeline(std::size_t total, std::size_t window, reply kind,
                          const std::function<void(std::string&, std::size_t)>& append) {
  pipeline(total, window, append, [kind](const frame& answer) {
    check(kind, answer);
    return true;
  });
}

void raw_client::number_reply(std::string& out, std::size_t end, std::uint64_t number) {
  char* digit = out.data() + end;
  for (int i = 0; i < 10; ++i, number /= 10) *--digit = static_cast<char>('0' + number % 10);
}

std::string encode_put(std::string_view bucket, std::string_view key, std::string_view value,
                       std::string_view reply_subject) {
  return "PUB $KV." + std::string(bucket) + "." + std::string(key) + " " + std::string(reply_subject) + " " +
         std::to_string(value.size()) + "\r\n" + std::string(value) + "\r\n";
}

std::string encode_get(std::string_view bucket, std::string_view key, std::string_view reply_subject) {
  return "PUB $JS.API.DIRECT.GET.KV_" + std::string(bucket) + ".$KV." + std::string(bucket) + "." +
         std::string(key) + " " + std::string(reply_subject) + " 0\r\n\r\n";
}

}  // namespace kvco::bench
