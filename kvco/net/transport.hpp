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

/// How a step of the handshake ended, with what there is to say of a failure.
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
  /// What is read cannot be read, and what is written cannot be changed, by others on the way.
  virtual bool secured() const noexcept = 0;
  /// Waits for bytes. No error and no bytes: none came for the caller, but it has to write what the transport owes().
  virtual asio::awaitable<io_result> read_some(std::span<char> room) = 0;
  /// Reads what has come already, without waiting. 0: nothing has, or the end; read_some() returns what follows. A transport for which
  /// one read_some() takes all that has come returns 0 without a look. Not while a read_some() has not ended.
  virtual std::size_t try_read(std::span<char> room) = 0;
  /// Writes what the connection takes without waiting. Not whole: also after an error; write() of the rest, be it empty, returns what
  /// follows. Not while a write() has not ended.
  virtual write_result try_write(const std::vector<std::string_view>& pieces) = 0;
  /// Writes all of the pieces, gathered, and what try_write() has left.
  virtual asio::awaitable<error_code> write(const std::vector<std::string_view>& pieces) = 0;
  /// There are bytes to write that nobody has given to it, for what it has read asked for them: the answers of its own protocol.
  virtual bool owes() const noexcept = 0;
  /// Says that no more will be written (FIN, or a close frame): closing at once would reset the connection and throw away
  /// what the server has not read yet.
  virtual asio::awaitable<void> finish() = 0;
  virtual void close() noexcept = 0;
};

}  // namespace kvco::net
