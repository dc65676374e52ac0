// kvco and the floor beside each other. See the header.
#include <bench/allocations.hpp>
#include <bench/bucket_bench.hpp>
#include <bench/raw.hpp>
#include <kvco/kvco.hpp>

#include <unistd.h>
#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <fstream>
#include <functional>
#include <iomanip>
#include <iostream>
#include <random>
#include <stdexcept>
#include <vector>

namespace kvco::bench {
namespace {

namespace asio = boost::asio;
using work = std::function<asio::awaitable<void>()>;

constexpr std::string_view bucket_name = "KVCO_BENCH";
constexpr std::size_t key_count = 1000;  // of single operations, in turns

void rethrow(std::exception_ptr failure) {
  if (failure) std::rethrow_exception(failure);
}

/// A client and its reactor, with a bucket that lives as long.
class kvco_client {
 public:
  explicit kvco_client(const std::string& url) {
    run([&]() -> asio::awaitable<void> {
      nats_ = co_await connect(url);
      co_await nats_.delete_bucket(bucket_name, nothrow);
      bucket_ = co_await nats_.create_bucket(bucket_config(bucket_name).storage(storage::memory));
    });
  }
  ~kvco_client() {
    run([&]() -> asio::awaitable<void> {
      co_await nats_.delete_bucket(bucket_name, nothrow);
      co_await nats_.close(nothrow);
    });
  }
  kvco_client(const kvco_client&) = delete;
  kvco_client& operator=(const kvco_client&) = delete;

  /// Runs `what` in `copies` coroutines to the end of them all.
  void run(const work& what, std::size_t copies = 1) {
    std::size_t open = copies;
    for (std::size_t i = 0; i < copies; ++i) {
      asio::co_spawn(reactor_, what(), [&](std::exception_ptr failure) {
        --open;
        rethrow(std::move(failure));
      });
    }
    reactor_.restart();
    while (open > 0 && reactor_.run_one() != 0) {
    }
  }

  kvco::bucket& bucket() { return bucket_; }
  std::string version() const { return nats_.server_info().version; }

 private:
  asio::io_context reactor_{1};
  client nats_;
  kvco::bucket bucket_;
};

std::vector<std::string> make_keys(std::size_t count) {
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < count; ++i) keys.push_back("order-" + std::to_string(1'000'000 + i));
  return keys;
}

// --- the two contestants ------------------------------------------------------------------------------------------------

enum class kind { put, get };

cost floor_of(raw_client& raw, kind what, const std::vector<std::string>& requests, std::size_t total,
              std::size_t window) {
  const auto reply = what == kind::put ? raw_client::reply::pub_ack : raw_client::reply::direct_get;
  return raw.pipeline(total, window, reply,
                      [&](std::string& out, std::size_t i) { out += requests[i % requests.size()]; });
}

struct running {
  kvco::bucket& bucket;
  const std::vector<std::string>& keys;
  const std::string& value;
  std::size_t next = 0, total = 0;
};

asio::awaitable<void> putter(running& state) {
  while (state.next < state.total) {
    const std::string& key = state.keys[state.next++ % state.keys.size()];
    co_await state.bucket.put(key, state.value);
  }
}

asio::awaitable<void> getter(running& state) {
  while (state.next < state.total) {
    const std::string& key = state.keys[state.next++ % state.keys.size()];
    const std::optional<entry> e = co_await state.bucket.get(key);
    if (!e) throw std::runtime_error("get: the key " + key + " is not there");
  }
}

cost kvco_of(kvco_client& nats, kind what, running& state, std::size_t total, std::size_t window) {
  state.next = 0;
  state.total = total;
  const stopwatch watch;
  nats.run([&] { return what == kind::put ? putter(state) : getter(state); }, window);
  return watch.stop(total);
}

void keep_best(cost& best, const cost& one) {
  if (best.count == 0 || one.seconds < best.seconds) best = one;
}

// --- output -------------------------------------------------------------------------------------------------------------

void title(std::ostream& out, std::string_view text) {
  out << '\n'
      << std::left << std::setw(30) << text << std::right << std::setw(12) << "kvco /s" << std::setw(12)
      << "floor /s" << std::setw(8) << "ratio" << std::setw(12) << "kvco us" << std::setw(12) << "floor us"
      << '\n';
}

void row(std::ostream& out, const std::string& name, const cost& ours, const cost& floor) {
  out << std::left << std::setw(30) << name << std::right << std::fixed << std::setprecision(0)
      << std::setw(12) << ours.per_second() << std::setw(12) << floor.per_second() << std::setprecision(2)
      << std::setw(8) << ours.per_second() / floor.per_second() << std::setw(12) << ours.cpu_microseconds()
      << std::setw(12) << floor.cpu_microseconds() << std::endl;
}

double resident_megabytes() {
  std::ifstream file("/proc/self/statm");
  std::size_t total = 0, resident = 0;
  file >> total >> resident;
  return static_cast<double>(resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE))) / 1e6;
}

// --- allocations --------------------------------------------------------------------------------------------------------

