// Rows -> a table with a frame. See the header.
#include <kvco/cli/table.hpp>

#include <algorithm>
#include <kvco/cli/texts.hpp>
#include <numeric>
#include <string_view>
#include <utility>

namespace kvco::cli {
namespace {

using sizes = std::vector<std::size_t>;

constexpr std::size_t narrowest = 4;  // of a column that is cut

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  while (times-- > 0) out += text;
  return out;
}

/// Inside the frame: a space on both sides of each cell, a line between two.
std::size_t inner_width(const sizes& widths) {
  return std::accumulate(widths.begin(), widths.end(), 3 * widths.size() - 1);
}

std::string cell(std::string_view text, std::size_t width, bool right) {
  std::string out = cut_to(text, width);
  const std::string space(width - width_of(out), ' ');
  return right ? space + out : out + space;
}

std::string centred(std::string_view text, std::size_t width) {
  std::string out = cut_to(text, width);
  const std::size_t space = width - width_of(out), behind = space / 2;
  return std::string(space - behind, ' ') + out + std::string(behind, ' ');
}

std::string rule(const sizes& widths, std::string_view left, std::string_view between,
                 std::string_view right) {
  std::string out(left);
  for (std::size_t i = 0; i < widths.size(); ++i) {
    if (i != 0) out += between;
    out += repeated("─", widths[i] + 2);
  }
  return out + std::string(right) + "\n";
}

std::string line_of(const sizes& widths, const std::vector<column>& columns, auto text_of) {
  std::string out = "│";
  for (std::size_t i = 0; i < widths.size(); ++i)
    out += " " + cell(text_of(i), widths[i], columns[i].is_number) + " │";
  return out + "\n";
}

/// Where columns can get no narrower.
std::string cut_lines(const std::string& text, std::size_t width) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    out += cut_to(std::string_view(text).substr(at, end - at), width) + "\n";
    at = end + 1;
  }
  return out;
}

}  // namespace

table::table(std::string title, std::vector<column> columns)
    : title_(std::move(title)), columns_(std::move(columns)) {}

void table::add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }

sizes table::widths_of(std::size_t width) const {
  sizes out;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    std::size_t widest = width_of(columns_[i].heading);
    for (const auto& row : rows_) widest = std::max(widest, width_of(row[i]));
    out.push_back(widest);
  }
  const std::size_t inner = inner_width(out), titled = width_of(title_) + 2;
  if (inner < titled) out.back() += titled - inner;
  while (width != 0 && inner_width(out) + 2 > width) {
    const auto widest = std::max_element(out.begin(), out.end());
    if (*widest <= narrowest) break;
    --*widest;
  }
  return out;
}

std::string table::drawn(std::size_t width) const {
  const sizes widths = widths_of(width);
  std::string out = rule(widths, "╭", "─", "╮");
  out += "│" + centred(title_, inner_width(widths)) + "│\n";
  out += rule(widths, "├", "┬", "┤");
  out += line_of(widths, columns_, [&](std::size_t i) { return columns_[i].heading; });
  out += rule(widths, "├", "┼", "┤");
  for (const auto& row : rows_) out += line_of(widths, columns_, [&](std::size_t i) { return row[i]; });
  out += rule(widths, "╰", "┴", "╯");
  return width == 0 ? out : cut_lines(out, width);
}

}  // namespace kvco::cli
