// bench [options]: measures kvco, the floor and other clients beside each other on the server at NATS_URL.
#include <bench/certificates.hpp>
#include <bench/contestant.hpp>
#include <bench/floor.hpp>
#include <bench/json.hpp>
#include <bench/kvco_contestant.hpp>
#include <bench/options.hpp>
#include <bench/other_side.hpp>
#include <bench/plot.hpp>
#include <bench/pure.hpp>
#include <bench/table.hpp>
#include <bench/targets.hpp>

#include <unistd.h>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <regex>

namespace {

namespace bench = kvco::bench;
namespace fs = std::filesystem;

std::vector<bench::contestant> find_contestants(const bench::options& asked) {
  const fs::path self = fs::read_symlink("/proc/self/exe");
  std::vector<bench::contestant> found{{"floor", {self.string(), "--contestant", "floor"}, false},
                                       {"kvco", {self.string(), "--contestant", "kvco"}, false}};
  const fs::path c_peer = self.parent_path() / "bench_c_peer";
  if (fs::exists(c_peer)) {
    found.push_back({"libnats", {c_peer.string()}, true});
  } else {
    std::cout << "libnats is left out: there was no nats/nats.h when this was built (Debian: libnats-dev)\n";
  }
  if (!asked.go_peer.empty()) {
    found.push_back({"nats.go", {asked.go_peer}, true});
  } else {
    std::cout << "nats.go is left out: no Go toolchain with Debian's package of it\n";
  }
  return found;
}

// One line that is overwritten; nothing unless the output is a terminal.
void show_progress(std::string_view what) {
  if (::isatty(STDERR_FILENO) == 0) return;
  std::cerr << "\r\033[K" << what << std::flush;
}

std::vector<bench::workload> choose(const bench::options& asked) {
  const std::regex wanted(asked.filter.empty() ? ".*" : asked.filter);
  std::vector<bench::workload> chosen;
  for (bench::workload& one : bench::catalogue(asked.how_much)) {
    if (asked.targets_only) one.by_schedule = false;
    if (asked.targets_only && !one.target) continue;
    if (one.transport != "nats" && !asked.urls.contains(one.transport)) continue;  // no server has it
    if (std::regex_search(one.name, wanted)) chosen.push_back(std::move(one));
  }
  return chosen;
}

// Whether everything that had to work did.
bool measure(const bench::options& asked, bench::report& all) {
  const std::vector<bench::workload> chosen = choose(asked);
  if (chosen.empty()) return true;
  std::map<std::string, std::string> urls = asked.urls;
  urls["nats"] = bench::server_url();
  const std::string self = fs::read_symlink("/proc/self/exe").string();
  bench::runner runs(std::move(urls), find_contestants(asked), {self, "--contestant", "other side"},
                     asked.how_much, show_progress);
  all.server_version = bench::raw_client(bench::server_url()).version();
  std::cout << "\nnats-server " << all.server_version << " at " << bench::server_url() << "\n\n";
  bench::print_heading(std::cout);
  bool good = true;
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    all.rows.push_back(runs.run(chosen[i]));
    show_progress("");
    bench::print_row(std::cout, all.rows.back());
    for (const bench::measured& one : all.rows.back().contestants) {
      good = good && (one.is_peer || one.failure.empty());
    }
  }
  return good;
}

int run(const bench::options& asked) {
  if (asked.list) {
    for (const bench::workload& one : bench::catalogue(asked.how_much)) std::cout << one.name << '\n';
    return 0;
  }
  bench::report all;
  if (!asked.targets_only) all.pure = bench::run_pure_layers(std::cout, asked.filter, asked.how_much.seconds);
  const bool good = measure(asked, all);
  if (asked.targets_only || (asked.filter.empty() && !asked.quick)) {
    all.targets = bench::judge(all.rows, asked.compile);
    bench::print_targets(std::cout, all.targets);
  }
  if (!asked.json.empty()) {
    std::ofstream file(asked.json);
    bench::write_json(file, all);
    if (!file.flush()) throw std::runtime_error("cannot write " + asked.json);
  }
  if (!asked.plot.empty()) bench::write_plots(asked.plot, all.rows);
  if (!good) std::cerr << "bench: something failed, see above\n";
  return good ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) try {
  const bench::options asked = bench::parse_options({argv + 1, argv + argc});
  if (!asked.certificates.empty()) {
    bench::write_certificates(asked.certificates);
    return 0;
  }
  if (asked.contestant == "floor") return bench::serve(bench::floor_works());
  if (asked.contestant == "other side") return bench::serve(bench::other_side_works());
  if (!asked.get.empty()) {
    bench::print_value(asked.get);
    return 0;
  }
  if (asked.contestant == "kvco") return bench::serve(bench::kvco_works());
  return run(asked);
} catch (const bench::usage_error& wrong) {
  std::cerr << wrong.what();
  return 2;
} catch (const std::exception& failure) {
  std::cerr << "bench: " << failure.what() << '\n';
  return 1;
}
