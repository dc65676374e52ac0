// Rows -> a table with a frame, as the nats tool draws it.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace kvco::cli {

struct column {
  std::string heading;
  bool is_number = false;  // aligned to the right
};

class table {
 public:
  table(std::string title, std::vector<column> columns);
  /// As many cells as columns.
  void add(std::vector<std::string> cells);

  /// Lines, each with its end. At most `width` columns, 0: as wide as its cells: the widest columns are cut first.
  std::string drawn(std::size_t width = 0) const;

 private:
  std::vector<std::size_t> widths_of(std::size_t width) const;

  std::string title_;
  std::vector<column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace kvco::cli
