// Google Benchmark's results in our table.
#include <bench/pure.hpp>

#include <benchmark/benchmark.h>
#include <iomanip>
#include <ostream>
#include <stdexcept>

namespace kvco::bench {
namespace {

// Google Benchmark 1.8 has given the members other names.
template <class Run>
void throw_if_failed(const Run& run) {
  if constexpr (requires { run.error_occurred; }) {
    if (run.error_occurred) throw std::runtime_error(run.benchmark_name() + ": " + run.error_message);
  } else {
    if (run.skipped) throw std::runtime_error(run.benchmark_name() + ": " + run.skip_message);
  }
}

/// Keeps the medians of the repetitions.
class collector : public benchmark::BenchmarkReporter {
 public:
  explicit collector(std::ostream& out) : out_(out) {}

  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      throw_if_failed(run);
      if (run.aggregate_name != "median") continue;
      const auto counter = [&](const char* name) {
        const auto found = run.counters.find(name);
        return found != run.counters.end() ? static_cast<double>(found->second) : 0.0;
      };
      const pure_result& r = results.emplace_back(
          pure_result{run.run_name.function_name, counter("items_per_second"), counter("bytes_per_second")});
      out_ << std::left << std::setw(44) << r.name << std::right << std::fixed << std::setprecision(2)
           << std::setw(12) << r.events_per_second / 1e6 << std::setprecision(0) << std::setw(12)
           << r.bytes_per_second / 1e6 << std::setprecision(1) << std::setw(12) << 1e9 / r.events_per_second
           << std::endl;
    }
  }

  std::vector<pure_result> results;

 private:
  std::ostream& out_;
};

}  // namespace

std::vector<pure_result> run_pure_layers(std::ostream& out, const std::string& filter, double seconds) {
  pure_list chosen(filter);
  add_parser(chosen);
  add_writer(chosen);
  add_ordered_consumer(chosen);
  add_request_table(chosen);
  if (chosen.empty()) return {};
  std::string name = "bench", repetitions = "--benchmark_repetitions=5";
  std::string time = "--benchmark_min_time=" + std::to_string(seconds / 4);
  std::string aggregates = "--benchmark_report_aggregates_only=true";
  std::vector<char*> arguments{name.data(), repetitions.data(), time.data(), aggregates.data()};
  int count = static_cast<int>(arguments.size());
  benchmark::Initialize(&count, arguments.data());

  out << std::left << std::setw(44) << "\nlayers without I/O" << std::right << std::setw(13) << "M events/s"
      << std::setw(12) << "MB/s" << std::setw(12) << "ns each" << '\n';
  collector kept(out);
  benchmark::RunSpecifiedBenchmarks(&kept, nullptr);
  benchmark::Shutdown();
  return kept.results;
}

}  // namespace kvco::bench
