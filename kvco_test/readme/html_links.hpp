// The links of pages in HTML: each leads to a file, and to a place in it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace kvco::test {

struct html_report {
  std::size_t pages = 0, links = 0;   ///< that were looked at; links to other hosts are not
  std::vector<std::string> problems;  ///< "errors.html: gone.html does not exist", sorted
};

/// Of all files .html below the folder.
html_report check_html_links(const std::filesystem::path& folder);

}  // namespace kvco::test
