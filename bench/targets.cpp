// The targets. See the header.
#include <bench/judgement.hpp>
#include <bench/targets.hpp>

#include <iomanip>
#include <ostream>

namespace kvco::bench {
namespace {

constexpr double watcher_bytes = 8 * 1024;
constexpr double flat_megabytes = 16;  // a watch of a million keys: the messages alone are ten times that

void judge_operations(judgement& all, const std::vector<row>& rows) {
  for (const std::string work : {"put", "get"}) {
    for (const std::size_t flight : {1u, 64u, 1024u}) {
      const both b(find(rows, work, flight, 0));
      const std::string name = work + ", " + std::to_string(flight) + " in flight";
      all.at_least(name, 0.95, b.ratio(), floors);
      if (flight > 1) all.at_most(name + ": client time", 2, b.cpu_ratio(), floors);
    }
  }
}

// Beside the floor of the same transport.
void judge_transports(judgement& all, const std::vector<row>& rows) {
  for (const std::string transport : {"tls", "ws", "wss"}) {
    const bool tls = transport == "tls";
    for (const std::string work : {"put", "get"}) {
      for (const std::size_t flight : {64u, 1024u}) {
        const both b(find(rows, work, flight, 0, transport));
        const std::string name = transport + ": " + work + ", " + std::to_string(flight) + " in flight";
        all.at_least(name, tls ? 0.9 : 0.85, b.ratio(), floors);
        all.at_most(name + ": client time", tls ? 1.5 : 2, b.cpu_ratio(), floors);
      }
    }
  }
}

void judge_snapshots(judgement& all, const std::vector<row>& rows) {
  for (const auto& [work, name] :
       {std::pair{"watch", "watch, next_initial()"}, {"watch_batches", "watch, next_batch()"}}) {
    const both b(largest(rows, work));
    const std::string of = std::string(name) + ", most keys";
    all.at_least(of, 0.85, b.ratio(), floors);
    all.at_most(of + ": client time", 4, b.cpu_ratio(), floors);
    all.at_most(of + ": memory grows by", flat_megabytes, b.grown_megabytes(), " MB", 1);
  }
  all.at_least("keys(), most keys", 0.85, both(largest(rows, "keys")).ratio(), floors);
  const both many(largest(rows, "get_many"));
  const both single(find(rows, "get", 1024, 0));
  std::optional<double> times;
  if (many.kvco != nullptr && single.kvco != nullptr)
    times = many.kvco->per_second() / single.other->per_second();
  all.at_least("get_many", 2, times, " x floor of single gets");
}

void judge_allocations(judgement& all, const std::vector<row>& rows) {
  for (const std::size_t flight : {1u, 1024u}) {
    const std::string in_flight = ", " + std::to_string(flight) + " in flight: allocations";
    all.at_most("put" + in_flight, 0, both(find(rows, "put", flight, 0)).allocations(), "", 3);
    all.at_most("get" + in_flight, 1, both(find(rows, "get", flight, 0)).allocations(), "", 3);
  }
  all.at_most("watched entry: allocations", 1, both(largest(rows, "watch")).allocations(), "", 3);
}

void judge_watchers(judgement& all, const std::vector<row>& rows) {
  const row* most = largest(rows, "watchers");
  const both b(most);
  const std::string name = most != nullptr ? most->work.name : "most watchers";
  const double count = most != nullptr ? static_cast<double>(most->work.what.operations) : 1;
  all.at_least(name, 0.85, b.ratio(), floors);
  all.at_most(name + ": memory of each", watcher_bytes / 1024, b.get([&](const measured& k, const measured&) {
    return k.grown_megabytes() * 1e6 / count / 1024;
  }),
              " KiB");
  const both tenth(find(rows, "watchers", 1, static_cast<std::size_t>(count) / 10));
  std::optional<double> client, server;
  if (b.kvco != nullptr && tenth.kvco != nullptr) {
    client = b.kvco->cpu_microseconds() / tenth.kvco->cpu_microseconds();
    server = b.kvco->ratio() / tenth.kvco->ratio();
  }
  all.at_most(name + ": client time of each, beside a tenth", 1.5, client, " x");
  all.at_least(name + ": ratio to floor, beside a tenth", 0.67, server, " x");
}

// The work of a client alone: the time of all of them.
void judge_decisions(judgement& all, const std::vector<row>& rows) {
  for (const auto& [work, seconds] : {std::pair{"denied", 0.5}, {"plan_filters", 0.05}}) {
    const row* one = largest(rows, work);
    const measured* kvco = one != nullptr ? one->of("kvco") : nullptr;
    std::optional<double> seen;
    if (kvco != nullptr && kvco->good())
      seen = static_cast<double>(one->work.what.operations) / kvco->per_second();
    all.at_most(one != nullptr ? one->work.name : work, seconds, seen, " s", 3);
  }
}

}  // namespace

std::vector<target> judge(const std::vector<row>& rows, const std::optional<compile_times>& compile) {
  judgement all;
  judge_operations(all, rows);
  judge_snapshots(all, rows);
  judge_allocations(all, rows);
  judge_watchers(all, rows);
  judge_decisions(all, rows);
  judge_layers(all, rows);
  judge_transports(all, rows);
  std::optional<double> times;
  if (compile) times = compile->kvco / compile->asio;
  all.at_most("compiling a user's hello-world", 1.5, times, " x one with Asio's coroutines alone");
  return all.take();
}

void print_targets(std::ostream& out, const std::vector<target>& all) {
  out << "\nTargets\n";
  std::size_t met = 0;
  for (const target& one : all) {
    out << (one.met ? "  pass  " : "  FAIL  ") << std::left << std::setw(66) << one.what << std::setw(44)
        << one.wanted << one.seen << std::right << '\n';
    if (one.met) ++met;
  }
  out << met << " of " << all.size() << " met" << std::endl;
}

}  // namespace kvco::bench
