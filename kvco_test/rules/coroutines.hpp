// Coroutines take what they need by value: a reference or a view is kept in the frame, and what it refers to may be gone when the
// coroutine goes on.
#pragma once

#include <kvco_test/rules/tree.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kvco::test {

/// A coroutine whose references are safe.
struct safe_coroutine {
  std::string_view name;  // "wait", or "net/pause.cpp: wait" if only that one is
  std::string_view why;
};

/// Functions, function types and lambdas in kvco/ that return an awaitable and take references, string_view or span. Also entries of
/// the list that no coroutine needs.
std::vector<std::string> problems_of_coroutines(const std::vector<source>& tree,
                                                std::span<const safe_coroutine> safe);

}  // namespace kvco::test
