// bench: how fast a bucket is written and read, as `nats bench kv` measures it.
#include <kvco/cli/command.hpp>
#include <kvco/cli/json_line.hpp>
#include <kvco/cli/latencies.hpp>
#include <kvco/cli/progress.hpp>
#include <kvco/cli/settings.hpp>
#include <kvco/cli/texts.hpp>
#include <kvco/cli/verbs.hpp>
#include <kvco/token.hpp>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <exception>
#include <iostream>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace kvco::cli {
namespace {

using clock = std::chrono::steady_clock;

constexpr argument arguments[] = {{.name = "OPERATION"}};
constexpr flag flags[] = {
    {.name = "bucket",
     .value = "BUCKET",
     .help = "benchbucket; put creates it if there is none",
     .as = completes::bucket},
    {.name = "clients", .value = "N", .help = "connections, 1"},
    {.name = "inflight", .value = "N", .help = "operations in flight on each connection, 1"},
    {.name = "msgs", .value = "N", .help = "operations of all clients, 100000"},
    {.name = "size", .value = "SIZE", .help = "of a value, 128B"},
    {.name = "randomize", .value = "N", .help = "random keys of 0 to N-1, instead of each key once"},
    {.name = "storage", .value = "KIND", .help = "of a new bucket: file or memory"},
    {.name = "replicas", .value = "N", .help = "of a new bucket"},
    {.name = "history", .value = "N", .help = "of a new bucket"},
    {.name = "purge", .help = "delete the bucket afterwards"},
};
constexpr std::string_view examples[] = {"kvco bench put --msgs 10000",
                                         "kvco bench get --msgs 10000 --inflight 64 --clients 2"};

/// Shared by all workers.
struct benchmark {
  bool puts = false;
  std::string value;
  std::uint64_t operations = 0, next = 0, random_keys = 0, bytes = 0;
  std::minstd_rand random{1};
  latencies taken;
  std::optional<progress> shown;
  std::size_t working = 0;
  std::exception_ptr failed;

