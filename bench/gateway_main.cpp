// bench_gateway [--quick] [--rounds N] [--seconds S]: the gateway beside the library alone, on the server at NATS_URL. bench/run --gateway starts
// it. Its files are those named gateway_*.
#include <bench/child.hpp>
#include <bench/contestant.hpp>
#include <bench/floor.hpp>
#include <bench/gateway_load.hpp>
#include <bench/meter.hpp>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

namespace {

namespace bench = kvco::bench;
namespace fs = std::filesystem;

struct settings {
  int rounds = 5;
  double seconds = 2;  // of a run
  std::size_t keys = 1000, viewers = 1000, changes = 200;
};

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

template <class Work>
bench::outcome checked(Work work, const bench::task& what) {
  bench::outcome out = work(what);
  if (!out.failure.empty()) throw std::runtime_error(out.failure);
  return out;
}

/// A short run determines how many operations a run of `seconds` has.
template <class Work>
bench::task sized(Work work, bench::task what, double seconds) {
  what.operations = std::max<std::size_t>(4 * what.flight, 200);
  for (int i = 0; i < 2; ++i) {
    const double speed = checked(work, what).per_second();
    what.operations = std::max(2 * what.flight, static_cast<std::size_t>(speed * seconds));
  }
  return what;
}

/// In turns: runs close to each other can be compared.
void compare_gets(bench::child& alone, const bench::gateway_process& gateway, std::size_t flight,
                  const settings& how_much) {
  bench::task what;
  what.work = "get";
  what.flight = flight;
  what.keys = how_much.keys;
  const auto library = [&](const bench::task& one) { return alone.ask(one); };
  const auto http = [&](const bench::task& one) { return bench::gateway_gets(gateway.port(), one); };
  const bench::task by_library = sized(library, what, how_much.seconds),
                    by_http = sized(http, what, how_much.seconds);
  std::vector<double> library_speeds, http_speeds, ratios;
  for (int i = 0; i < how_much.rounds; ++i) {
    library_speeds.push_back(checked(library, by_library).per_second());
    http_speeds.push_back(checked(http, by_http).per_second());
    ratios.push_back(http_speeds.back() / library_speeds.back());
  }
  std::printf("| get, %zu in flight | %.0f | %.0f | %.2f |\n", flight, median(library_speeds),
              median(http_speeds), median(ratios));
  std::fflush(stdout);
}

std::string watches_of(bench::raw_client& raw) {
  const std::string info = raw.request("$JS.API.STREAM.INFO.KV_" + std::string(bench::bucket_name), {});
  constexpr std::string_view name = "\"consumer_count\":";
  const std::size_t at = info.find(name);
  if (at == std::string::npos) return "?";
  const std::size_t begin = info.find_first_of("0123456789", at + name.size());
  return info.substr(begin, info.find_first_not_of("0123456789", begin) - begin);
}

/// Changes reach all viewers before the next ones are written: none is left out.
void write_changes(bench::gateway_viewers& viewers, std::size_t from, std::size_t count) {
  constexpr std::size_t at_once = 50;
  for (std::size_t done = 0; done < count; done += at_once) {
    bench::raw_client raw(bench::server_url());
    raw.pipeline(at_once, at_once, bench::raw_client::reply::pub_ack, [&](std::string& out, std::size_t i) {
      out += bench::encode_put(bench::bucket_name, bench::key_name(i), std::string(128, 'w'),
                               raw.reply_subject());
    });
    viewers.wait_for(from + done + at_once);
  }
}

void show_viewers(const bench::gateway_process& gateway, const settings& how_much) {
  const auto kib = [](std::uint64_t bytes) { return static_cast<double>(bytes) / 1024; };
  bench::gateway_viewers viewers(gateway.port());
  viewers.add(1);
  const std::uint64_t one = gateway.resident_bytes();
  viewers.add(how_much.viewers - 1);
  const std::uint64_t all = gateway.resident_bytes();
  const std::string watches = [] {
    bench::raw_client raw(bench::server_url());
    return watches_of(raw);
  }();
  write_changes(viewers, 0, how_much.changes);
  const std::uint64_t warm = gateway.resident_bytes();
  const auto start = bench::clock::now();
  write_changes(viewers, how_much.changes, how_much.changes);
  const double seconds = std::chrono::duration<double>(bench::clock::now() - start).count();
  const std::uint64_t end = gateway.resident_bytes();
  const double deliveries = static_cast<double>(viewers.size() * how_much.changes);
  std::printf(
      "\n| viewers of one bucket | watches on the server | memory with one, MiB | per viewer, KiB | events "
      "per second | growth over %.0f events, KiB |\n"
      "|---|---|---|---|---|---|\n| %zu | %s | %.1f | %.1f | %.0f | %.0f |\n",
      deliveries, viewers.size(), watches.c_str(), kib(one) / 1024,
      kib(all > one ? all - one : 0) / static_cast<double>(viewers.size() - 1), deliveries / seconds,
      kib(end > warm ? end - warm : 0));
}

settings parse(const std::vector<std::string>& arguments) {
  settings out;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == "--quick") {
      out = {1, 0.1, 100, 50, 50};
    } else if (arguments[i] == "--rounds" && i + 1 < arguments.size()) {
      out.rounds = std::max(1, std::stoi(arguments[++i]));
    } else if (arguments[i] == "--seconds" && i + 1 < arguments.size()) {
      out.seconds = std::stod(arguments[++i]);
    } else {
      throw std::runtime_error("usage: bench_gateway [--quick] [--rounds N] [--seconds S]");
    }
  }
  return out;
}

void run(const settings& how_much) {
  const fs::path self = fs::read_symlink("/proc/self/exe"), build = self.parent_path().parent_path();
  const std::string url = bench::server_url();
  {
    bench::raw_client raw(url);
    bench::make_bucket(raw);
    bench::fill_bucket(raw, how_much.keys, bench::task().value);
    std::cout << "nats-server " << raw.version() << " at " << url << "\n\n"
              << "| | library alone, per second | gateway | ratio |\n|---|---|---|---|" << std::endl;
  }
  const bench::gateway_process gateway((build / "samples/gateway/sample_gateway").string(), url);
  {
    bench::child alone({(build / "bench/bench").string(), "--contestant", "kvco"}, url);
    for (const std::size_t flight : {1u, 64u}) compare_gets(alone, gateway, flight, how_much);
  }
  show_viewers(gateway, how_much);
  bench::raw_client raw(url);
  bench::delete_bucket(raw);
}

}  // namespace

int main(int argc, char** argv) try {
  run(parse({argv + 1, argv + argc}));
  return 0;
} catch (const std::exception& failure) {
  std::cerr << "bench_gateway: " << failure.what() << '\n';
  return 1;
}
