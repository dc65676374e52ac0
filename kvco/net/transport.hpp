// A byte stream to a server.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <kvco/error.hpp>
#include <kvco/net/tls_settings.hpp>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kvco::net {

namespace asio = boost::asio;

struct io_result {
  error_code code;
  std::size_t size = 0;
};

/// How far a write has come that does not wait.
struct write_result {
  std::size_t taken = 0;  // of the pieces: they are not needed any more
  bool whole = false;     // the connection has all that was to be written
};

/// The outcome of a step of the handshake, with the details of a failure.
struct step_result {
  step_result() = default;
  step_result(error_code why, std::string words) : code(why), detail(std::move(words)) {}
  error_code code;
  std::string detail;
};

/// An open byte stream. One read and one write at a time; close() ends both with operation_aborted.
class transport {
 public:
  virtual ~transport() = default;
  /// TLS from here on, as a client, before anything else is read or written: the server's certificate must be valid for
  /// `settings.name`.
  virtual asio::awaitable<step_result> secure(tls_settings settings) = 0;
  /// True: others on the network path can neither read nor change the data.
  virtual bool secured() const noexcept = 0;
  /// Waits for bytes. No error and no bytes: none came for the caller, but it has to write the bytes that the
  /// transport owes().
  virtual asio::awaitable<io_result> read_some(std::span<char> room) = 0;
  /// Reads the bytes that have already arrived, without waiting. 0: none has, or the end; read_some()
  /// distinguishes them. A transport for which one read_some() takes all that has arrived returns 0 without a check.
  /// Must not be called before a read_some() has ended.
  virtual std::size_t try_read(std::span<char> room) = 0;
  /// Writes the bytes that the connection accepts without waiting: perhaps only a part, including after an
  /// error; write() of the rest, even if empty, then waits or reports the error. Must not be called before a
  /// write() has ended.
  virtual write_result try_write(const std::vector<std::string_view>& pieces) = 0;
  /// Writes all of the pieces, gathered, and those that try_write() has left.
  virtual asio::awaitable<error_code> write(const std::vector<std::string_view>& pieces) = 0;
  /// There are bytes to write that no caller has passed to it: the answers of its own protocol to data it has
  /// read.
  virtual bool owes() const noexcept = 0;
  /// Reports that no more will be written (FIN, or a close frame): closing at once would reset the connection
  /// and discard data that the server has not read yet.
  virtual asio::awaitable<void> finish() = 0;
  virtual void close() noexcept = 0;
};

}  // namespace kvco::net
