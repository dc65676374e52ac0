// In place of the layers' benchmarks where there is no Google Benchmark.
#include <bench/pure.hpp>

#include <ostream>

namespace kvco::bench {

std::vector<pure_result> run_pure_layers(std::ostream& out, const std::string&, double) {
  out << "the layers without I/O are left out: there was no Google Benchmark when this was built (Debian:\n"
         "libbenchmark-dev)\n";
  return {};
}

}  // namespace kvco::bench