asio::awaitable<void> put_all(running& state) {
  for (const std::string& key : state.keys) co_await state.bucket.put(key, state.value);
}

// One entry at a time, each waited for: what a live update costs beyond the put that made it.
asio::awaitable<void> put_and_next(running& state, watcher& updates) {
  for (const std::string& key : state.keys) {
    co_await state.bucket.put(key, state.value);
    const std::optional<entry> e = co_await updates.next();
    if (!e) throw std::runtime_error("the watch has ended");
  }
}

// g++ 12 makes a program that crashes of `while (co_await ...)` without a declaration.
asio::awaitable<void> take_initial(watcher& all, std::size_t& taken) {
  while (const std::optional<entry> e = co_await all.next_initial()) ++taken;
}

asio::awaitable<void> take_batches(watcher& all, std::size_t& taken) {
  while (const auto batch = co_await all.next_batch()) taken += batch->size();
}

double allocations_of(std::size_t count, const std::function<void()>& what) {
  const std::uint64_t before = allocations();
  what();
  return static_cast<double>(allocations() - before) / static_cast<double>(count);
}

void allocation_row(std::ostream& out, std::string_view name, double each) {
  out << std::left << std::setw(30) << name << std::right << std::fixed << std::setprecision(3)
      << std::setw(12) << each << std::endl;
}

void preload(raw_client& raw, const std::vector<std::string>& keys, const std::string& value) {
  raw.pipeline(keys.size(), 4096, raw_client::reply::pub_ack, [&](std::string& out, std::size_t i) {
    out += encode_put(bucket_name, keys[i], value, raw.reply_subject());
  });
}

}  // namespace

void bench_allocations(std::ostream& out, const std::string& url, const bucket_bench_sizes& sizes) {
  kvco_client nats(url);
  const auto keys = make_keys(std::max<std::size_t>(sizes.sequential / 10, key_count));
  const std::string value(sizes.value, 'v');
  running state{nats.bucket(), keys, value};
  const auto many = [&](kind what, std::size_t window) {
    kvco_of(nats, what, state, keys.size(), window);  // warm up
    // What spawning the coroutines costs is not an operation's: it is measured with none and taken off.
    const double spawning = allocations_of(1, [&] { kvco_of(nats, what, state, 0, window); });
    return allocations_of(keys.size(), [&] { kvco_of(nats, what, state, keys.size(), window); }) -
           spawning / static_cast<double>(keys.size());
  };

  out << '\n'
      << std::left << std::setw(30) << "heap allocations" << std::right << std::setw(12) << "each" << '\n';
  allocation_row(out, "put, 1 in flight", many(kind::put, 1));
  allocation_row(out, "put, 1024 in flight", many(kind::put, 1024));
  allocation_row(out, "get, 1 in flight", many(kind::get, 1));
  allocation_row(out, "get, 1024 in flight", many(kind::get, 1024));

  watcher updates = nats.bucket().watch_all({.updates_only = true});
  std::size_t none = 0;
  nats.run([&] { return take_initial(updates, none); });  // until it stands
  const work live = [&] { return put_and_next(state, updates); };
  nats.run(live);
  const double both = allocations_of(keys.size(), [&] { nats.run(live); });
  const double puts = allocations_of(keys.size(), [&] { nats.run([&] { return put_all(state); }); });
  allocation_row(out, "watched entry, next() waits", both - puts);
  updates.stop();

  for (const bool batches : {false, true}) {
    std::size_t taken = 0;
    const double each = allocations_of(keys.size(), [&] {
      watcher all = nats.bucket().watch_all({.initial_only = true});
      nats.run([&] { return batches ? take_batches(all, taken) : take_initial(all, taken); });
    });
    if (taken != keys.size())
      throw std::runtime_error("the watch gave " + std::to_string(taken) + " entries");
    allocation_row(out, batches ? "watched entry, next_batch()" : "watched entry, next_initial()", each);
  }
}

void bench_operations(std::ostream& out, const std::string& url, const bucket_bench_sizes& sizes) {
  kvco_client nats(url);
  raw_client raw(url);
  const auto keys = make_keys(key_count);
  const std::string value(sizes.value, 'v');
  preload(raw, keys, value);
  running state{nats.bucket(), keys, value};

  title(out, "operations");
  for (const kind what : {kind::put, kind::get}) {
    std::vector<std::string> requests;
    for (const std::string& key : keys) {
      requests.push_back(what == kind::put ? encode_put(bucket_name, key, value, raw.reply_subject())
                                           : encode_get(bucket_name, key, raw.reply_subject()));
    }
    for (const std::size_t window : {1u, 64u, 1024u}) {
      const std::size_t total = window == 1 ? sizes.sequential : sizes.concurrent;
      cost floor, ours;
      for (int i = 0; i < sizes.rounds; ++i) {
        keep_best(floor, floor_of(raw, what, requests, total, window));
        keep_best(ours, kvco_of(nats, what, state, total, window));
      }
      row(out, std::string(what == kind::put ? "put, " : "get, ") + std::to_string(window) + " in flight",
          ours, floor);
    }
  }
}

