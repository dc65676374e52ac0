// A small blocking NATS client for tests. See the header.
#include <kvco_test/support/server/raw_client.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <sstream>
#include <stdexcept>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace kvco::test {
namespace {

using std::chrono::steady_clock;

[[noreturn]] void fail(const std::string& what) { throw std::runtime_error("raw_client: " + what); }

std::vector<std::string> words(const std::string& line) {
  std::istringstream in(line);
  std::vector<std::string> out;
  for (std::string word; in >> word;) out.push_back(word);
  return out;
}

std::size_t number(const std::string& text) {
  std::size_t value = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (ec != std::errc{} || end != text.data() + text.size()) fail("not a number: " + text);
  return value;
}

}  // namespace

int raw_message::status() const {
  int code = 0;
  constexpr std::string_view version = "NATS/1.0 ";
  if (headers.starts_with(version)) {
    std::from_chars(headers.data() + version.size(), headers.data() + headers.size(), code);
  }
  return code;
}

std::string raw_message::header(std::string_view name) const {
  const std::string start = "\r\n" + std::string(name) + ":";
  const std::size_t at = headers.find(start);
  if (at == std::string::npos) return {};
  const std::size_t begin = headers.find_first_not_of(' ', at + start.size());
  return headers.substr(begin, headers.find("\r\n", begin) - begin);
}

raw_client::raw_client(std::uint16_t port, std::string_view connect_fields,
                       std::chrono::milliseconds patience)
    : patience_(patience) {
  try {
    connect(port);
    const std::string first = read_line();
    if (!first.starts_with("INFO ")) fail("the server begins with " + first);
    info_ = first.substr(5);
    std::string greeting = R"(CONNECT {"verbose":false,"pedantic":false,"headers":true,)"
                           R"("no_responders":true,"protocol":1,"lang":"raw","version":"0")";
    if (!connect_fields.empty()) greeting.append(",").append(connect_fields);
    send(greeting + "}\r\n");
    flush();
  } catch (...) {
    if (socket_ >= 0) ::close(socket_);
    throw;
  }
}

raw_client::~raw_client() { ::close(socket_); }

void raw_client::connect(std::uint16_t port) {
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    fail("connect to port " + std::to_string(port) + ": " + std::strerror(errno));
  }
  const int on = 1;  // a request is several sends
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

void raw_client::publish(std::string_view subject, std::string_view payload, std::string_view reply,
                         std::string_view header_lines) {
  std::ostringstream out;
  const char* verb = header_lines.empty() ? "PUB " : "HPUB ";
  out << verb << subject << ' ' << reply << (reply.empty() ? "" : " ");
  if (header_lines.empty()) {
    out << payload.size() << "\r\n";
  } else {
    const std::string block = "NATS/1.0\r\n" + std::string(header_lines) + "\r\n";
    out << block.size() << ' ' << block.size() + payload.size() << "\r\n" << block;
  }
  out << payload << "\r\n";
  send(out.str());
}

std::string raw_client::subscribe(std::string_view subject) {
  const std::string sid = std::to_string(++next_sid_);
  send("SUB " + std::string(subject) + " " + sid + "\r\n");
  return sid;
}

void raw_client::unsubscribe(std::string_view sid) { send("UNSUB " + std::string(sid) + "\r\n"); }

raw_message raw_client::next(std::string_view sid) {
  const time_point deadline = steady_clock::now() + patience_;
  const auto wanted = [&](const raw_message& m) { return m.sid == sid; };
  for (;;) {
    const auto found = std::find_if(messages_.begin(), messages_.end(), wanted);
    if (found != messages_.end()) {
      raw_message message = std::move(*found);
      messages_.erase(found);
      return message;
    }
    handle(read_line(deadline), deadline);
  }
}

void raw_client::flush() {
  send("PING\r\n");
  const time_point deadline = steady_clock::now() + patience_;
  for (const std::size_t before = pongs_; pongs_ == before;) handle(read_line(deadline), deadline);
}

