// TLS without I/O: bytes from the peer go in, bytes for the peer come out.
#pragma once

#include <kvco/net/transport.hpp>
#include <memory>
#include <span>
#include <string>
#include <string_view>

struct bio_st;
struct ssl_ctx_st;
struct ssl_st;

namespace kvco::net {

class tls_engine {
 public:
  /// The largest piece of plain text in one record.
  static constexpr std::size_t record_size = 16 * 1024;

  /// A client's side. Whatever is called, the records that follow from it are appended to `output`, also behind an error (alerts).
  tls_engine(ssl_ctx_st* context, std::string& output);
  tls_engine(const tls_engine&) = delete;
  tls_engine& operator=(const tls_engine&) = delete;
  ~tls_engine();

  ssl_st* native_handle() const noexcept { return connection_.get(); }

  /// Bytes from the peer. They are read until all of them are used: until a call returns would_block.
  void input(std::string_view bytes) noexcept { input_ = bytes; }

  /// would_block: it goes on with more input.
  error_code handshake();
  /// As many records as are available and fit. would_block: more input first. eof: the peer has sent
  /// close_notify.
  io_result read(std::span<char> room);
  error_code write(std::string_view text);
  /// Sends close_notify.
  void finish();

 private:
  struct release {
    void operator()(ssl_st* connection) const noexcept;
  };
  struct input_output;  // OpenSSL's way to both
  friend struct input_output;
  error_code reason(int result) const;

  std::string_view input_;
  std::string& output_;
  std::unique_ptr<ssl_st, release> connection_;
  error_code failure_;  // of the last read(): it stays
};

}  // namespace kvco::net
