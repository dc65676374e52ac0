// The output of the command: to standard output, in blocks.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace kvco::cli {

/// The reader of standard output has closed it (`| head`).
struct output_closed {};

enum class colour { red, green, yellow, bold };

class output {
 public:
  explicit output(int descriptor);

  /// Throws output_closed, or a failure that names the reason.
  void write(std::string_view text);
  /// Everything that was written is in the descriptor afterwards.
  void flush();

  bool is_terminal() const noexcept { return is_terminal_; }
  /// The columns of the terminal; 0: it is not one.
  std::size_t width() const;

  void use_colours(bool on) noexcept { colours_ = on; }
  std::string coloured(colour in, std::string_view text) const;

 private:
  int descriptor_;
  bool is_terminal_;
  bool colours_ = false;
  std::string waiting_;
};

/// `--color` and the environment -> whether to use colours: "always", "never", or "auto": on a terminal, without NO_COLOR.
bool wants_colours(std::string_view setting, bool is_terminal);

}  // namespace kvco::cli
