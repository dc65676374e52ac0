#include <kvco_test/rules/sizes.hpp>

#include <algorithm>

namespace kvco::test {
namespace {

std::size_t limit_of(std::string_view path) {
  const bool is_public_header = path.ends_with(".hpp") && path.find('/') == path.rfind('/');
  return is_public_header ? max_lines_of_public_header : max_lines;
}

std::string counted(std::string_view path, std::size_t lines) {
  return std::string(path) + ": " + std::to_string(lines) + " lines";
}

}  // namespace

std::vector<std::string> problems_of_sizes(const std::vector<source>& tree,
                                           std::span<const long_file> exceptions) {
  std::vector<std::string> out;
  std::vector<std::size_t> all;
  std::vector<bool> needed(exceptions.size());
  for (const source& each : tree) {
    if (!each.path.starts_with("kvco/")) continue;
    const std::size_t lines = each.lines();
    all.push_back(lines);
    if (lines <= limit_of(each.path)) continue;
    const auto known = std::find_if(exceptions.begin(), exceptions.end(),
                                    [&](const long_file& file) { return file.path == each.path; });
    if (known != exceptions.end()) needed[static_cast<std::size_t>(known - exceptions.begin())] = true;
    const std::size_t limit = known == exceptions.end() ? limit_of(each.path) : known->lines;
    if (lines > limit) out.push_back(counted(each.path, lines) + ", the maximum is " + std::to_string(limit));
  }
  for (std::size_t i = 0; i < exceptions.size(); ++i) {
    if (!needed[i]) out.push_back(std::string(exceptions[i].path) + ": is no exception any more");
  }
  std::sort(all.begin(), all.end());
  if (!all.empty() && all[all.size() / 2] > max_median_lines)
    out.push_back(counted("the median", all[all.size() / 2]));
  return out;
}

}  // namespace kvco::test
