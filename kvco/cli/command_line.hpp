// The words of a command line -> a verb with its arguments and flags.
#pragma once

#include <kvco/cli/parsed.hpp>
#include <kvco/cli/verb.hpp>
#include <string>
#include <vector>

namespace kvco::cli {

struct command_line {
  const verb* which = nullptr;  // nullptr: none was given
  parsed values;
};

enum class wanted_arguments { all, those_that_are_there };

/// `words` without the name of the program. Throws a usage error.
command_line parse(const std::vector<std::string>& words, wanted_arguments wanted = wanted_arguments::all);

}  // namespace kvco::cli