  /// Nothing: each operation has its turn.
  std::optional<std::string> next_key() {
    if (next >= operations || failed) return std::nullopt;
    const std::uint64_t turn = next++;
    return std::to_string(random_keys == 0 ? turn : random() % random_keys);
  }
};
using benchmark_ptr = std::shared_ptr<benchmark>;

asio::awaitable<void> work_on(benchmark_ptr all, bucket with) {
  while (const std::optional<std::string> key = all->next_key()) {
    const clock::time_point begin = clock::now();
    if (all->puts) {
      co_await with.put(*key, all->value);
      all->bytes += all->value.size();
    } else {
      const std::optional<entry> found = co_await with.get(*key);
      if (found) all->bytes += found->value().size();
    }
    all->taken.add(clock::now() - begin);
    all->shown->advance();
  }
}

/// Starts the workers, and waits for the last one.
asio::awaitable<void> run_workers(command_ptr call, benchmark_ptr all, std::vector<bucket> buckets,
                                  std::uint64_t in_flight) {
  const auto executor = call->reactor.get_executor();
  const auto done = std::make_shared<asio::steady_timer>(executor, clock::time_point::max());
  all->working = buckets.size() * in_flight;
  for (const bucket& each : buckets) {
    for (std::uint64_t i = 0; i < in_flight; ++i) {
      asio::co_spawn(executor, work_on(all, each), [all, done](std::exception_ptr failed) {
        if (failed) all->failed = failed;
        if (--all->working == 0) done->cancel();
      });
    }
  }
  while (all->working != 0) co_await done->async_wait(nothrow);
  if (all->failed) std::rethrow_exception(all->failed);
}

asio::awaitable<std::vector<bucket>> open_buckets(command_ptr call, bucket_config wanted,
                                                  std::uint64_t clients, bool creates) {
  std::vector<bucket> out;
  call->about = wanted.name();
  for (std::uint64_t i = 0; i < clients; ++i) {
    client nats = co_await connect(call);
    if (creates && i == 0) {
      out.push_back(co_await nats.ensure_bucket(wanted));
    } else {
      out.push_back(co_await nats.open_bucket(wanted.name()));
    }
  }
  co_return out;
}

void report(command& call, const benchmark& of, std::chrono::duration<double> elapsed) {
  const latency_summary took = of.taken.summary();
  if (call.json) {
    json_line line;
    line.text("operation", of.puts ? "put" : "get").number("operations", of.taken.count());
    line.decimal("seconds", elapsed.count())
        .decimal("per_second", static_cast<double>(of.taken.count()) / elapsed.count());
    line.decimal("min_us", took.min)
        .decimal("avg_us", took.average)
        .decimal("max_us", took.max)
        .decimal("stddev_us", took.deviation);
    line.decimal("p50_us", took.p50)
        .decimal("p90_us", took.p90)
        .decimal("p99_us", took.p99)
        .decimal("p99_9_us", took.p999);
    call.out.write(line.line());
    return;
  }
  call.out.write("\n NATS JetStream KV " + std::string(of.puts ? "putter" : "getter") +
                 " stats: " + rate_line(of.taken.count(), of.bytes, elapsed, took) + "\n");
}

benchmark_ptr benchmark_of(const command& call) {
  const std::string operation = call.args.text("OPERATION");
  if (operation != "put" && operation != "get")
    throw usage_error("bench: put or get, not \"" + operation + "\"");
  auto out = std::make_shared<benchmark>();
  out->puts = operation == "put";
  out->value.assign(static_cast<std::size_t>(call.args.size("size").value_or(128)), 'x');
  out->operations = call.args.number("msgs").value_or(100'000);
  out->random_keys = call.args.number("randomize").value_or(0);
  return out;
}

std::uint64_t at_least_one(const command& call, std::string_view name) {
  const std::uint64_t number = call.args.number(name).value_or(1);
  if (number == 0 || number > 100'000) throw usage_error("--" + std::string(name) + ": 1 to 100000");
  return number;
}

work run_bench(command_ptr call) {
  const benchmark_ptr all = benchmark_of(*call);
  const std::uint64_t clients = at_least_one(*call, "clients"), in_flight = at_least_one(*call, "inflight");
  parsed settings = call->args;
  const std::string name = call->args.has("bucket") ? call->args.text("bucket") : "benchbucket";
  settings.set("BUCKET", {name});
  const std::vector<bucket> buckets = co_await open_buckets(call, settings_of(settings), clients, all->puts);
  if (!call->json)
    call->out.write(local_clock(std::chrono::system_clock::now()) + " Starting JetStream KV " +
                    (all->puts ? "putter" : "getter") + " benchmark [bucket=" + name +
                    ", clients=" + with_commas(clients) + ", inflight=" + with_commas(in_flight) +
                    ", msg-size=" + byte_size(all->value.size()) + ", msgs=" + with_commas(all->operations) +
                    "]\n");
  co_await call->out.flush();
  const clock::time_point begin = clock::now();
  all->shown.emplace(all->puts ? "putting" : "getting", all->operations);
  co_await run_workers(call, all, buckets, in_flight);
  const std::chrono::duration<double> elapsed = clock::now() - begin;
  all->shown.reset();
  report(*call, *all, elapsed);
  if (call->args.has("purge")) co_await buckets.front().client().delete_bucket(name);
  co_return exit_code::ok;
}

}  // namespace

const verb bench_verb = {
    .name = "bench",
    .in = family::tools,
    .summary = "Measure put or get",
    .details =
        "OPERATION is put or get. The lines are those of `nats bench kv`, to be compared with it; --inflight "
        "is beyond it.",
    .arguments = arguments,
    .flags = flags,
    .examples = examples,
    .run = run_bench,
};

}  // namespace kvco::cli
