// A TCP socket, with TLS on it or not, that reads and writes without waiting and waits only where it must.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <kvco/net/tls_engine.hpp>
#include <kvco/net/transport.hpp>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace kvco::net {

/// Encodes a part of the data to be written into a channel.
class part_encoder {
 public:
  virtual error_code encode(const std::vector<std::string_view>& part) = 0;

 protected:
  ~part_encoder() = default;
};

/// One reader, one writer. Data to be written is encoded with put() and sent with send().
class byte_channel {
 public:
  using tcp = asio::ip::tcp;
  /// So much is encoded at a time, and written before more is.
  static constexpr std::size_t max_part = 64 * 1024;

  explicit byte_channel(tcp::socket socket);

  tcp::socket& socket() noexcept { return socket_; }
  asio::awaitable<step_result> secure(std::shared_ptr<ssl_ctx_st> context, tls_settings settings);
  bool secured() const noexcept { return established_; }

  /// As transport::read_some() and try_read(). Bytes that try_read() has left, and the end, come in a later
  /// turn of the reactor.
  asio::awaitable<io_result> read_some(std::span<char> room);
  std::size_t try_read(std::span<char> room);

  /// As transport::try_write() and write(), in parts of this size at most. `pieces` and `encoder` have to live as long as it.
  write_result try_write(const std::vector<std::string_view>& pieces, std::size_t most,
                         part_encoder& encoder);
  asio::awaitable<error_code> write(const std::vector<std::string_view>* pieces, std::size_t most,
                                    part_encoder* encoder);
  /// The turns of others.
  asio::awaitable<void> turn();

  /// Appends to the data to be sent. Pieces are for TLS: they share its records.
  error_code put(const std::vector<std::string_view>& pieces);
  error_code put(std::string_view bytes);
  /// The socket takes it all, or (false) does not at once, or has failed.
  bool send() noexcept;
  asio::awaitable<error_code> send_all();
  /// The bytes not yet sent. During the handshake, the handshake sends them.
  std::size_t unsent() const noexcept { return handshaking_ ? 0 : output_.size() - sent_; }

  /// TLS's goodbye, FIN.
  asio::awaitable<void> finish();
  void close() noexcept;

 private:
  asio::awaitable<error_code> handshake();
  template <class Append>
  error_code keep(Append append);
  error_code encrypt(const std::vector<std::string_view>& pieces);
  io_result decrypt(std::span<char> room);
  io_result receive(std::span<char> room) noexcept;
  void came(io_result got) noexcept;

  tcp::socket socket_;
  std::string output_;  // from `sent_` on it is to be sent
  std::size_t sent_ = 0;
  error_code send_failure_, end_;  // end_: nothing more will come, for this reason
  std::shared_ptr<ssl_ctx_st> context_;
  std::optional<tls_engine> tls_;
  std::unique_ptr<char[]> input_;  // of TLS
  std::string record_;             // pieces that are smaller than a record, gathered
  std::vector<std::string_view> part_;
  bool handshaking_ = false, established_ = false;
};

}  // namespace kvco::net
