// watch: the changes of a bucket, until it is interrupted.
#include <kvco/cli/command.hpp>
#include <kvco/cli/json_line.hpp>
#include <kvco/cli/texts.hpp>
#include <kvco/cli/verbs.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace kvco::cli {
namespace {

constexpr argument arguments[] = {{.name = "BUCKET", .as = completes::bucket},
                                  {.name = "FILTER", .as = completes::key, .optional = true, .many = true}};
constexpr flag flags[] = {
    {.name = "history", .help = "first all revisions that are kept"},
    {.name = "updates", .help = "only changes from now on"},
    {.name = "no-deletes", .help = "without deleted keys"},
    {.name = "revision", .value = "N", .help = "first every revision from this one on"},
    {.name = "count", .value = "N", .help = "end after so many entries"},
    {.name = "once", .help = "end after those that are there"},
};
constexpr std::string_view examples[] = {"kvco watch SHOP_ORDERS",
                                         "kvco watch SHOP_ORDERS 'order.>' --updates --json"};

std::string line_of(const command& call, const entry& e) {
  if (call.json) return json_of(e);
  const bool is_put = e.operation() == operation::put;
  std::string line = "[" + local_time(e.created()) + "] ";
  line += call.out.coloured(is_put ? colour::green : colour::red, name_of(e.operation()));
  line += " " + place(std::string(e.bucket()), std::string(e.key()));
  if (is_put) line += ": " + shown_in_a_line(e.value());
  return line + "\n";
}

watch_options options_of(const command& call, diagnostics& why) {
  return {.ignore_deletes = call.args.has("no-deletes"),
          .include_history = call.args.has("history"),
          .updates_only = call.args.has("updates"),
          .initial_only = call.args.has("once"),
          .resume_from = call.args.number("revision").value_or(0),
          .diag = &why};
}

/// Where a later call continues.
exit_code interrupted_at(revision last) {
  if (last == 0) {
    complain("interrupted before the first entry", patience::none);
  } else {
    complain("interrupted after revision " + std::to_string(last) + ": --revision " +
                 std::to_string(last + 1) + " continues",
             patience::none);
  }
  return exit_code::interrupted;
}

work run_watch(command_ptr call) {
  std::vector<std::string> filters = call->args.all("FILTER");
  if (filters.empty()) filters.emplace_back(">");
  const watch_options options = options_of(*call, call->why);
  std::uint64_t left = call->args.number("count").value_or(0);
  const bool counts = call->args.has("count");
  bucket from = co_await open(call);
  watcher changes = from.watch(filters, options);
  const soft_interruption soft(call->stop, [&](int) { changes.stop(); });
  revision printed = options.resume_from == 0 ? 0 : options.resume_from - 1;
  while (!counts || left > 0) {
    const auto batch = co_await changes.next_batch(counts ? left : SIZE_MAX);
    if (!batch) break;
    for (const entry& e : *batch) call->out.write(line_of(*call, e));
    if (!co_await call->out.flush()) break;
    printed = batch->back().revision();
    left -= std::min<std::uint64_t>(left, batch->size());
  }
  co_return call->stop.has_come() ? interrupted_at(printed) : exit_code::ok;
}

}  // namespace

const verb watch_verb = {
    .name = "watch",
    .summary = "Print the last entry of each key, then each change",
    .details =
        "It survives lost connections and restarts of the server. Interrupted, it reports the revision from "
        "which a "
        "later call continues.",
    .arguments = arguments,
    .flags = flags,
    .examples = examples,
    .run = run_watch,
};

}  // namespace kvco::cli
