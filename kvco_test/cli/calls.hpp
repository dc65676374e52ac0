// Calls of the command with what they print, as a person would see them: kvco_test/cli/calls.txt.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace kvco::test {

struct call {
  std::string line;      // for a shell
  std::string expected;  // both streams; <word> stands for any text
  int code = 0;
  std::size_t number = 0;  // of the line in the file
};

/// "$ " begins a call, "# " a comment; what follows a call is its output, "[3]" in the last line its exit code.
std::vector<call> calls_in(std::string_view text);

/// Empty: the output is as expected. Otherwise the first line that differs.
std::string difference_to(const std::string& expected, const std::string& printed);

}  // namespace kvco::test
