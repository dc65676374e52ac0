// Contestants in turns. See the header.
#include <bench/child.hpp>
#include <bench/floor.hpp>
#include <bench/runner.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace kvco::bench {

// --- measurements ---------------------------------------------------------------------------------------

double median_of(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

double measured::median(const std::function<double(const outcome&)>& what) const {
  std::vector<double> values;
  for (const outcome& run : runs) values.push_back(what(run));
  return median_of(std::move(values));
}

double measured::peak_megabytes() const {
  std::uint64_t most = 0;
  for (const outcome& run : runs) most = std::max(most, run.peak_bytes);
  return static_cast<double>(most) / 1e6;
}

double measured::grown_megabytes() const {
  std::uint64_t most = 0;
  for (const outcome& run : runs) most = std::max(most, run.grown_bytes);
  return static_cast<double>(most) / 1e6;
}

double measured::ratio() const { return median_of(ratios); }

double measured::spread() const {
  double least = runs.front().per_second(), most = least;
  for (const outcome& run : runs) {
    least = std::min(least, run.per_second());
    most = std::max(most, run.per_second());
  }
  return (most - least) / per_second();
}

const measured* row::of(std::string_view contestant) const {
  for (const measured& one : contestants) {
    if (one.contestant == contestant) return &one;
  }
  return nullptr;
}

// --- measuring ------------------------------------------------------------------------------------------

/// A contestant in a workload: its process lives as long as the workload.
struct runner::entrant {
  entrant(const contestant& who, const std::string& url)
      : process(std::make_unique<child>(who.command, url)) {
    result.contestant = who.name;
    result.is_peer = who.is_peer;
  }

  /// Nothing when it is out: it cannot do this, or failed.
  std::optional<outcome> ask(const task& what) {
    if (out()) return std::nullopt;
    outcome spent = process->ask(what);
    result.absent = spent.absent;
    result.failure = spent.failure;
    if (out()) return std::nullopt;
    return spent;
  }
  bool out() const { return !result.absent.empty() || !result.failure.empty(); }

  std::unique_ptr<child> process;
  measured result;
  std::size_t operations = 0;
};

runner::runner(std::map<std::string, std::string> urls, std::vector<contestant> contestants,
               std::vector<std::string> other_side, const sizes& how_much, progress tell)
    : urls_(std::move(urls)),
      contestants_(std::move(contestants)),
      other_side_(std::move(other_side)),
      how_much_(how_much),
      tell_(std::move(tell)) {}

runner::~runner() {
  for (const std::string& url : made_at_) {
    try {
      raw_client raw(url);
      delete_bucket(raw);
    } catch (const std::exception&) {  // the server is gone, the bucket with it
    }
  }
}

// The bucket is made again only if another one is needed: a million keys are not stored twice.
void runner::prepare(const workload& work) {
  const std::size_t keys = work.what.keys, value = work.what.value;
  const bool writes_short_values = work.what.work == "live" || work.what.work == "contention" ||
                                   work.what.work == "reconnect" || work.what.work == "put_json";
  if (stored_by_ != work.transport || stored_keys_ != keys || stored_value_ != value) {
    tell_(work.name + ": storing " + std::to_string(keys) + " keys");
    const std::string& url = urls_.at(work.transport);
    raw_client raw(url);  // not kept: it would not answer the server's PING for minutes
    make_bucket(raw);
    made_at_.insert(url);
    fill_bucket(raw, keys, value);
    stored_by_ = work.transport;
    stored_keys_ = keys;
    stored_value_ = value;
  }
  if (writes_short_values) stored_keys_ = 0;
}

// A short run determines the speed, and fills caches on both sides.
void runner::warm_up(entrant& who, const workload& work) {
  task what = work.what;
  who.operations = what.operations;
  if (who.operations != 0) return;
  what.operations = std::max<std::size_t>(4 * what.flight, 200);
  for (int i = 0; i < 2; ++i) {
    const auto spent = who.ask(what);
    if (!spent) return;
    const auto enough = static_cast<std::size_t>(spent->per_second() * how_much_.seconds);
    what.operations = std::max(2 * what.flight, std::max<std::size_t>(enough, 20));
    what.operations -= what.operations % what.flight;
  }
  who.operations = what.operations;
}

void runner::one_round(std::vector<entrant>& field, const workload& work, int round) {
  double floor = 0;
  for (entrant& who : field) {
    tell_(work.name + ": " + who.result.contestant + ", " + std::to_string(round + 1) + " of " +
          std::to_string(how_much_.rounds));
    task what = work.what;
    what.operations = who.operations;
    const auto spent = who.ask(what);
    if (!spent) continue;
    if (who.result.contestant == "floor") floor = spent->per_second();
    who.result.ratios.push_back(floor > 0 ? spent->per_second() / floor : 0);
    who.result.latency.merge(spent->latency);
    who.result.runs.push_back(*spent);
  }
}

// Latency at half the speed that a contestant reaches: at full speed it would measure the length of the
// queue.
void runner::by_schedule(std::vector<entrant>& field, const workload& work, int round) {
  for (entrant& who : field) {
    if (who.out()) continue;
    tell_(work.name + ": " + who.result.contestant + " at half its speed, " + std::to_string(round + 1) +
          " of " + std::to_string(how_much_.rounds));
    task what = work.what;
    const std::size_t deliveries = what.work == "live" ? what.flight : 1;  // of each put
    const double speed = who.result.per_second() / 2;
    what.rate = who.result.rate = speed / static_cast<double>(deliveries);
    what.operations =
        std::max(static_cast<std::size_t>(speed * how_much_.seconds), std::size_t{20} * deliveries);
    what.operations -= what.operations % deliveries;
    if (const auto spent = who.ask(what)) who.result.latency.merge(spent->latency);
  }
}

row runner::run(const workload& work) {
  prepare(work);
  std::optional<child> other_side;
  if (work.needs_other_side) {
    task serve;
    serve.work = "serve";
    other_side.emplace(other_side_, urls_.at(work.transport));
    if (const outcome ready = other_side->ask(serve); !ready.failure.empty())
      throw std::runtime_error("the other side: " + ready.failure);
  }
  std::vector<entrant> field;
  for (const contestant& who : contestants_) field.emplace_back(who, urls_.at(work.transport));
  for (entrant& who : field) warm_up(who, work);
  const int rounds = std::min(how_much_.rounds, static_cast<int>(work.max_runs));
  for (int round = 0; round < rounds; ++round) one_round(field, work, round);
  for (int round = 0; work.by_schedule && round < rounds; ++round) by_schedule(field, work, round);
  row result{work, {}};
  for (entrant& who : field) result.contestants.push_back(std::move(who.result));
  return result;
}

}  // namespace kvco::bench
