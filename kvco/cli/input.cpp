// Bytes from standard input or a file. See the header.
#include <kvco/cli/descriptors.hpp>
#include <kvco/cli/exit_code.hpp>
#include <kvco/cli/input.hpp>
#include <kvco/cli/texts.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace kvco::cli {
namespace {

constexpr std::size_t block = 64 * 1024;
constexpr std::size_t longest_line = 128u << 20;  // the largest value in base64, and more

}  // namespace

input::input(asio::any_io_executor executor, std::string path)
    : name_(path == "-" ? "standard input" : path), descriptor_(std::move(executor)) {
  const int opened =
      path == "-" ? opened_again(STDIN_FILENO, O_RDONLY) : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (opened < 0) throw failure(exit_code::error, name_ + ": " + std::strerror(errno));
  flags_ = ::fcntl(opened, F_GETFL);
  descriptor_.assign(opened);
}

input::~input() {
  if (descriptor_.is_open()) ::fcntl(descriptor_.native_handle(), F_SETFL, flags_);
}

asio::awaitable<std::string> input::some() {
  std::string bytes(block, '\0');
  const auto [error, size] =
      co_await descriptor_.async_read_some(asio::buffer(bytes), asio::as_tuple(asio::deferred));
  if (error == asio::error::eof) co_return std::string();
  if (error == asio::error::operation_aborted) throw boost::system::system_error(error);
  if (error) throw failure(exit_code::error, name_ + ": " + error.message());
  bytes.resize(size);
  co_return bytes;
}

asio::awaitable<std::string> input::all(std::size_t limit) {
  std::string out;
  for (;;) {
    const std::string more = co_await some();
    if (more.empty()) co_return out;
    out += more;
    if (out.size() > limit)
      throw failure(exit_code::error, name_ + ": the value is over the " + byte_size(limit) +
                                          " that the server takes (max_payload)");
  }
}

asio::awaitable<std::optional<std::string>> input::line() {
  std::size_t searched = taken_;
  for (;;) {
    const std::size_t end = rest_.find('\n', searched);
    if (end != rest_.npos) {
      std::string found = rest_.substr(taken_, end - taken_);
      taken_ = end + 1;
      co_return found;
    }
    rest_.erase(0, std::exchange(taken_, 0));
    searched = rest_.size();
    if (searched > longest_line) throw failure(exit_code::error, name_ + ": a line is too long");
    const std::string more = co_await some();
    if (more.empty()) break;
    rest_ += more;
  }
  if (rest_.empty()) co_return std::nullopt;
  co_return std::exchange(rest_, {});
}

}  // namespace kvco::cli
