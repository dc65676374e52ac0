// The table. See the header.
#include <bench/table.hpp>

#include <iomanip>
#include <ostream>
#include <sstream>

namespace kvco::bench {
namespace {

constexpr int name_width = 44, who_width = 9;

// Three digits that count: 14.3, 143, 1 430.
std::string figure(double value) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(value < 10 ? 2 : value < 100 ? 1 : 0) << value;
  std::string digits = text.str();
  if (digits.find('.') != std::string::npos) return digits;
  for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, " ");
  return digits;
}

std::string fixed(double value, int digits) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(digits) << value;
  return text.str();
}

void cell(std::ostream& out, const std::string& text, int width) { out << std::setw(width) << text; }

void print_measured(std::ostream& out, const measured& one, const std::string& name) {
  out << std::left << std::setw(name_width) << name << std::setw(who_width) << one.contestant << std::right;
  if (!one.good()) {
    out << "   " << (one.absent.empty() ? "FAILED: " + one.failure : "not measured: " + one.absent) << '\n';
    return;
  }
  cell(out, figure(one.per_second()), 11);
  cell(out, one.ratio() > 0 ? fixed(one.ratio(), 2) : "-", 7);
  cell(out, fixed(100 * one.spread(), 0) + " %", 7);
  for (const double share : {0.5, 0.99, 0.999}) {
    cell(out, one.latency.empty() ? "-" : figure(one.latency.percentile(share)), 10);
  }
  cell(out, one.latency.empty() ? "-" : figure(one.latency.max()), 10);
  cell(out, figure(one.cpu_microseconds()), 10);
  cell(out, fixed(one.allocations(), 2), 9);
  cell(out, figure(one.peak_megabytes()), 8);
  out << '\n';
}

}  // namespace

void print_heading(std::ostream& out) {
  out << "Medians of runs in turns. ratio: to the floor's run just before; spread: fastest less slowest run, "
         "of the\n"
         "median. p50 to max: microseconds from when an operation was due, at half the speed that the "
         "contestant\n"
         "reached (no coordinated omission). cpu: microseconds of the client per operation, all of its "
         "threads.\n"
         "allocs: calls of malloc per operation, in the second half of a run. MB: the most memory "
         "resident.\n\n"
      << std::left << std::setw(name_width) << "workload" << std::setw(who_width) << "client" << std::right;
  const auto title = [&](const char* text, int width) { out << std::setw(width) << text; };
  title("per s", 11), title("ratio", 7), title("spread", 7);
  title("p50", 10), title("p99", 10), title("p99.9", 10), title("max", 10);
  title("cpu", 10), title("allocs", 9), title("MB", 8);
  out << std::endl;
}

void print_row(std::ostream& out, const row& one) {
  std::string name = one.work.name;
  for (const measured& who : one.contestants) {
    print_measured(out, who, name);
    name.clear();
  }
  out << std::flush;
}

}  // namespace kvco::bench
