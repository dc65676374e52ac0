// The list of workloads, see the header.
#include <bench/catalogue.hpp>
#include <bench/messages.hpp>

#include <algorithm>
#include <utility>

namespace kvco::bench {
namespace {

constexpr std::size_t mebibyte = 1u << 20;

// "16 384"
std::string grouped(std::size_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); number >= 10'000 && at > 3; at -= 3) text.insert(at - 3, " ");
  return text;
}

std::string size_name(std::size_t bytes) {
  if (bytes >= mebibyte) return std::to_string(bytes / mebibyte) + " MiB";
  return bytes >= 1024 ? std::to_string(bytes / 1024) + " KiB" : std::to_string(bytes) + " B";
}

void add_operations(std::vector<workload>& all) {
  for (const char* work : {"put", "get", "update", "mixed"}) {
    for (const std::size_t flight : {1u, 64u, 1024u, 16'384u}) {
      workload one;
      one.name = work + (", " + grouped(flight) + " in flight");
      one.what.work = work;
      one.what.flight = flight;
      // Two updates of the same key must not be in flight at the same time.
      one.what.keys = one.what.work == "update" ? 16'384 : 1000;
      one.by_schedule = true;
      one.target = flight <= 1024 && (one.what.work == "put" || one.what.work == "get");
      all.push_back(one);
    }
  }
}

void add_messages(std::vector<workload>& all) {
  const auto add = [&](const char* work, const std::string& name, std::size_t flight) {
    workload one;
    one.name = name;
    one.what.work = work;
    one.what.flight = flight;
    one.target = true;
    one.needs_other_side = one.what.work != "publish";
    one.unit = "message";
    all.push_back(one);
  };
  add("publish", "publish, without acknowledgement", 1);
  for (const std::size_t flight : {1u, 64u, 1024u})
    add("request", "request, " + grouped(flight) + " in flight", flight);
  add("subscribe", "subscription", bursts_ahead * burst);
}

// Measured in the same run as the plain operations of the same size: the difference is the cost of the codec.
void add_typed(std::vector<workload>& all) {
  for (const auto& [work, name] : {std::pair{"put_typed", "put of a std::string by a typed bucket"},
                                   {"get_typed", "get of a std::string by a typed bucket"},
                                   {"put_json", "put of a struct of five fields as JSON"},
                                   {"get_json", "get of a struct of five fields as JSON"}}) {
    workload one;
    one.name = std::string(name) + ", 1024 in flight";
    one.what.work = work;
    one.what.flight = 1024;
    one.target = one.what.work.ends_with("_typed");
    all.push_back(one);
  }
}

void add_values(std::vector<workload>& all) {
  for (const char* work : {"put", "get"}) {
    for (const std::size_t value : {std::size_t{16}, std::size_t{4096}, std::size_t{65'536}, mebibyte}) {
      workload one;
      one.what.work = work;
      one.what.value = value;
      one.what.flight = std::clamp<std::size_t>(8 * mebibyte / value, 8, 1024);
      one.what.keys = std::min<std::size_t>(64 * mebibyte / value, 1000);
      one.name = work + (", values of " + size_name(value) + ", " + grouped(one.what.flight) + " in flight");
      one.by_schedule = true;
      all.push_back(one);
    }
  }
}

void add_watches(std::vector<workload>& all, const sizes& how_much) {
  const auto add = [&](const std::string& work, const std::string& name, std::size_t keys) {
    workload one;
    one.name = name + " of " + grouped(keys) + " keys";
    one.what.work = work;
    one.what.keys = one.what.operations = keys;
    one.target = keys == how_much.keys.back();
    one.unit = "key";
    all.push_back(one);
  };
  for (const std::size_t keys : how_much.keys) {
    add("watch", "watch, next_initial(),", keys);
    add("watch_batches", "watch, next_batch(),", keys);
    add("keys", "keys()", keys);
  }
  add("handlers", "handlers, one call at a time,", how_much.keys.back());
  add("handlers", "handlers, 64 calls at a time,", how_much.keys.back());
  all.back().what.flight = 64;
  add("command_export", "kvco export", how_much.keys.back());
}

// Small values: the time for each key counts, not that for its bytes.
void add_command(std::vector<workload>& all, const sizes& how_much) {
  workload get;
  get.name = "kvco get, from start to exit";
  get.what.work = "command_get";
  get.what.operations = how_much.programs;
  get.target = true;
  get.unit = "program";
  all.push_back(get);
  for (const auto& [work, name] : {std::pair{"put_many", "put_many"}, {"command_import", "kvco import"}}) {
    workload one;
    one.name = name + (" of " + grouped(how_much.small) + " keys of 16 B");
    one.what.work = work;
    one.what.flight = 1024;
    one.what.value = 16;
    one.what.keys = one.what.operations = how_much.small;
    one.target = true;
    one.unit = "key";
    one.max_runs = 3;
    all.push_back(one);
  }
}

// Without a server, or with one that refuses all: the work of the client alone.
void add_decisions(std::vector<workload>& all, const sizes& how_much) {
  const auto add = [&](const char* work, const std::string& name, std::size_t count) {
    workload one;
    one.name = grouped(count) + name;
    one.what.work = work;
    one.what.operations = count;
    one.target = true;
    all.push_back(one);
  };
  add("plan_filters", " exact filters planned", how_much.filters);
  add("denied", " denied puts", how_much.refused);
}

void add_live(std::vector<workload>& all) {
  for (const std::size_t watchers : {1u, 10u}) {
    workload one;
    one.name = "live, " + std::to_string(watchers) + (watchers == 1 ? " watcher" : " watchers of all");
    one.what.work = "live";
    one.what.flight = watchers;
    one.by_schedule = true;
    one.unit = "delivery";
    all.push_back(one);
  }
}

void add_many(std::vector<workload>& all, const sizes& how_much) {
  for (const std::size_t count : how_much.watchers) {
    workload one;
    one.name = grouped(count) + (count == 1 ? " watcher" : " watchers, a key each");
    one.what.work = "watchers";
    one.what.operations = count;
    one.what.keys = how_much.watchers.back();
    one.target = count >= 1000;
    one.unit = "watcher";
    one.max_runs = 5;  // the server has much to clean up after each run
    all.push_back(one);
  }
  const std::string keys = " of " + grouped(how_much.many) + " keys";
  for (const auto& [work, name] : {std::pair{"get_many", "get_many, as written,"},
                                   {"get_prefix", "get_prefix"},
                                   {"get_many_shuffled", "get_many, shuffled,"},
                                   {"put_many", "put_many"}}) {
    workload one;
    one.name = name + keys;
    one.what.work = work;
    one.what.flight = 1024;  // for the floor of put_many
    one.what.keys = one.what.operations = how_much.many;
    one.target = one.what.work == "get_many" || one.what.work == "get_prefix";
    one.unit = "key";
    all.push_back(one);
  }
}

void add_transports(std::vector<workload>& all, const sizes& how_much) {
  for (const char* transport : {"tls", "ws", "wss"}) {
    const auto add = [&](const char* work, const std::string& name) -> workload& {
      workload one;
      one.name = std::string(transport) + ": " + name;
      one.transport = transport;
      one.what.work = work;
      one.target = true;
      return all.emplace_back(std::move(one));
    };
    for (const char* work : {"put", "get"}) {
      for (const std::size_t flight : {1u, 64u, 1024u}) {
        add(work, work + (", " + grouped(flight) + " in flight")).what.flight = flight;
      }
    }
    workload& watch = add("watch", "watch, next_initial(), of " + grouped(how_much.snapshot) + " keys");
    watch.what.keys = watch.what.operations = how_much.snapshot;
    watch.unit = "key";
  }
}

}  // namespace

sizes sizes::quick() {
  sizes less;
  less.seconds = 0.05;
  less.rounds = 1;
  less.keys = {1'000, 10'000};
  less.watchers = {1, 100, 1'000};
  less.many = 10'000;
  less.snapshot = 10'000;
  less.small = 10'000;
  less.refused = 1'000;
  less.filters = 1'000;
  less.programs = 5;
  return less;
}

std::vector<workload> catalogue(const sizes& how_much) {
  std::vector<workload> all;
  add_operations(all);
  add_typed(all);
  add_messages(all);
  add_decisions(all, how_much);
  add_values(all);
  add_watches(all, how_much);
  add_live(all);
  add_many(all, how_much);
  add_command(all, how_much);
  add_transports(all, how_much);

  workload contention;
  contention.name = "compare and set, 64 on one key";
  contention.what.work = "contention";
  contention.what.flight = 64;
  contention.unit = "attempt";
  all.push_back(contention);

  workload reconnect;
  reconnect.name = "from a cut line to the next entry";
  reconnect.what.work = "reconnect";
  reconnect.what.operations = how_much.rounds > 2 ? 10 : 3;
  reconnect.unit = "recovery";
  all.push_back(reconnect);
  return all;
}

}  // namespace kvco::bench
