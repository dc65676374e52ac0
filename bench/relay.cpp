// A connection that can be cut. See the header.
#include <bench/relay.hpp>

#include <cstring>
#include <stdexcept>

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace kvco::bench {
namespace {

void no_delay(int socket) {
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

// With a reset, as when a network goes away, not in order.
void reset(int socket) {
  const linger now{1, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  ::close(socket);
}

// Passes the bytes of `from` to `to`; false: the connection is over. Traffic is low: blocking sends suffice.
bool pass(int from, int to, std::vector<char>& buffer) {
  const ssize_t got = ::recv(from, buffer.data(), buffer.size(), 0);
  if (got <= 0) return false;
  for (ssize_t sent = 0; sent < got;) {
    const ssize_t more = ::send(to, buffer.data() + sent, static_cast<std::size_t>(got - sent), MSG_NOSIGNAL);
    if (more < 0) return false;
    sent += more;
  }
  return true;
}

}  // namespace

relay::relay(const std::string& url) : buffer_(64 * 1024) {
  const std::size_t host = url.find("//") + 2, colon = url.rfind(':');
  host_ = url.substr(host, colon - host);
  server_port_ = url.substr(colon + 1);
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* any = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_, any, size) != 0 || ::listen(listener_, 16) != 0 ||
      ::getsockname(listener_, any, &size) != 0 || ::pipe(wake_) != 0) {
    throw std::runtime_error(std::string("relay: ") + std::strerror(errno));
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { pass_on(); });
}

relay::~relay() {
  ended_ = true;
  cut();
  thread_.join();
  drop_all();
  for (const int one : {listener_, wake_[0], wake_[1]}) ::close(one);
}

void relay::cut() {
  if (::write(wake_[1], "c", 1) != 1) throw std::runtime_error("relay: it cannot be woken");
}

int relay::connect() const {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host_.c_str(), server_port_.c_str(), &hints, &found) != 0) return -1;
  const int made = ::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool good = ::connect(made, found->ai_addr, found->ai_addrlen) == 0;
  ::freeaddrinfo(found);
  if (good) return made;
  ::close(made);
  return -1;
}

void relay::accept() {
  pair made;
  made.client = ::accept(listener_, nullptr, nullptr);
  made.server = connect();
  no_delay(made.client);
  no_delay(made.server);
  if (made.client >= 0 && made.server >= 0) {
    pairs_.push_back(made);
  } else if (made.client >= 0) {
    ::close(made.client);
  }
}

void relay::drop_all() {
  for (const pair& p : pairs_) {
    reset(p.client);
    reset(p.server);
  }
  pairs_.clear();
}

void relay::pass_on() {
  std::vector<pollfd> watched;
  while (!ended_) {
    watched = {{wake_[0], POLLIN, 0}, {listener_, POLLIN, 0}};
    for (const pair& p : pairs_) {
      watched.push_back({p.client, POLLIN, 0});
      watched.push_back({p.server, POLLIN, 0});
    }
    if (::poll(watched.data(), watched.size(), -1) < 0) continue;
    if (watched[0].revents != 0) {
      char ignored = 0;
      if (::read(wake_[0], &ignored, 1) == 1) drop_all();
      continue;
    }
    for (std::size_t i = pairs_.size(); i-- > 0;) {
      const pair p = pairs_[i];
      const bool good = (watched[2 + 2 * i].revents == 0 || pass(p.client, p.server, buffer_)) &&
                        (watched[3 + 2 * i].revents == 0 || pass(p.server, p.client, buffer_));
      if (good) continue;
      reset(p.client);
      reset(p.server);
      pairs_.erase(pairs_.begin() + static_cast<std::ptrdiff_t>(i));
    }
    if (watched[1].revents != 0) accept();
  }
}

}  // namespace kvco::bench
