// top: the buckets that are written most, again and again.
#include <kvco/cli/all_buckets.hpp>
#include <kvco/cli/bucket_text.hpp>
#include <kvco/cli/json_line.hpp>
#include <kvco/cli/verbs.hpp>

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace kvco::cli {
namespace {

using clock = std::chrono::steady_clock;

constexpr flag flags[] = {
    {.name = "interval", .value = "TIME", .help = "between two tables, 1s"},
    {.name = "count", .value = "N", .help = "end after this number of tables"},
};
constexpr std::string_view examples[] = {"kvco top", "kvco top --count 2 --interval 10s --json"};

struct busy_bucket {
  bucket_status now;
  double writes_per_second = 0;
};

/// Remembers the last revisions, to report the writes since then.
class rates {
 public:
  std::vector<busy_bucket> of(std::vector<bucket_status> all) {
    const clock::time_point now = clock::now();
    const std::chrono::duration<double> passed = now - std::exchange(last_, now);
    std::map<std::string, revision> revisions;
    std::vector<busy_bucket> out;
    for (bucket_status& each : all) {
      const auto before = revisions_.find(each.config.name());
      const bool grows = before != revisions_.end() && each.last_revision >= before->second;
      const double writes = grows ? static_cast<double>(each.last_revision - before->second) : 0;
      revisions[each.config.name()] = each.last_revision;
      out.push_back({std::move(each), passed.count() > 0 ? writes / passed.count() : 0});
    }
    revisions_ = std::move(revisions);
    std::stable_sort(out.begin(), out.end(), [](const busy_bucket& a, const busy_bucket& b) {
      return a.writes_per_second > b.writes_per_second;
    });
    return out;
  }

 private:
  clock::time_point last_ = clock::now();
  std::map<std::string, revision> revisions_;
};

table table_of(const std::vector<busy_bucket>& all) {
  table out(
      "Key-Value Buckets at " + local_clock(std::chrono::system_clock::now()),
      {{"Bucket"}, {"Writes/s", true}, {"Keys", true}, {"Values", true}, {"Size", true}, {"Watches", true}});
  for (const busy_bucket& each : all)
    out.add({each.now.config.name(), with_commas(static_cast<std::uint64_t>(each.writes_per_second + 0.5)),
             with_commas(each.now.stream.subjects), with_commas(each.now.messages), byte_size(each.now.bytes),
             with_commas(each.now.stream.consumers)});
  return out;
}

std::string json_of(const busy_bucket& of) {
  json_line out;
  out.text("bucket", of.now.config.name()).decimal("writes_per_second", of.writes_per_second);
  out.number("keys", of.now.stream.subjects).number("values", of.now.messages).number("bytes", of.now.bytes);
  return out.number("watches", of.now.stream.consumers).line();
}

void write(command& call, const std::vector<busy_bucket>& all) {
  if (call.json) {
    for (const busy_bucket& each : all) call.out.write(json_of(each));
  } else {
    if (call.out.is_terminal()) call.out.write("\x1b[H\x1b[2J");
    call.out.write(table_of(all).drawn(call.out.width()));
  }
}

work run_top(command_ptr call) {
  const duration interval = call->args.time("interval").value_or(std::chrono::seconds(1));
  const bool counts = call->args.has("count");
  std::uint64_t left = call->args.number("count").value_or(0);
  client nats = co_await connect(call);
  asio::steady_timer timer(call->reactor);
  rates since;
  while (!counts || left-- > 0) {
    std::vector<bucket_status> all = co_await statuses(call, nats);
    write(*call, since.of(std::move(all)));
    co_await call->out.flush();
    if (counts && left == 0) break;
    timer.expires_after(std::chrono::duration_cast<clock::duration>(interval));
    co_await timer.async_wait(asio::deferred);
  }
  co_return exit_code::ok;
}

}  // namespace

const verb top_verb = {
    .name = "top",
    .in = family::tools,
    .summary = "Show the buckets that are written most, again and again",
    .details = "Keys and values include those that are deleted, until `kvco compact`.",
    .flags = flags,
    .examples = examples,
    .run = run_top,
};

}  // namespace kvco::cli
