// info and compact: a bucket as a whole.
#include <kvco/cli/bucket_text.hpp>
#include <kvco/cli/command.hpp>
#include <kvco/cli/json_line.hpp>
#include <kvco/cli/verbs.hpp>

namespace kvco::cli {
namespace {

constexpr argument arguments[] = {{.name = "BUCKET", .as = completes::bucket}};
constexpr flag compact_flags[] = {
    {.name = "force", .help = "do not ask", .letter = 'f'},
    {.name = "older-than", .value = "TIME", .help = "markers younger than this are kept, 30m; 0: none is"},
};
constexpr std::string_view info_examples[] = {"kvco info SHOP_ORDERS"};
constexpr std::string_view compact_examples[] = {"kvco compact SHOP_ORDERS -f --older-than 1h"};

work run_info(command_ptr call) {
  bucket of = co_await open(call);
  const bucket_status status = co_await of.status({.diag = &call->why});
  call->out.write(call->json ? json_of(status) : block_of(status));
  co_return exit_code::ok;
}

work run_compact(command_ptr call) {
  const std::string name = call->args.text("BUCKET");
  const duration older = call->args.time("older-than").value_or(std::chrono::minutes(30));
  co_await confirm(call,
                   "Purge all historic values and audit trails for deleted keys in bucket " + name + "?",
                   "Skipping compact");
  bucket of = co_await open(call);
  const std::uint64_t removed = co_await of.purge_deletes({.older_than = older, .diag = &call->why});
  if (call->json) call->out.write(json_line().text("bucket", name).number("removed", removed).line());
  co_return exit_code::ok;
}

}  // namespace

const verb info_verb = {
    .name = "info",
    .alias = "status",
    .in = family::buckets,
    .summary = "Show the settings and the size of a bucket",
    .arguments = arguments,
    .examples = info_examples,
    .run = run_info,
};

const verb compact_verb = {
    .name = "compact",
    .in = family::buckets,
    .summary = "Remove the history and the markers of deleted keys",
    .arguments = arguments,
    .flags = compact_flags,
    .examples = compact_examples,
    .run = run_compact,
};

}  // namespace kvco::cli
