// The documentation: each Markdown file of the tree, with its blocks of code and its links.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace kvco::test {

struct page {
  std::string file;  // from the root of the repository
  std::vector<std::string> lines;
};

/// Found in the tree, so that a new page cannot be forgotten; sorted by name.
std::vector<page> all_pages();

/// Between two fences. Code of the tree follows a line `<!-- FILE -->`.
struct code_block {
  std::string language, source;
  std::vector<std::string> code;
  std::size_t line = 0;  // of the first fence, counted from 1
};
std::vector<code_block> blocks_of(const page& in);

/// A link to a file or folder of this tree.
struct page_link {
  std::string target;  // from the root of the repository
  std::string anchor;  // of a heading, without the '#'; empty: the whole file
  std::size_t line = 0;
};
std::vector<page_link> links_of(const page& in);

/// The anchors of the headings, as GitHub makes them.
std::vector<std::string> anchors_of(const page& in);

/// The text alone: code, comments and the targets of links are blank, character by character, so that places stay.
std::string prose_of(const page& in);

/// Blocks in an unknown language, C++ that names no source, and code that is not in its source word for word (perhaps indented
/// otherwise).
std::vector<std::string> problems_of_code(const page& in);

/// Links to files, folders and headings that do not exist.
std::vector<std::string> problems_of_links(const page& in);

/// Pages that no chain of links from README.md leads to.
std::vector<std::string> unreachable(const std::vector<page>& pages);

}  // namespace kvco::test
