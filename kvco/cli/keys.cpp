// keys: the keys of a bucket that have a value.
#include <kvco/cli/bucket_text.hpp>
#include <kvco/cli/command.hpp>
#include <kvco/cli/json_line.hpp>
#include <kvco/cli/verbs.hpp>
#include <kvco/reads.hpp>

#include <string>
#include <utility>
#include <vector>

namespace kvco::cli {
namespace {

constexpr argument arguments[] = {{.name = "BUCKET", .as = completes::bucket},
                                  {.name = "FILTER", .as = completes::key, .optional = true, .many = true}};
constexpr flag flags[] = {{.name = "count", .help = "only how many; deleted keys count until `compact`"}};
constexpr std::string_view examples[] = {"kvco keys SHOP_ORDERS",
                                         "kvco keys SHOP_ORDERS 'order.*' 'price.>'"};

work run_keys(command_ptr call) {
  bucket from = co_await open(call);
  std::vector<std::string> filters = call->args.all("FILTER");
  if (filters.empty()) filters.emplace_back(">");
  const key_views views = filters;
  if (call->args.has("count")) {
    const std::uint64_t number = co_await count_keys(from, views, {.diag = &call->why});
    call->out.write(call->json ? json_line().number("keys", number).line() : std::to_string(number) + "\n");
    co_return exit_code::ok;
  }
  std::vector<std::string> keys = co_await from.keys(views, {.diag = &call->why});
  call->out.write(lines_of_keys(std::move(keys), call->json));
  co_return exit_code::ok;
}

}  // namespace

const verb keys_verb = {
    .name = "keys",
    .summary = "List the keys that have a value, all or those that match a filter",
    .arguments = arguments,
    .flags = flags,
    .examples = examples,
    .run = run_keys,
};

}  // namespace kvco::cli
