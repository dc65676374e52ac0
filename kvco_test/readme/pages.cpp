#include <kvco_test/readme/pages.hpp>
#include <kvco_test/support/judges/source_tree.hpp>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <map>
#include <regex>
#include <set>

namespace kvco::test {
namespace {

namespace fs = std::filesystem;

bool is_fence(const std::string& line) {
  const std::size_t at = line.find_first_not_of(' ');
  return at != std::string::npos && (line.compare(at, 3, "```") == 0 || line.compare(at, 3, "~~~") == 0);
}

std::string placed(const page& in, std::size_t line) { return in.file + ":" + std::to_string(line); }

/// Without the indentation that all lines share.
std::vector<std::string> aligned(std::vector<std::string> code) {
  std::size_t shared = std::string::npos;
  for (const std::string& line : code) shared = std::min(shared, line.find_first_not_of(' '));
  for (std::string& line : code) line.erase(0, std::min(shared, line.size()));
  return code;
}

bool has_excerpt(const std::vector<std::string>& file, const std::vector<std::string>& code) {
  const auto size = static_cast<std::ptrdiff_t>(code.size());
  for (auto at = file.begin(); file.end() - at >= size; ++at) {
    if (aligned({at, at + size}) == aligned(code)) return true;
  }
  return false;
}

/// Lines with blank blocks of code, so that numbers of lines stay.
std::vector<std::string> without_blocks(const page& in) {
  std::vector<std::string> lines = in.lines;
  bool inside = false;
  for (std::string& line : lines) {
    const bool fence = is_fence(line);
    if (inside || fence) line.assign(line.size(), ' ');
    if (fence) inside = !inside;
  }
  return lines;
}

void blank(std::string& text, const std::regex& pattern, char with) {
  std::string out = text;
  for (std::sregex_iterator it(text.begin(), text.end(), pattern), end; it != end; ++it) {
    const auto begin = out.begin() + it->position();
    std::replace_if(
        begin, begin + it->length(), [](char c) { return c != '\n'; }, with);
  }
  text = out;
}

/// A heading's text -> its anchor.
std::string slug(const std::string& heading) {
  std::string out;
  for (const char c : heading) {
    if (c == ' ') out += '-';
    if (std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_')
      out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return out;
}

page page_of(const std::string& file) { return {file, lines_of(text_of(file))}; }

}  // namespace

std::vector<page> all_pages() {
  std::vector<page> pages;
  for (auto entry = fs::recursive_directory_iterator(source_root);
       entry != fs::recursive_directory_iterator(); ++entry) {
    const std::string file = entry->path().lexically_relative(source_root).generic_string();
    if (file == "build" || file == ".git") entry.disable_recursion_pending();
    if (entry->path().extension() == ".md") pages.push_back(page_of(file));
  }
  std::ranges::sort(pages, {}, &page::file);
  return pages;
}

std::vector<code_block> blocks_of(const page& in) {
  static const std::regex tag(" *<!-- (\\S+) -->");
  std::vector<code_block> out;
  for (std::size_t i = 0; i < in.lines.size(); ++i) {
    if (!is_fence(in.lines[i])) continue;
    code_block found{in.lines[i].substr(in.lines[i].find_first_not_of(' ') + 3), {}, {}, i + 1};
    std::smatch named;
    if (i > 0 && std::regex_match(in.lines[i - 1], named, tag)) found.source = named[1];
    while (++i < in.lines.size() && !is_fence(in.lines[i])) found.code.push_back(in.lines[i]);
    out.push_back(std::move(found));
  }
  return out;
}

std::vector<page_link> links_of(const page& in) {
  static const std::regex link("\\]\\(([^)#\\s]*)(#([^)\\s]*))?\\)"), elsewhere("[a-z]+:.*");
  const std::vector<std::string> lines = without_blocks(in);
  const fs::path folder = fs::path(in.file).parent_path();
  std::vector<page_link> out;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    for (std::sregex_iterator it(lines[i].begin(), lines[i].end(), link), end; it != end; ++it) {
      const std::string target = (*it)[1];
      if (std::regex_match(target, elsewhere)) continue;
      const fs::path full = target.empty() ? fs::path(in.file) : folder / target;
      out.push_back({full.lexically_normal().generic_string(), (*it)[3], i + 1});
    }
  }
  return out;
}

std::vector<std::string> anchors_of(const page& in) {
  static const std::regex heading("#+ +(.*)");
  std::map<std::string, int> seen;
  std::vector<std::string> out;
  for (const std::string& line : without_blocks(in)) {
    std::smatch parts;
    if (!std::regex_match(line, parts, heading)) continue;
    const std::string anchor = slug(parts[1]);
    const int before = seen[anchor]++;
    out.push_back(before == 0 ? anchor : anchor + "-" + std::to_string(before));
  }
  return out;
}

std::string prose_of(const page& in) {
  static const std::regex code("`[^`]*`"), target("\\]\\([^)]*\\)"), comment("<!--[^\n]*-->");
  std::string text;
  for (const std::string& line : without_blocks(in)) text += line + '\n';
  blank(text, code, '`');
  blank(text, target, ' ');
  blank(text, comment, ' ');
  return text;
}

std::vector<std::string> problems_of_code(const page& in) {
  static const std::set<std::string> known = {"cpp", "cmake", "sh", "text"};
  std::vector<std::string> out;
  for (const code_block& shown : blocks_of(in)) {
    const std::string where = placed(in, shown.line);
    if (!known.contains(shown.language)) {
      out.push_back(where + ": a block in `" + shown.language + "`, which is none of cpp, cmake, sh, text");
    } else if (shown.source.empty()) {
      if (shown.language == "cpp") out.push_back(where + ": C++ without the file that it is from");
    } else if (!fs::is_regular_file(source_root / shown.source)) {
      out.push_back(where + ": " + shown.source + " does not exist");
    } else if (!has_excerpt(lines_of(text_of(shown.source)), shown.code)) {
      out.push_back(where + ": is not in " + shown.source);
    }
  }
  return out;
}

std::vector<std::string> problems_of_links(const page& in) {
  std::vector<std::string> out;
  for (const page_link& link : links_of(in)) {
    const std::string where = placed(in, link.line) + ": " + link.target;
    const bool here = link.target == in.file;
    if (!here && !fs::exists(source_root / link.target)) {
      out.push_back(where + " does not exist");
    } else if (!link.anchor.empty()) {
      const std::vector<std::string> anchors = anchors_of(here ? in : page_of(link.target));
      if (std::ranges::find(anchors, link.anchor) == anchors.end())
        out.push_back(where + " has no heading #" + link.anchor);
    }
  }
  return out;
}

std::vector<std::string> unreachable(const std::vector<page>& pages) {
  std::set<std::string> reached = {"README.md"};
  for (std::size_t before = 0; before != reached.size();) {
    before = reached.size();
    for (const page& from : pages) {
      if (!reached.contains(from.file)) continue;
      for (const page_link& link : links_of(from)) reached.insert(link.target);
    }
  }
  std::vector<std::string> out;
  for (const page& each : pages) {
    if (!reached.contains(each.file)) out.push_back(each.file);
  }
  return out;
}

}  // namespace kvco::test
