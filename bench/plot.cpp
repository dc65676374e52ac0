// From coordinates to SVG. See the header.
#include <bench/plot.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <sstream>

namespace kvco::bench {
namespace {

constexpr double panel_width = 400, panel_height = 280, left = 72, right = 16, top = 64, bottom = 88;

// Middle tones, far from each other even for the colour-blind (after Okabe and Ito); text and grid are greys
// that are readable on white and on black.
struct look {
  const char* colour;
  const char* dash;
};
look look_of(const std::string& name) {
  static const std::map<std::string, look> known{{"floor", {"#8c8c8c", "6 4"}},
                                                 {"kvco", {"#0f87cf", ""}},
                                                 {"libnats", {"#e0761c", ""}},
                                                 {"nats.go", {"#1fa07a", ""}}};
  const auto found = known.find(name);
  return found != known.end() ? found->second : look{"#b266a8", ""};
}

std::string short_number(double value) {
  std::ostringstream text;
  text.precision(5);
  if (value < 1000 || (value < 1e5 && std::fmod(value, 1000) != 0)) {  // 1024
    text << value;
  } else if (value >= 1e6) {
    text << value / 1e6 << " M";
  } else {
    text << value / 1e3 << " k";
  }
  return text.str();
}

/// One axis: from values to positions.
class axis {
 public:
  axis(double from, double to, double begin, double end, bool log)
      : log_(log), from_(scaled(from)), to_(scaled(to)), begin_(begin), end_(end) {
    if (to_ <= from_) to_ = from_ + 1;
  }
  double at(double value) const { return begin_ + (scaled(value) - from_) / (to_ - from_) * (end_ - begin_); }

 private:
  double scaled(double value) const { return log_ ? std::log10(value) : value; }
  bool log_;
  double from_, to_, begin_, end_;
};

struct range {
  double least = 1e300, most = 0;
  std::set<double> xs;
};

range range_of(const chart& what) {
  range r;
  for (const panel& p : what.panels) {
    for (const series& s : p.lines) {
      for (const auto& [x, y] : s.points) {
        r.xs.insert(x);
        r.least = std::min(r.least, y);
        r.most = std::max(r.most, y);
      }
    }
  }
  return r;
}

// Where the grid's lines go: powers of ten with 2 and 5 between them, or up to six round steps from zero.
std::vector<double> ticks(const range& r, bool log) {
  std::vector<double> at;
  if (log) {
    for (double decade = std::pow(10, std::floor(std::log10(r.least))); decade <= r.most * 10; decade *= 10) {
      for (const double step : {1.0, 2.0, 5.0}) at.push_back(decade * step);
    }
    const auto above = std::upper_bound(at.begin(), at.end(), r.least);
    at.erase(at.begin(), above == at.begin() ? above : above - 1);
    at.erase(std::next(std::lower_bound(at.begin(), at.end(), r.most)), at.end());
    return at;
  }
  double step = std::pow(10, std::floor(std::log10(r.most / 3)));
  for (const double times : {2.0, 2.5, 2.0}) {
    if (r.most / step > 6) step *= times;
  }
  for (double value = 0; value < r.most + step; value += step) at.push_back(value);
  return at;
}

void text(std::ostream& out, double x, double y, const std::string& what, const char* anchor,
          const char* style = "") {
  out << "<text x='" << x << "' y='" << y << "' text-anchor='" << anchor << "' " << style << '>' << what
      << "</text>\n";
}

void line(std::ostream& out, double x1, double y1, double x2, double y2, const char* style) {
  out << "<line x1='" << x1 << "' y1='" << y1 << "' x2='" << x2 << "' y2='" << y2 << "' " << style << "/>\n";
}

void draw_series(std::ostream& out, const series& s, const axis& x, const axis& y) {
  const look l = look_of(s.name);
  out << "<polyline fill='none' stroke='" << l.colour << "' stroke-width='2.5' stroke-linejoin='round'";
  if (*l.dash != '\0') out << " stroke-dasharray='" << l.dash << '\'';
  out << " points='";
  for (const auto& [px, py] : s.points) out << x.at(px) << ',' << y.at(py) << ' ';
  out << "'/>\n";
  for (const auto& [px, py] : s.points) {
    out << "<circle cx='" << x.at(px) << "' cy='" << y.at(py) << "' r='3.5' fill='" << l.colour << "'><title>"
        << s.name << ": " << short_number(py) << "</title></circle>\n";
  }
}

void draw_panel(std::ostream& out, const chart& what, const panel& p, double x0, bool first) {
  const range r = range_of(what);
  const std::vector<double> grid = ticks(r, what.log_y);
  const double x1 = x0 + panel_width - left - right, y0 = top + panel_height, y1 = top;
  const axis x(*r.xs.begin(), *r.xs.rbegin(), x0 + 12, x1 - 12, true);
  const axis y(grid.front(), grid.back(), y0, y1, what.log_y);
  for (const double value : grid) {
    line(out, x0, y.at(value), x1, y.at(value), "stroke='#888' stroke-opacity='0.25'");
    text(out, x0 - 8, y.at(value) + 4, short_number(value), "end");
  }
  line(out, x0, y0, x1, y0, "stroke='#888'");
  for (const double value : r.xs) {
    line(out, x.at(value), y0, x.at(value), y0 + 5, "stroke='#888'");
    text(out, x.at(value), y0 + 19, short_number(value), "middle");
  }
  text(out, (x0 + x1) / 2, y1 - 12, p.title, "middle", "font-weight='bold'");
  text(out, (x0 + x1) / 2, y0 + 38, what.x_label, "middle");
  if (first) {
    out << "<text transform='translate(" << x0 - 56 << ' ' << (y0 + y1) / 2
        << ") rotate(-90)' text-anchor='middle'>" << what.y_label << "</text>\n";
  }
  for (const series& s : p.lines) draw_series(out, s, x, y);
}

void draw_legend(std::ostream& out, const chart& what, double width, double height) {
  std::vector<std::string> names;
  for (const panel& p : what.panels) {
    for (const series& s : p.lines) {
      if (std::find(names.begin(), names.end(), s.name) == names.end()) names.push_back(s.name);
    }
  }
  double x = (width - 110 * static_cast<double>(names.size())) / 2;
  for (const std::string& name : names) {
    const look l = look_of(name);
    const std::string style =
        "stroke='" + std::string(l.colour) + "' stroke-width='2.5' stroke-dasharray='" + l.dash + "'";
    line(out, x, height - 18, x + 28, height - 18, style.c_str());
    text(out, x + 36, height - 14, name, "start");
    x += 110;
  }
}

}  // namespace

std::string draw(const chart& what) {
  std::ostringstream out;
  const double width = panel_width * static_cast<double>(what.panels.size()) + 16;
  const double height = top + panel_height + bottom;
  out << "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 " << width << ' ' << height << "' width='"
      << width << "' height='" << height
      << "' font-family='system-ui, sans-serif' font-size='13' fill='#808080'>\n"
      << "<title>" << what.title << "</title>\n";
  text(out, width / 2, 24, what.title, "middle", "font-size='16'");
  for (std::size_t i = 0; i < what.panels.size(); ++i) {
    draw_panel(out, what, what.panels[i], left + panel_width * static_cast<double>(i), i == 0);
  }
  draw_legend(out, what, width, height);
  out << "</svg>\n";
  return out.str();
}

}  // namespace kvco::bench