raw_message raw_client::request(std::string_view subject, std::string_view payload,
                                std::string_view header_lines) {
  const std::string reply = "_INBOX.raw." + std::to_string(::getpid()) + "." + std::to_string(socket_) + "." +
                            std::to_string(next_sid_ + 1);
  const std::string sid = subscribe(reply);
  publish(subject, payload, reply, header_lines);
  try {
    raw_message answer = next(sid);
    unsubscribe(sid);
    return answer;
  } catch (const raw_silence& error) {
    throw raw_silence(error.what() + (" to " + std::string(subject)));
  }
}

void raw_client::send(std::string_view bytes) {
  const time_point deadline = steady_clock::now() + patience_;
  while (!bytes.empty()) {
    const ssize_t n = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(n));
    } else if (errno != EAGAIN && errno != EINTR) {
      fail(std::string("send: ") + std::strerror(errno));
    } else if (steady_clock::now() >= deadline) {
      throw raw_silence("raw_client: the server does not take what is sent");
    } else {
      pollfd writable{socket_, POLLOUT, 0};
      ::poll(&writable, 1, 50);
    }
  }
}

void raw_client::fill(time_point deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - steady_clock::now());
  pollfd readable{socket_, POLLIN, 0};
  if (left.count() <= 0 || ::poll(&readable, 1, static_cast<int>(left.count())) == 0) {
    throw raw_silence("raw_client: the server is silent; unread: \"" + buffer_.substr(at_) + "\"");
  }
  std::array<char, 65536> bytes;
  const ssize_t n = ::recv(socket_, bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (n > 0) {
    buffer_.erase(0, std::exchange(at_, 0));
    buffer_.append(bytes.data(), static_cast<std::size_t>(n));
  } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
    fail("the server closed the connection");
  }
}

std::string raw_client::read_line(time_point deadline) {
  std::size_t end = 0;
  while ((end = buffer_.find("\r\n", at_)) == std::string::npos) fill(deadline);
  std::string line = buffer_.substr(at_, end - at_);
  at_ = end + 2;
  return line;
}

std::string raw_client::read_bytes(std::size_t count, time_point deadline) {
  while (buffer_.size() - at_ < count) fill(deadline);
  std::string bytes = buffer_.substr(at_, count);
  at_ += count;
  return bytes;
}

std::string raw_client::read_line() { return read_line(steady_clock::now() + patience_); }

std::string raw_client::read_bytes(std::size_t count) {
  return read_bytes(count, steady_clock::now() + patience_);
}

void raw_client::read_message(const std::string& line, time_point deadline) {
  const std::vector<std::string> word = words(line);
  const bool with_headers = word[0] == "HMSG";
  const std::size_t sizes = with_headers ? 2 : 1;
  if (word.size() != 3 + sizes && word.size() != 4 + sizes) fail("malformed: " + line);
  raw_message message;
  message.subject = word[1];
  message.sid = word[2];
  if (word.size() == 4 + sizes) message.reply = word[3];
  const std::size_t total = number(word.back());
  const std::size_t headers = with_headers ? number(word[word.size() - 2]) : 0;
  message.headers = read_bytes(headers, deadline);
  message.payload = read_bytes(total - headers, deadline);
  if (read_bytes(2, deadline) != "\r\n") fail("a payload without CRLF after " + line);
  messages_.push_back(std::move(message));
}

void raw_client::handle(const std::string& line, time_point deadline) {
  if (line.starts_with("MSG ") || line.starts_with("HMSG ")) {
    read_message(line, deadline);
  } else if (line == "PING") {
    send("PONG\r\n");
  } else if (line == "PONG") {
    ++pongs_;
  } else if (!line.starts_with("INFO ") && line != "+OK") {
    fail("the server says " + line);
  }
}

}  // namespace kvco::test
