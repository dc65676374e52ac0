// Bytes from standard input or a file, without keeping the connection waiting.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cstddef>
#include <optional>
#include <string>

namespace kvco::cli {

namespace asio = boost::asio;

class input {
 public:
  /// A path; "-" is standard input. Throws a failure that names it.
  input(asio::any_io_executor executor, std::string path);
  ~input();
  input(const input&) = delete;
  input& operator=(const input&) = delete;

  /// Some more bytes; none at the end.
  asio::awaitable<std::string> some();
  /// Everything. More than `limit` bytes are refused as soon as they have been read.
  asio::awaitable<std::string> all(std::size_t limit);
  /// The next line without its end; nothing at the end.
  asio::awaitable<std::optional<std::string>> line();

  const std::string& name() const noexcept { return name_; }

 private:
  std::string name_;
  asio::posix::stream_descriptor descriptor_;
  int flags_ = 0;     // as they were: Asio changes those of all processes that share the descriptor
  std::string rest_;  // read, and not yet taken as a line
  std::size_t taken_ = 0;
};

}  // namespace kvco::cli
