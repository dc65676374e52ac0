// The words that a shell may offer at the cursor.
#pragma once

#include <kvco/cli/verb.hpp>
#include <string>
#include <vector>

namespace kvco::cli {

/// The word that is to be completed, and the words that may replace it.
struct completion {
  completes as = completes::nothing;
  std::vector<std::string> words{};  // those that are known without a server
  std::string begin{};               // the part of it that is written
  std::string bucket{};              // for completes::key
};

/// `words`: those after the name of the program; the last one is to be completed, and may be empty.
completion completion_of(const std::vector<std::string>& words);

}  // namespace kvco::cli
