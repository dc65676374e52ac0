// export: a bucket as lines of JSON.
#include <kvco/cli/command.hpp>
#include <kvco/cli/json_line.hpp>
#include <kvco/cli/progress.hpp>
#include <kvco/cli/verbs.hpp>

#include <optional>
#include <string>
#include <vector>

namespace kvco::cli {
namespace {

constexpr argument arguments[] = {{.name = "BUCKET", .as = completes::bucket},
                                  {.name = "FILTER", .as = completes::key, .optional = true, .many = true}};
constexpr flag flags[] = {
    {.name = "history", .help = "all revisions that are kept, deletions included"},
    {.name = "from",
     .value = "N",
     .help = "every revision from this one on, deletions included: continues an export"},
};
constexpr std::string_view examples[] = {"kvco export SHOP_ORDERS > orders.ndjson",
                                         "kvco export SHOP_ORDERS --from 1235 >> orders.ndjson"};

exit_code interrupted_at(revision last) {
  complain("interrupted after revision " + std::to_string(last) + ": --from " + std::to_string(last + 1) +
               " continues",
           patience::none);
  return exit_code::interrupted;
}

work run_export(command_ptr call) {
  std::vector<std::string> filters = call->args.all("FILTER");
  if (filters.empty()) filters.emplace_back(">");
  const revision from_revision = call->args.number("from").value_or(0);
  const bool history = call->args.has("history");
  bucket from = co_await open(call);
  watcher all = from.watch(filters, {.ignore_deletes = !history && from_revision == 0,
                                     .include_history = history && from_revision == 0,
                                     .initial_only = true,
                                     .resume_from = from_revision,
                                     .diag = &call->why});
  const soft_interruption soft(call->stop, [&](int) { all.stop(); });
  std::optional<progress> shown;
  revision printed = from_revision == 0 ? 0 : from_revision - 1;
  while (const auto batch = co_await all.next_batch()) {
    if (!shown) shown.emplace("exporting", batch->front().delta() + 1);
    for (const entry& e : *batch) call->out.write(json_of(e));
    if (!co_await call->out.flush()) break;
    printed = batch->back().revision();
    shown->advance(batch->size());
  }
  co_return call->stop.has_come() ? interrupted_at(printed) : exit_code::ok;
}

}  // namespace

const verb export_verb = {
    .name = "export",
    .in = family::many,
    .summary = "Print a bucket as lines of JSON, with the exact bytes and the revisions",
    .details =
        "Members of a line: bucket, key, revision, operation (PUT, DELETE or PURGE), created, and of a PUT "
        "value. A key or a value that is not UTF-8 is in \"key_base64\" or \"value_base64\" instead. Without "
        "--history and --from, the values that are there. Interrupted, it reports how to continue.",
    .arguments = arguments,
    .flags = flags,
    .examples = examples,
    .run = run_export,
};

}  // namespace kvco::cli
