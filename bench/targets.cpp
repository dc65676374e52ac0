// The targets. See the header.
#include <bench/targets.hpp>

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <ostream>
#include <sstream>

namespace kvco::bench {
namespace {

const row* find(const std::vector<row>& rows, std::string_view work, std::size_t flight, std::size_t count,
                std::string_view transport = "nats") {
  for (const row& one : rows) {
    const task& what = one.work.what;
    const bool same_count = count == 0 ? what.value == 128 : what.operations == count;
    if (one.work.target && one.work.transport == transport && what.work == work && what.flight == flight &&
        same_count)
      return &one;
  }
  return nullptr;
}

const row* largest(const std::vector<row>& rows, std::string_view work) {
  const row* found = nullptr;
  for (const row& one : rows) {
    if (!one.work.target || one.work.transport != "nats" || one.work.what.work != work) continue;
    if (found == nullptr || one.work.what.operations > found->work.what.operations) found = &one;
  }
  return found;
}

std::string text(double value, int digits) {
  std::ostringstream out;
  out << std::fixed << std::setprecision(digits) << value;
  return out.str();
}

class judgement {
 public:
  void at_least(std::string what, double wanted, std::optional<double> seen, const std::string& unit) {
    add(std::move(what), ">= " + text(wanted, 2) + unit, seen, unit, 2, seen && *seen >= wanted);
  }
  void at_most(std::string what, double wanted, std::optional<double> seen, const std::string& unit,
               int digits = 2) {
    add(std::move(what), "<= " + text(wanted, digits) + unit, seen, unit, digits,
        seen && *seen <= wanted + (digits == 3 ? 0.0005 : 0));
  }
  std::vector<target> take() { return std::move(all_); }

 private:
  void add(std::string what, std::string wanted, std::optional<double> seen, const std::string& unit,
           int digits, bool met) {
    all_.push_back(
        {std::move(what), std::move(wanted), seen ? text(*seen, digits) + unit : "not measured", met});
  }
  std::vector<target> all_;
};

/// kvco and the floor of a row, if both were measured.
struct both {
  const measured *kvco = nullptr, *floor = nullptr;

  explicit both(const row* one) {
    if (one == nullptr) return;
    kvco = one->of("kvco");
    floor = one->of("floor");
    if (kvco == nullptr || floor == nullptr || !kvco->good() || !floor->good()) kvco = floor = nullptr;
  }
  template <class Function>
  std::optional<double> get(Function&& function) const {
    if (kvco == nullptr) return std::nullopt;
    return function(*kvco, *floor);
  }
  std::optional<double> ratio() const {
    return get([](const measured& k, const measured&) { return k.ratio(); });
  }
  std::optional<double> cpu_ratio() const {
    return get(
        [](const measured& k, const measured& f) { return k.cpu_microseconds() / f.cpu_microseconds(); });
  }
  std::optional<double> allocations() const {
    return get([](const measured& k, const measured&) { return k.allocations(); });
  }
};

constexpr auto floors = " x floor";
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
    all.at_most(of + ": memory grows by", flat_megabytes,
                b.get([](const measured& k, const measured&) { return k.grown_megabytes(); }), " MB", 1);
  }
  all.at_least("keys(), most keys", 0.85, both(largest(rows, "keys")).ratio(), floors);
  const both many(largest(rows, "get_many"));
  const both single(find(rows, "get", 1024, 0));
  std::optional<double> times;
  if (many.kvco != nullptr && single.floor != nullptr)
    times = many.kvco->per_second() / single.floor->per_second();
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

}  // namespace

std::vector<target> judge(const std::vector<row>& rows, const std::optional<compile_times>& compile) {
  judgement all;
  judge_operations(all, rows);
  judge_snapshots(all, rows);
  judge_allocations(all, rows);
  judge_watchers(all, rows);
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
