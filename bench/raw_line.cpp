// The floor's connection. See the header.
#include <bench/raw_line.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <vector>

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace kvco::bench {
namespace {

[[noreturn]] void fail(const std::string& what) { throw std::runtime_error("raw client: " + what); }

void wait_for(int descriptor, short what) {
  pollfd ready{descriptor, what, 0};
  if (::poll(&ready, 1, 30'000) == 0) fail("the server is silent");
}

class tcp_line final : public raw_line {
 public:
  tcp_line(const std::string& host, const std::string& port) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (::getaddrinfo(host.c_str(), port.c_str(), &hints, &found) != 0) fail("cannot resolve " + host);
    for (const addrinfo* one = found; one != nullptr && socket_ < 0; one = one->ai_next) {
      socket_ = ::socket(one->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
      if (socket_ >= 0 && ::connect(socket_, one->ai_addr, one->ai_addrlen) != 0) {
        ::close(socket_);
        socket_ = -1;
      }
    }
    ::freeaddrinfo(found);
    if (socket_ < 0) fail("cannot connect to " + host + ":" + port);
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  ~tcp_line() override {
    if (socket_ >= 0) ::close(socket_);
  }
  tcp_line(const tcp_line&) = delete;
  tcp_line& operator=(const tcp_line&) = delete;

  void send(std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno != EINTR) fail(std::strerror(errno));
      if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  std::size_t receive(char* to, std::size_t room) override {
    while (true) {
      const ssize_t got = ::recv(socket_, to, room, MSG_DONTWAIT);
      if (got > 0) return static_cast<std::size_t>(got);
      if (got == 0) fail("the server closed the connection");
      if (errno == EAGAIN) return 0;
      if (errno != EINTR) fail(std::strerror(errno));
    }
  }
  int descriptor() const override { return socket_; }

 private:
  int socket_ = -1;
};

/// Records go in and out by buffers in memory: one system call takes and gives many.
class tls_line final : public raw_line {
 public:
  explicit tls_line(std::unique_ptr<raw_line> tcp) : tcp_(std::move(tcp)), records_(64 * 1024) {
    SSL_CTX* const context = SSL_CTX_new(TLS_client_method());
    connection_.reset(SSL_new(context));
    SSL_CTX_free(context);
    if (!connection_) fail("no TLS");
    in_ = BIO_new(BIO_s_mem());
    out_ = BIO_new(BIO_s_mem());
    SSL_set_bio(connection_.get(), in_, out_);
    while (true) {
      const int done = SSL_connect(connection_.get());
      flush();
      if (done == 1) break;
      if (SSL_get_error(connection_.get(), done) != SSL_ERROR_WANT_READ) fail("no TLS handshake");
      while (!take()) wait_for(descriptor(), POLLIN);
    }
  }

  void send(std::string_view bytes) override {
    if (bytes.empty()) return;
    if (SSL_write(connection_.get(), bytes.data(), static_cast<int>(bytes.size())) <= 0) fail("TLS write");
    flush();
  }
  std::size_t receive(char* to, std::size_t room) override {
    std::size_t size = 0;
    do {
      std::size_t some = 0;
      while (size < room && SSL_read_ex(connection_.get(), to + size, room - size, &some) == 1) size += some;
    } while (size < room && take());
    return size;
  }
  int descriptor() const override { return tcp_->descriptor(); }

 private:
  struct release {
    void operator()(SSL* connection) const { SSL_free(connection); }
  };
  bool take() {
    const std::size_t got = tcp_->receive(records_.data(), records_.size());
    if (got > 0) BIO_write(in_, records_.data(), static_cast<int>(got));
    return got > 0;
  }
  void flush() {
    while (true) {
      const int size = BIO_read(out_, records_.data(), static_cast<int>(records_.size()));
      if (size <= 0) return;
      tcp_->send({records_.data(), static_cast<std::size_t>(size)});
    }
  }

  std::unique_ptr<raw_line> tcp_;
  std::vector<char> records_;
  std::unique_ptr<SSL, release> connection_;
  BIO *in_ = nullptr, *out_ = nullptr;  // the connection's
};

class websocket_line final : public raw_line {
 public:
  websocket_line(std::unique_ptr<raw_line> below, const std::string& host)
      : below_(std::move(below)), frames_(256 * 1024) {
    below_->send("GET / HTTP/1.1\r\nHost: " + host +
                 "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                 "Sec-WebSocket-Key: a3ZjbyBiZW5jaCBmbG9vcg==\r\n\r\n");
    const auto head = [this] { return std::string_view(frames_.data(), end_).find("\r\n\r\n"); };
    while (head() == std::string_view::npos) {
      const std::size_t got = below_->receive(frames_.data() + end_, frames_.size() - end_);
      end_ += got;
      if (got == 0) wait_for(descriptor(), POLLIN);
    }
    if (std::string_view(frames_.data(), end_).substr(0, 12) != "HTTP/1.1 101") fail("no WebSocket");
    begin_ = head() + 4;
  }

  // One masked frame of binary data.
  void send(std::string_view bytes) override {
    if (bytes.empty()) return;
    constexpr std::array<unsigned char, 4> mask{0x5a, 0xc3, 0x96, 0x17};
    out_.assign(1, '\x82');
    const auto number = [this](std::size_t value, int digits) {
      for (int shift = 8 * (digits - 1); shift >= 0; shift -= 8) out_ += static_cast<char>(value >> shift);
    };
    const auto length = [this](std::size_t seven_bits) { out_ += static_cast<char>(0x80 | seven_bits); };
    if (bytes.size() < 126) {
      length(bytes.size());
    } else if (bytes.size() < 65'536) {
      length(126);
      number(bytes.size(), 2);
    } else {
      length(127);
      number(bytes.size(), 8);
    }
    for (const unsigned char one : mask) out_ += static_cast<char>(one);
    const std::size_t begin = out_.size();
    out_ += bytes;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      out_[begin + i] = static_cast<char>(static_cast<unsigned char>(out_[begin + i]) ^ mask[i % 4]);
    }
    below_->send(out_);
  }

  std::size_t receive(char* to, std::size_t room) override {
    std::size_t size = 0;
    do {
      while (size < room && (left_ > 0 || next_frame())) {
        const std::size_t some = std::min({left_, end_ - begin_, room - size});
        if (some == 0) break;
        std::memcpy(to + size, frames_.data() + begin_, some);
        begin_ += some;
        left_ -= some;
        size += some;
      }
    } while (size < room && take());
    return size;
  }
  int descriptor() const override { return below_->descriptor(); }

 private:
  bool take() {
    std::memmove(frames_.data(), frames_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
    const std::size_t got = below_->receive(frames_.data() + end_, frames_.size() - end_);
    end_ += got;
    return got > 0;
  }
  // The server sends binary frames without a mask, and nothing else while it lives.
  bool next_frame() {
    const auto byte = [this](std::size_t at) { return static_cast<unsigned char>(frames_[begin_ + at]); };
    const std::size_t have = end_ - begin_;
    if (have < 2) return false;
    if ((byte(0) & 0x0f) > 2 || (byte(1) & 0x80) != 0) fail("a frame that is no data");
    const std::size_t digits = byte(1) == 127 ? 8 : byte(1) == 126 ? 2 : 0;
    if (have < 2 + digits) return false;
    left_ = digits == 0 ? byte(1) : 0;
    for (std::size_t i = 0; i < digits; ++i) left_ = left_ << 8 | byte(2 + i);
    begin_ += 2 + digits;
    return true;
  }

  std::unique_ptr<raw_line> below_;
  std::vector<char> frames_;
  std::size_t begin_ = 0, end_ = 0;
  std::size_t left_ = 0;  // of the current frame
  std::string out_;
};

}  // namespace

std::unique_ptr<raw_line> raw_tcp(const std::string& host, const std::string& port) {
  return std::make_unique<tcp_line>(host, port);
}
std::unique_ptr<raw_line> raw_tls(std::unique_ptr<raw_line> tcp) {
  return std::make_unique<tls_line>(std::move(tcp));
}
std::unique_ptr<raw_line> raw_websocket(std::unique_ptr<raw_line> below, const std::string& host) {
  return std::make_unique<websocket_line>(std::move(below), host);
}

}  // namespace kvco::bench
