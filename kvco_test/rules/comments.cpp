#include <kvco_test/readme/wording.hpp>
#include <kvco_test/rules/comments.hpp>

#include <algorithm>
#include <regex>

namespace kvco::test {
namespace {

/// Blanks each match, so that places stay. A name between backticks, a call and a parameter are code.
std::string without_code(const std::string& comments) {
  static const std::regex code(R"re(`[^`\n]*`|[A-Za-z_]+\(\)|@param +[A-Za-z_]+)re");
  std::string out = comments;
  for (std::sregex_iterator it(comments.begin(), comments.end(), code), end; it != end; ++it) {
    const auto begin = out.begin() + it->position();
    std::fill(begin, begin + it->length(), '`');
  }
  return out;
}

/// A line without a comment ends a paragraph.
std::string in_paragraphs(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') out.erase(out.find_last_not_of(' ') + 1);
    out += c;
  }
  return out;
}

}  // namespace

std::vector<std::string> problems_of_comments(const std::vector<source>& tree,
                                              std::span<const std::string_view> exceptions) {
  std::vector<std::string> out;
  std::vector<bool> needed(exceptions.size());
  for (const source& each : tree) {
    const auto odd = odd_wordings(in_paragraphs(without_code(each.comments)));
    const auto known = std::find(exceptions.begin(), exceptions.end(), each.path);
    if (known != exceptions.end()) {
      if (!odd.empty()) needed[static_cast<std::size_t>(known - exceptions.begin())] = true;
      continue;
    }
    for (const odd_wording& one : odd)
      out.push_back(place_of(each, one.line) + ": \"" + one.found + "\" - rather: " + one.instead);
  }
  for (std::size_t i = 0; i < exceptions.size(); ++i) {
    if (!needed[i]) out.push_back(std::string(exceptions[i]) + ": is no exception any more");
  }
  return out;
}

}  // namespace kvco::test
