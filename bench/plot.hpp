// Line charts as SVG, readable on a light and on a dark page.
#pragma once

#include <bench/runner.hpp>
#include <string>
#include <utility>
#include <vector>

namespace kvco::bench {

struct series {
  std::string name;  // of the contestant: gives the colour
  std::vector<std::pair<double, double>> points;
};

struct panel {
  std::string title;
  std::vector<series> lines;
};

struct chart {
  std::string title, x_label, y_label;
  bool log_y = false;  // x always is
  std::vector<panel> panels;
};

std::string draw(const chart& what);

/// Writes throughput.svg and keys.svg.
void write_plots(const std::string& folder, const std::vector<row>& rows);

}  // namespace kvco::bench
