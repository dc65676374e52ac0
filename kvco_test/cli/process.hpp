// A program that a test runs: what it prints, and how it ends. Plain POSIX.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace kvco::test {

/// By a signal, until it gets SIGCONT.
bool is_stopped(pid_t pid);
/// Whether there is such a process, and it has not ended.
bool is_alive(pid_t pid);

/// Looks again and again until it holds. Throws when it lasts too long.
void wait_until(const std::function<bool()>& condition, const std::string& what);

struct finished {
  int code = -1;  // 128 and the signal if one has ended it
  std::string out, err;
};

class process {
 public:
  /// `variables` are its whole environment, beside PATH. `on_terminal`: all three streams are a terminal of so many columns, whose
  /// keys send signals.
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

  bool is_stopped() const;
  /// How many bytes of its output are in the pipe.
  std::size_t unread() const;
  /// Its exit code, while its output is not read. Throws when it lasts too long.
  int wait_unread();

  /// Takes what has come. True: it has ended, and everything is taken.
  bool has_ended();
  /// Throw when it lasts too long.
  finished wait();
  void wait_for_output(std::string_view text);
  void wait_for_error(std::string_view text);

 private:
  void take();
  bool is_over();

  pid_t pid_ = -1;
  int input_ = -1, output_ = -1, error_ = -1;
  finished so_far_;
};

}  // namespace kvco::test
