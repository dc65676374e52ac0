#include <kvco_test/rules/tree.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <regex>
#include <utility>

namespace kvco::test {
namespace {

namespace fs = std::filesystem;

/// Where the comment or the literal ends that begins at `at`; `at` if none does.
std::size_t end_of_no_code(const std::string& text, std::size_t at) {
  const auto after = [&](std::string_view end, std::size_t from) {
    const std::size_t found = text.find(end, from);
    return found == std::string::npos ? text.size() : found + end.size();
  };
  if (text.compare(at, 2, "//") == 0) return std::min(text.find('\n', at), text.size());
  if (text.compare(at, 2, "/*") == 0) return after("*/", at + 2);
  if (text.compare(at, 2, "R\"") == 0) {
    const std::size_t open = std::min(text.find('(', at), text.size());
    return after(')' + text.substr(at + 2, open - at - 2) + '"', open);
  }
  // A quote behind a digit or a letter separates digits, or begins the literal of a prefix.
  const bool separates =
      text[at] == '\'' && at > 0 && std::isalnum(static_cast<unsigned char>(text[at - 1])) != 0;
  if ((text[at] != '"' && text[at] != '\'') || separates) return at;
  std::size_t end = at + 1;
  while (end < text.size() && text[end] != text[at] && text[end] != '\n') end += text[end] == '\\' ? 2 : 1;
  return std::min(end + 1, text.size());
}

std::string code_of(std::string text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = end_of_no_code(text, at);
    for (std::size_t i = at; i < end; ++i) {
      if (text[i] != '\n') text[i] = ' ';
    }
    at = std::max(end, at + 1);
  }
  return text;
}

std::string comments_of(const std::string& text) {
  std::string out = text;
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c != '\n'; }, ' ');
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = end_of_no_code(text, at);
    if (end > at && text[at] == '/') {
      const std::size_t begin = std::min(text.find_first_not_of("/*!<", at), end);
      out.replace(begin, end - begin, text, begin, end - begin);
    }
    at = std::max(end, at + 1);
  }
  return out;
}

source read(const fs::path& file, std::string path) {
  std::ifstream in(file);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  std::string code = code_of(text), comments = comments_of(text);
  return {std::move(path), std::move(text), std::move(code), std::move(comments)};
}

}  // namespace

std::size_t source::lines() const {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

std::vector<source> sources_of(const fs::path& root) {
  std::vector<source> out;
  for (const char* folder : {"kvco", "samples", "bench"}) {
    if (!fs::exists(root / folder)) continue;
    for (const auto& each : fs::recursive_directory_iterator(root / folder)) {
      const auto kind = each.path().extension();
      if (kind != ".hpp" && kind != ".cpp") continue;
      out.push_back(read(each.path(), each.path().lexically_relative(root).generic_string()));
    }
  }
  std::sort(out.begin(), out.end(), [](const source& a, const source& b) { return a.path < b.path; });
  return out;
}

std::vector<include> includes_of(const source& in) {
  static const std::regex directive(R"re((^|\n)[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"])re");
  std::vector<include> out;
  for (std::sregex_iterator it(in.text.begin(), in.text.end(), directive), end; it != end; ++it) {
    const auto place = static_cast<std::size_t>(it->position(2));
    out.push_back({it->str(3), line_at(in.text, place), it->str(2) == "\""});
  }
  return out;
}

std::size_t line_at(std::string_view text, std::size_t place) {
  return 1 + static_cast<std::size_t>(
                 std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(place), '\n'));
}

std::string place_of(const source& in, std::size_t line) { return in.path + ":" + std::to_string(line); }

}  // namespace kvco::test
