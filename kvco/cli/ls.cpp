// ls: the buckets, or the keys of one.
#include <kvco/cli/all_buckets.hpp>
#include <kvco/cli/bucket_text.hpp>
#include <kvco/cli/json_line.hpp>
#include <kvco/cli/table.hpp>
#include <kvco/cli/verbs.hpp>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace kvco::cli {
namespace {

constexpr argument arguments[] = {{.name = "BUCKET", .as = completes::bucket, .optional = true},
                                  {.name = "FILTER", .as = completes::key, .optional = true}};
constexpr flag flags[] = {
    {.name = "names", .help = "the names of the buckets alone", .letter = 'n'},
    {.name = "verbose", .help = "a table of the keys, with their revisions", .letter = 'v'},
    {.name = "display-value", .help = "with --verbose: also the values"},
};
constexpr std::string_view examples[] = {"kvco ls", "kvco ls SHOP_ORDERS",
                                         "kvco ls SHOP_ORDERS 'order.>' --verbose"};

void sort_by_size(std::vector<bucket_status>& all) {
  std::sort(all.begin(), all.end(), [](const bucket_status& a, const bucket_status& b) {
    return std::pair(a.bytes, a.config.name()) < std::pair(b.bytes, b.config.name());
  });
}

work list_buckets(command_ptr call) {
  client nats = co_await connect(call);
  if (call->args.has("names")) {
    const std::vector<std::string> names = co_await nats.bucket_names({.diag = &call->why});
    for (const std::string& name : names)
      call->out.write(call->json ? json_line().text("bucket", name).line() : name + "\n");
    co_return exit_code::ok;
  }
  std::vector<bucket_status> all = co_await statuses(call, nats);
  sort_by_size(all);
  if (call->json) {
    for (const bucket_status& each : all) call->out.write(json_of(each));
  } else if (all.empty()) {
    complain("no Key-Value buckets found");
  } else {
    call->out.write(table_of(all, std::chrono::system_clock::now()).drawn(call->out.width()));
  }
  co_return exit_code::ok;
}

work list_keys(command_ptr call) {
  bucket from = co_await open(call);
  const std::string filter = call->args.has("FILTER") ? call->args.text("FILTER") : ">";
  const bool values = call->args.has("display-value");
  if (!call->args.has("verbose") && !values) {
    std::vector<std::string> keys = co_await from.keys(filter, {.diag = &call->why});
    const bool is_empty = keys.empty();
    call->out.write(lines_of_keys(std::move(keys), call->json));
    if (is_empty && !call->json) complain("no keys found in bucket " + from.name());
    co_return exit_code::ok;
  }
  watcher all = from.watch(filter, {.ignore_deletes = true, .meta_only = !values, .initial_only = true});
  std::vector<entry> found;
  while (std::optional<entry> e = co_await all.next()) found.push_back(std::move(*e));
  std::sort(found.begin(), found.end(), [](const entry& a, const entry& b) { return a.key() < b.key(); });
  if (call->json) {
    for (const entry& each : found) call->out.write(values ? json_of(each) : json_of_meta(each));
  } else if (found.empty()) {
    complain("no keys found in bucket " + from.name());
  } else {
    call->out.write(table_of_contents(from.name(), found, values).drawn(call->out.width()));
  }
  co_return exit_code::ok;
}

work run(command_ptr call) {
  if (!call->args.has("BUCKET")) return list_buckets(std::move(call));
  return list_keys(std::move(call));
}

}  // namespace

const verb ls_verb = {
    .name = "ls",
    .alias = "list",
    .in = family::buckets,
    .summary = "List the buckets, or the keys of one",
    .arguments = arguments,
    .flags = flags,
    .examples = examples,
    .run = [](command_ptr call) { return run(std::move(call)); },
};

}  // namespace kvco::cli
