// Plain technical English: the habits that make prose sound translated, found in a text, with the words to use instead.
#pragma once

#include <string>
#include <vector>

namespace kvco::test {

/// A place where a text has a word that readers stumble over.
struct odd_wording {
  std::size_t line = 0;  // counted from 1
  std::string found;     // as it is written, on one line
  std::string instead;   // words to choose from
};

/// In the order of the text. `prose` is text alone: what is not prose (code, names of tests) is blank in it, or `.
std::vector<odd_wording> odd_wordings(const std::string& prose);

}  // namespace kvco::test
