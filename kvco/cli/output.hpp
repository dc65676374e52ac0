// The output of the command: to standard output, without keeping the connection or a signal waiting for its reader.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cstddef>
#include <string>
#include <string_view>

namespace kvco::cli {

namespace asio = boost::asio;

/// The reader of standard output has closed it (`| head`).
struct output_closed {};

enum class colour { red, green, yellow, bold };

class output {
 public:
  explicit output(asio::any_io_executor executor);
  ~output();
  output(const output&) = delete;
  output& operator=(const output&) = delete;

  /// Kept until flush().
  void write(std::string_view text) { waiting_ += text; }
  /// So much is kept that it should be flushed.
  bool is_full() const noexcept;
  /// Waits until the reader has taken everything. False: because of stop() it has not, and the rest is dropped. Throws output_closed, or
  /// a failure that names the reason.
  asio::awaitable<bool> flush();
  /// The reader is not waited for any more: it gets as much as it takes at once.
  void stop();

  bool is_terminal() const noexcept { return is_terminal_; }
  /// The columns of the terminal; 0: it is not one.
  std::size_t width() const;

  void use_colours(bool on) noexcept { colours_ = on; }
  std::string coloured(colour in, std::string_view text) const;

 private:
  void open();

  asio::posix::stream_descriptor descriptor_;
  int flags_ = 0;  // as they were
  bool is_terminal_;
  bool colours_ = false, is_stopped_ = false, is_cut_ = false;
  std::string waiting_;
};

/// The columns of a terminal; 0: it is not one.
std::size_t width_of_terminal(int descriptor);
/// To standard output, for text that needs no reactor. Throws as flush() does.
void print(std::string_view text);

/// `--color` and the environment -> whether to use colours: "always", "never", or "auto": on a terminal, without NO_COLOR.
bool wants_colours(std::string_view setting, bool is_terminal);

}  // namespace kvco::cli
