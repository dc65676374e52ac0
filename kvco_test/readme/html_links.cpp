#include <kvco_test/readme/html_links.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string_view>

namespace kvco::test {
namespace {

namespace fs = std::filesystem;

struct html_page {
  std::set<std::string> anchors;
  std::vector<std::string> links;
};

std::string unescaped(std::string text) {
  for (std::size_t at; (at = text.find("&amp;")) != std::string::npos;) text.replace(at, 5, "&");
  return text;
}

/// The values of an attribute: ` href="..."`.
std::vector<std::string> values_of(const std::string& text, std::string_view attribute) {
  const std::string begin = " " + std::string(attribute) + "=\"";
  std::vector<std::string> out;
  for (std::size_t at = 0; (at = text.find(begin, at)) != std::string::npos;) {
    at += begin.size();
    const std::size_t end = std::min(text.find('"', at), text.size());
    out.push_back(unescaped(text.substr(at, end - at)));
    at = end;
  }
  return out;
}

html_page read(const fs::path& file) {
  std::ifstream in(file);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  html_page page;
  for (const char* attribute : {"id", "name"}) {
    for (std::string& value : values_of(text, attribute)) page.anchors.insert(std::move(value));
  }
  for (const char* attribute : {"href", "src"}) {
    for (std::string& value : values_of(text, attribute)) page.links.push_back(std::move(value));
  }
  return page;
}

/// Has a scheme ("https:", "javascript:"), and leads out of the folder.
bool leads_elsewhere(const std::string& link) {
  const std::size_t end = link.find_first_of(":/#?");
  return link.empty() || (end != std::string::npos && link[end] == ':');
}

}  // namespace

html_report check_html_links(const fs::path& folder) {
  std::map<std::string, html_page> pages;
  for (const auto& each : fs::recursive_directory_iterator(folder)) {
    if (each.path().extension() != ".html") continue;
    pages.emplace(each.path().lexically_relative(folder).generic_string(), read(each.path()));
  }
  html_report report;
  report.pages = pages.size();
  std::set<std::string> problems;
  for (const auto& [name, page] : pages) {
    for (const std::string& link : page.links) {
      if (leads_elsewhere(link)) continue;
      ++report.links;
      const std::size_t hash = std::min(link.find('#'), link.size());
      const std::string path = link.substr(0, std::min(link.find('?'), hash));
      const std::string anchor = link.substr(std::min(hash + 1, link.size()));
      const std::string target =
          path.empty() ? name : (fs::path(name).parent_path() / path).lexically_normal().generic_string();
      const auto found = pages.find(target);
      if (found == pages.end()) {
        if (!fs::exists(folder / target)) problems.insert(name + ": " + target + " does not exist");
      } else if (!anchor.empty() && !found->second.anchors.contains(anchor)) {
        problems.insert(name + ": " + target + " has no #" + anchor);
      }
    }
  }
  report.problems.assign(problems.begin(), problems.end());
  return report;
}

}  // namespace kvco::test
