// Which rows make which chart.
#include <bench/plot.hpp>

#include <fstream>
#include <functional>
#include <stdexcept>

namespace kvco::bench {
namespace {

using value_of = std::function<std::pair<double, double>(const row&, const measured&)>;

// A line for each contestant of the rows of a work.
panel make_panel(const std::string& title, const std::vector<row>& rows,
                 const std::function<bool(const row&)>& take, const value_of& point) {
  panel made{title, {}};
  for (const row& one : rows) {
    if (!take(one)) continue;
    for (const measured& who : one.contestants) {
      if (!who.good()) continue;
      series* line = nullptr;
      for (series& s : made.lines) {
        if (s.name == who.contestant) line = &s;
      }
      if (line == nullptr) line = &made.lines.emplace_back(series{who.contestant, {}});
      line->points.push_back(point(one, who));
    }
  }
  return made;
}

void save(const std::string& path, const chart& what) {
  for (const panel& p : what.panels) {
    if (p.lines.empty()) return;  // --filter left it out
  }
  std::ofstream file(path);
  file << draw(what);
  if (!file.flush()) throw std::runtime_error("cannot write " + path);
}

}  // namespace

void write_plots(const std::string& folder, const std::vector<row>& rows) {
  const auto is = [](std::string work) {
    return [work](const row& one) {
      return one.work.transport == "nats" && one.work.what.work == work && one.work.what.value == 128;
    };
  };
  const value_of throughput = [](const row& one, const measured& who) {
    return std::pair{static_cast<double>(one.work.what.flight), who.per_second()};
  };
  const value_of cost = [](const row& one, const measured& who) {
    return std::pair{static_cast<double>(one.work.what.keys), 1e6 / who.per_second()};
  };
  save(folder + "/throughput.svg",
       {"Operations per second, values of 128 bytes",
        "operations in flight",
        "per second",
        true,
        {make_panel("put", rows, is("put"), throughput), make_panel("get", rows, is("get"), throughput)}});
  save(folder + "/keys.svg", {"Reading a whole bucket: time per key",
                              "keys in the bucket",
                              "microseconds per key",
                              false,
                              {make_panel("watch, its initial data", rows, is("watch"), cost),
                               make_panel("keys()", rows, is("keys"), cost)}});
}

}  // namespace kvco::bench
