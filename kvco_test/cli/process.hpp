// A program that a test runs: what it prints, and how it ends. Plain POSIX.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace kvco::test {

struct finished {
  int code = -1;  // 128 and the signal if one has ended it
  std::string out, err;
};

class process {
 public:
  /// `variables` are its whole environment, beside PATH. `on_terminal`: all three streams are a terminal of so many columns.
  process(std::vector<std::string> words, const std::map<std::string, std::string>& variables,
          int on_terminal = 0);
  ~process();
  process(const process&) = delete;
  process& operator=(const process&) = delete;

  void write(std::string_view bytes);
  void close_input();
  /// Nobody reads its output any more.
  void close_output();
  void signal(int number) const;

  /// Takes what has come. True: it has ended, and everything is taken.
  bool has_ended();
  /// Throw when it lasts too long.
  finished wait();
  void wait_for_output(std::string_view text);
  void wait_for_error(std::string_view text);

 private:
  void take();

  pid_t pid_ = -1;
  int input_ = -1, output_ = -1, error_ = -1;
  finished so_far_;
};

}  // namespace kvco::test
