// The wording of the comments: plain technical English, as that of the pages (readme/wording.hpp).
#pragma once

#include <kvco_test/rules/tree.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kvco::test {

/// `file:line: "words" - rather: others`. Also exceptions that are not needed any more: the list only gets shorter.
/// @param exceptions  paths of files that are not read
std::vector<std::string> problems_of_comments(const std::vector<source>& tree,
                                              std::span<const std::string_view> exceptions);

}  // namespace kvco::test