// The floor is what a client without such an operation can do: single requests, 1024 of them in flight.
void bench_many(std::ostream& out, const std::string& url, const bucket_bench_sizes& sizes) {
  kvco_client nats(url);
  raw_client raw(url);
  auto keys = make_keys(sizes.many);
  const std::string value(sizes.value, 'v');
  std::vector<put_item> items;
  for (const std::string& key : keys) items.push_back({key, value});
  const auto put_many = [&] {
    std::size_t stored = 0;
    const stopwatch watch;
    nats.run([&]() -> asio::awaitable<void> {
      const std::vector<put_outcome> all = co_await nats.bucket().put_many(items);
      stored = static_cast<std::size_t>(
          std::count_if(all.begin(), all.end(), [](const put_outcome& o) { return o.ok(); }));
    });
    const cost spent = watch.stop(stored);
    if (stored != keys.size()) throw std::runtime_error("put_many stored " + std::to_string(stored));
    return spent;
  };
  const auto get_many = [&] {
    std::size_t found = 0;
    const stopwatch watch;
    nats.run([&]() -> asio::awaitable<void> {
      const std::vector<std::optional<entry>> all = co_await nats.bucket().get_many(keys);
      found = static_cast<std::size_t>(
          std::count_if(all.begin(), all.end(), [](const std::optional<entry>& e) { return e.has_value(); }));
    });
    const cost spent = watch.stop(found);
    if (found != keys.size()) throw std::runtime_error("get_many found " + std::to_string(found));
    return spent;
  };
  const auto floor = [&](kind what) {
    std::vector<std::string> requests;
    for (const std::string& key : keys) {
      requests.push_back(what == kind::put ? encode_put(bucket_name, key, value, raw.reply_subject())
                                           : encode_get(bucket_name, key, raw.reply_subject()));
    }
    return floor_of(raw, what, requests, keys.size(), 1024);
  };

  title(out, "many of " + std::to_string(sizes.many) + " keys at once");
  cost put_floor, puts, get_floor, gets, shuffled_floor, shuffled;
  for (int i = 0; i < sizes.rounds; ++i) {
    keep_best(put_floor, floor(kind::put));
    keep_best(puts, put_many());
    keep_best(get_floor, floor(kind::get));
    keep_best(gets, get_many());
  }
  std::shuffle(keys.begin(), keys.end(), std::minstd_rand(1));
  for (int i = 0; i < sizes.rounds; ++i) {
    keep_best(shuffled_floor, floor(kind::get));
    keep_best(shuffled, get_many());
  }
  row(out, "put_many()", puts, put_floor);
  row(out, "get_many(), as written", gets, get_floor);
  row(out, "get_many(), shuffled", shuffled, shuffled_floor);
}

void bench_snapshot(std::ostream& out, const std::string& url, const bucket_bench_sizes& sizes) {
  kvco_client nats(url);
  raw_client raw(url);
  {
    const auto keys = make_keys(sizes.keys);
    preload(raw, keys, std::string(sizes.value, 'v'));
  }
  title(out, "bucket of " + std::to_string(sizes.keys) + " keys");
  double grown = 0;
  const auto kvco_snapshot = [&](bool batches) {
    const double before = resident_megabytes();
    std::size_t taken = 0;
    const stopwatch watch;
    watcher all = nats.bucket().watch_all({.initial_only = true});
    nats.run([&] { return batches ? take_batches(all, taken) : take_initial(all, taken); });
    const cost spent = watch.stop(taken);
    if (taken != sizes.keys) throw std::runtime_error("the watch gave " + std::to_string(taken) + " entries");
    grown = std::max(grown, resident_megabytes() - before);
    return spent;
  };
  const auto list = [&] {
    std::size_t taken = 0;
    const stopwatch watch;
    nats.run([&]() -> asio::awaitable<void> {
      const std::vector<std::string> keys =
          co_await nats.bucket().keys(">", {.timeout = std::chrono::minutes(2)});
      taken = keys.size();
    });
    const cost spent = watch.stop(taken);
    if (taken != sizes.keys) throw std::runtime_error("keys() gave " + std::to_string(taken) + " keys");
    return spent;
  };

  cost floor, next, batch, floor_of_keys, keys;
  for (int i = 0; i < sizes.rounds; ++i) {
    keep_best(floor, raw.snapshot(bucket_name, sizes.keys));
    keep_best(next, kvco_snapshot(false));
    keep_best(batch, kvco_snapshot(true));
    keep_best(floor_of_keys, raw.snapshot(bucket_name, sizes.keys, true));
    keep_best(keys, list());
  }
  row(out, "watch, next_initial()", next, floor);
  row(out, "watch, next_batch()", batch, floor);
  row(out, "keys()", keys, floor_of_keys);
  out << "resident memory grew by at most " << std::setprecision(1) << grown << " MB in a watch\n";
}

}  // namespace kvco::bench
