// Starts a program.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <sys/types.h>

namespace kvco::cli {

using variables = std::vector<std::pair<std::string, std::string>>;

/// In a process group of its own, with `more` variables, and with the descriptor `input` as its standard input; -1: that of kvco. The
/// kernel kills it when kvco ends, and makes kvco the parent of the processes that it leaves behind. Throws a failure with the exit code
/// 127 if there is no such program.
pid_t start(std::vector<std::string> words, const variables& more, int input);

}  // namespace kvco::cli
