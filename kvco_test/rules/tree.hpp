// The sources of a tree, as the rules of the house read them.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace kvco::test {

struct source {
  std::string path;  // from the root, with '/'
  std::string text;
  std::string code;  // the text with blank comments and literals, character by character, so that places stay
  std::string comments;  // the text with all else blank, the slashes too

  std::size_t lines() const;
};

/// Headers and sources below the folders of `root` that rules are about: kvco, samples, bench; sorted by path.
std::vector<source> sources_of(const std::filesystem::path& root);

/// What `#include` names in a source, in angle brackets or quotes.
struct include {
  std::string target;
  std::size_t line = 0;  // counted from 1
  bool quoted = false;
};
std::vector<include> includes_of(const source& in);

/// The number of the line of a place in a text, counted from 1.
std::size_t line_at(std::string_view text, std::size_t place);

/// `file:line`.
std::string place_of(const source& in, std::size_t line);

}  // namespace kvco::test
