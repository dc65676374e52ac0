// The files of the page, which are part of the program.
#pragma once

#include <span>
#include <string_view>

namespace gateway {

struct page_file {
  std::string_view name;  ///< "app.js"
  std::string_view content_type;
  std::string_view text;
};

/// Made by CMake from the folder page/.
std::span<const page_file> page_files() noexcept;

}  // namespace gateway
