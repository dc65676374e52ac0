// info and compact: a bucket as a whole.
#include <kvco/cli/bucket_text.hpp>
#include <kvco/cli/command.hpp>
#include <kvco/cli/json_line.hpp>
#include <kvco/cli/verbs.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include <unistd.h>

namespace kvco::cli {
namespace {

constexpr argument info_arguments[] = {{.name = "BUCKET", .as = completes::bucket, .optional = true}};
constexpr argument compact_arguments[] = {{.name = "BUCKET", .as = completes::bucket}};
constexpr flag compact_flags[] = {
    {.name = "force", .help = "do not ask", .letter = 'f'},
    {.name = "older-than", .value = "TIME", .help = "markers younger than this are kept, 30m; 0: none is"},
};
constexpr std::string_view info_examples[] = {"kvco info SHOP_ORDERS"};
constexpr std::string_view compact_examples[] = {"kvco compact SHOP_ORDERS -f --older-than 1h"};

/// By its name, or by its number in the list.
std::string chosen(const std::vector<std::string>& names, const std::string& answer) {
  if (std::find(names.begin(), names.end(), answer) != names.end()) return answer;
  const std::optional<std::uint64_t> number = parse_number(answer);
  if (!number || *number == 0 || *number > names.size())
    throw usage_error("\"" + answer + "\" is none of these buckets");
  return names[*number - 1];
}

asio::awaitable<std::string> choose_bucket(command_ptr call, client nats) {
  const std::vector<std::string> names = co_await nats.bucket_names({.diag = &call->why});
  if (names.empty()) throw failure(exit_code::not_found, "no Key-Value buckets found");
  std::string question;
  for (std::size_t i = 0; i < names.size(); ++i) question += std::to_string(i + 1) + " " + names[i] + "\n";
  question += "Which bucket? ";
  co_return chosen(names, co_await ask(call, question));
}

work run_info(command_ptr call) {
  std::string name = call->args.text("BUCKET");
  if (name.empty() && ::isatty(STDIN_FILENO) != 1)
    throw usage_error("info: BUCKET is missing; without a terminal none can be chosen");
  client nats = co_await connect(call);
  if (name.empty()) name = co_await choose_bucket(call, nats);
  bucket of = co_await open(call, nats, name);
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
    .details = "Without BUCKET, it lists the buckets on a terminal, and asks for one.",
    .arguments = info_arguments,
    .examples = info_examples,
    .run = run_info,
};

const verb compact_verb = {
    .name = "compact",
    .in = family::buckets,
    .summary = "Remove the history and the markers of deleted keys",
    .arguments = compact_arguments,
    .flags = compact_flags,
    .examples = compact_examples,
    .run = run_compact,
};

}  // namespace kvco::cli
