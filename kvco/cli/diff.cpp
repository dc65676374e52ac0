// diff: where two buckets have different values.
#include <kvco/cli/command.hpp>
#include <kvco/cli/difference.hpp>
#include <kvco/cli/json_line.hpp>
#include <kvco/cli/texts.hpp>
#include <kvco/cli/verbs.hpp>

#include <string>
#include <vector>

namespace kvco::cli {
namespace {

constexpr argument arguments[] = {{.name = "BUCKET", .as = completes::bucket},
                                  {.name = "OTHER", .as = completes::bucket},
                                  {.name = "FILTER", .as = completes::key, .optional = true, .many = true}};
constexpr std::string_view examples[] = {"kvco diff SHOP_ORDERS BACKUP",
                                         "kvco diff SHOP_ORDERS BACKUP 'order.>' --json"};

std::string line_of(const difference& of) {
  json_line out;
  out.bytes("key", of.key);
  if (of.before) out.bytes("before", *of.before);
  if (of.after) out.bytes("after", *of.after);
  return out.line();
}

std::string lines_of(const command& call, const difference& of) {
  std::string out;
  if (of.before)
    out +=
        call.out.coloured(colour::red, "- " + shown_in_a_line(of.key) + ": " + shown_in_a_line(*of.before)) +
        "\n";
  if (of.after)
    out +=
        call.out.coloured(colour::green, "+ " + shown_in_a_line(of.key) + ": " + shown_in_a_line(*of.after)) +
        "\n";
  return out;
}

work run_diff(command_ptr call) {
  std::vector<std::string> filters = call->args.all("FILTER");
  if (filters.empty()) filters.emplace_back(">");
  const key_views views = filters;
  client nats = co_await connect(call);
  bucket one = co_await open(call, nats, call->args.text("BUCKET"));
  const snapshot before = co_await one.get_prefix(views, {.diag = &call->why});
  bucket other = co_await open(call, nats, call->args.text("OTHER"));
  const snapshot after = co_await other.get_prefix(views, {.diag = &call->why});
  const std::vector<difference> all = differences(before.entries, after.entries);
  for (const difference& each : all) call->out.write(call->json ? line_of(each) : lines_of(*call, each));
  co_return all.empty() ? exit_code::ok : exit_code::conflict;
}

}  // namespace

const verb diff_verb = {
    .name = "diff",
    .in = family::many,
    .summary = "Show where two buckets have different values; exit code 4 if they do",
    .details = "Lines with - are of BUCKET, lines with + of OTHER. Both are held in memory.",
    .arguments = arguments,
    .examples = examples,
    .run = run_diff,
};

}  // namespace kvco::cli
