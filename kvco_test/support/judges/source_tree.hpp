// The files of this repository, as text: for tests of what is written in it.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace kvco::test {

/// The root of the repository.
inline const std::filesystem::path source_root = KVCO_SOURCE_DIR;

/// Throws where there is no such file below the root.
inline std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(source_root / file);
  if (!in) throw std::runtime_error("cannot read " + file.string());
  return {std::istreambuf_iterator<char>(in), {}};
}

inline std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> out;
  for (std::string line; std::getline(in, line);) out.push_back(line);
  return out;
}

}  // namespace kvco::test
