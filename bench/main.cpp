// bench [--quick] [--only parser|allocations|operations|many|snapshot]
//
// Without NATS_URL only the parser is measured: bench/run starts a server.
#include <bench/bucket_bench.hpp>
#include <bench/parser_bench.hpp>

#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>
#include <string_view>

int main(int argc, char** argv) try {
  namespace bench = kvco::bench;
  std::string only;
  bench::bucket_bench_sizes sizes;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--quick") {
      sizes = {.sequential = 500, .concurrent = 5000, .many = 5000, .keys = 5000, .rounds = 1};
    } else if (argument == "--only" && i + 1 < argc) {
      only = argv[++i];
    } else {
      std::cerr << "usage: bench [--quick] [--only parser|allocations|operations|many|snapshot]\n";
      return 2;
    }
  }
  const auto wanted = [&](std::string_view name) { return only.empty() || only == name; };

  if (wanted("parser")) bench::bench_parser(std::cout);
  const char* url = std::getenv("NATS_URL");
  if (url == nullptr) {
    if (only == "parser") return 0;
    std::cout << "\nNATS_URL is not set: nothing else was measured. bench/run starts a server.\n";
    return 0;
  }
  std::cout << "\nserver: " << url << "; us: processor time of the client per operation; best of "
            << sizes.rounds << " in turns\n";
  if (wanted("allocations")) bench::bench_allocations(std::cout, url, sizes);
  if (wanted("operations")) bench::bench_operations(std::cout, url, sizes);
  if (wanted("many")) bench::bench_many(std::cout, url, sizes);
  if (wanted("snapshot")) bench::bench_snapshot(std::cout, url, sizes);
} catch (const std::exception& failure) {
  std::cerr << "bench: " << failure.what() << "\n";
  return 1;
}
