// The load of the gateway. See the header.
#include <bench/gateway_load.hpp>
#include <bench/meter.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string_view>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace kvco::bench {
namespace {

constexpr int patience_ms = 60'000;

[[noreturn]] void fail(const std::string& what) { throw std::runtime_error("gateway: " + what); }

int connected(std::uint16_t port) {
  const int out = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  sockaddr address{};
  std::memcpy(&address, &to, sizeof to);
  if (out < 0 || ::connect(out, &address, sizeof to) != 0) fail(std::strerror(errno));
  const int on = 1;
  ::setsockopt(out, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return out;
}

void send_all(int to, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) fail(std::strerror(errno));
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

/// To wait for many sockets; each is known by a number.
int new_events() {
  const int out = ::epoll_create1(EPOLL_CLOEXEC);
  if (out < 0) fail(std::strerror(errno));
  return out;
}

void watch(int events, int socket, std::size_t number) {
  epoll_event one{};
  one.events = EPOLLIN;
  one.data.u64 = number;
  if (::epoll_ctl(events, EPOLL_CTL_ADD, socket, &one) != 0) fail(std::strerror(errno));
}

template <class Use>
void wait(int events, Use use) {
  std::array<epoll_event, 256> ready;
  const int count = ::epoll_wait(events, ready.data(), static_cast<int>(ready.size()), patience_ms);
  if (count == 0) fail("it is silent");
  for (int i = 0; i < count; ++i) use(static_cast<std::size_t>(ready[static_cast<std::size_t>(i)].data.u64));
}

std::string_view receive(int from, std::array<char, 64 * 1024>& into) {
  const ssize_t got = ::recv(from, into.data(), into.size(), 0);
  if (got <= 0) fail("it has closed a connection");
  return {into.data(), static_cast<std::size_t>(got)};
}

std::string request_for(std::string_view path) {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
}

/// Whether a whole response has come.
bool is_whole(std::string_view response, std::size_t value) {
  const std::size_t head = response.find("\r\n\r\n");
  if (head == std::string_view::npos) return false;
  if (!response.starts_with("HTTP/1.1 200 "))
    fail("a read was answered with " + std::string(response.substr(0, 40)));
  const std::size_t size = response.size() - head - 4;
  if (size > value) fail("a value has another size");
  return size == value;
}

/// Connections with one read in flight each.
class readers {
 public:
  readers(std::uint16_t port, const task& what)
      : what_(what), events_(new_events()), responses_(what.flight) {
    for (std::size_t i = 0; i < what.keys; ++i)
      requests_.push_back(request_for("/v1/kv/" + std::string(bucket_name) + "/" + key_name(i)));
    for (std::size_t i = 0; i < what.flight; ++i) {
      sockets_.push_back(connected(port));
      watch(events_, sockets_.back(), i);
    }
  }
  ~readers() {
    for (const int each : sockets_) ::close(each);
    ::close(events_);
  }
  readers(const readers&) = delete;
  readers& operator=(const readers&) = delete;

  outcome run() {
    meter cost(what_.operations);
    for (std::size_t i = 0; i < std::min(what_.flight, what_.operations); ++i) ask(i);
    for (std::size_t done = 0; done < what_.operations;) {
      wait(events_, [&](std::size_t number) {
        std::string& response = responses_[number];
        response += receive(sockets_[number], buffer_);
        if (!is_whole(response, what_.value)) return;
        response.clear();
        cost.done();
        ++done;
        if (asked_ < what_.operations) ask(number);
      });
    }
    return cost.finish();
  }

 private:
  void ask(std::size_t number) { send_all(sockets_[number], requests_[asked_++ % requests_.size()]); }

  task what_;
  int events_;
  std::vector<std::string> requests_, responses_;
  std::vector<int> sockets_;
  std::size_t asked_ = 0;
  std::array<char, 64 * 1024> buffer_;
};

}  // namespace

outcome gateway_gets(std::uint16_t port, const task& what) { return readers(port, what).run(); }

gateway_viewers::gateway_viewers(std::uint16_t port) : port_(port), events_(new_events()) {}

gateway_viewers::~gateway_viewers() {
  for (const viewer& each : viewers_) ::close(each.socket);
  ::close(events_);
}

void gateway_viewers::add(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    viewers_.push_back({connected(port_)});
    watch(events_, viewers_.back().socket, viewers_.size() - 1);
    send_all(viewers_.back().socket, request_for("/v1/watch/" + std::string(bucket_name)));
  }
  const auto has_all = [](const viewer& each) { return each.has_all; };
  while (!std::all_of(viewers_.begin(), viewers_.end(), has_all)) read_some();
}

void gateway_viewers::wait_for(std::size_t changes) {
  const auto has_them = [&](const viewer& each) { return each.changes >= changes; };
  while (!std::all_of(viewers_.begin(), viewers_.end(), has_them)) read_some();
}

void gateway_viewers::read_some() {
  static std::array<char, 64 * 1024> buffer;
  wait(events_,
       [&](std::size_t number) { take(viewers_[number], receive(viewers_[number].socket, buffer)); });
}

/// Counts the names of events. A name that two parts share is counted with the second one.
void gateway_viewers::take(viewer& of, std::string_view bytes) {
  constexpr std::string_view entry = "event: entry\n", all = "event: snapshot-done\n";
  std::string text = std::move(of.rest) + std::string(bytes);
  std::size_t at = 0;
  while (true) {
    const std::size_t next = text.find("event: ", at);
    if (next == std::string::npos || text.find('\n', next) == std::string::npos) {
      at = next == std::string::npos ? text.size() - std::min<std::size_t>(text.size() - at, 6) : next;
      break;
    }
    const std::string_view name = std::string_view(text).substr(next);
    if (name.starts_with(all)) of.has_all = true;
    if (name.starts_with(entry) && of.has_all) ++of.changes;
    at = next + 7;
  }
  of.rest = text.substr(at);
}

}  // namespace kvco::bench
