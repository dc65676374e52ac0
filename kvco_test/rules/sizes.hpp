// How long the files of kvco/ may be.
#pragma once

#include <cstddef>
#include <kvco_test/rules/tree.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kvco::test {

inline constexpr std::size_t max_lines = 300, max_lines_of_public_header = 400, max_median_lines = 120;

/// A file that is longer for now.
struct long_file {
  std::string_view path;
  std::size_t lines;  // not more than this
};

/// Also exceptions that are not needed any more: the list only gets shorter.
std::vector<std::string> problems_of_sizes(const std::vector<source>& tree,
                                           std::span<const long_file> exceptions);

}  // namespace kvco::test
