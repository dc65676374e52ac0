// get: the value of a key, of many keys, or of all that match a filter.
#include <kvco/cli/bucket_text.hpp>
#include <kvco/cli/command.hpp>
#include <kvco/cli/json_line.hpp>
#include <kvco/cli/verbs.hpp>
#include <kvco/names.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace kvco::cli {
namespace {

constexpr argument arguments[] = {{.name = "BUCKET", .as = completes::bucket},
                                  {.name = "KEY", .as = completes::key, .many = true}};
constexpr flag flags[] = {
    {.name = "raw", .help = "the bytes of the value alone; of several values each with a line end"},
    {.name = "revision", .value = "N", .help = "the value that the key had at this revision"},
};
constexpr std::string_view examples[] = {
    "kvco get SHOP_ORDERS order-1", "kvco get SHOP_ORDERS order-1 --raw > order.json",
    "kvco get SHOP_ORDERS order-1 order-2", "kvco get SHOP_ORDERS 'price.>' --json"};

/// Several are separated: by a blank line, or as lines.
void print(command& call, const entry& e, bool is_first, bool is_only) {
  if (call.json) {
    call.out.write(json_of(e));
  } else if (call.args.has("raw")) {
    call.out.write(e.value());
    if (!is_only) call.out.write("\n");
  } else {
    if (!is_first) call.out.write("\n");
    call.out.write(block_of(e));
  }
}

work get_one(command_ptr call, bucket from, std::string key) {
  call->about = place(from.name(), key);
  const std::optional<std::uint64_t> at = call->args.number("revision");
  std::optional<entry> found;
  if (at) {
    found = co_await from.get_revision(key, *at, {.diag = &call->why});
    if (!found) throw failure(exit_code::not_found, "has no value at revision " + std::to_string(*at));
  } else {
    found = co_await from.get_entry(key, {.diag = &call->why});
    if (!found) throw failure(exit_code::not_found, "key not found");
    if (found->operation() != operation::put) throw failure(exit_code::not_found, "key was deleted");
  }
  print(*call, *found, true, true);
  co_return exit_code::ok;
}

work get_several(command_ptr call, bucket from, std::vector<std::string> keys) {
  const key_views views = keys;
  const std::vector<std::optional<entry>> all = co_await from.get_many(views, {.diag = &call->why});
  bool is_first = true, is_whole = true;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i]) {
      print(*call, *all[i], is_first, false);
      is_first = false;
    } else {
      complain(place(from.name(), keys[i]) + ": key not found");
      is_whole = false;
    }
  }
  co_return is_whole ? exit_code::ok : exit_code::not_found;
}

work get_matching(command_ptr call, bucket from, std::vector<std::string> filters) {
  const key_views views = filters;
  snapshot all = co_await from.get_prefix(views, {.diag = &call->why});
  std::sort(all.entries.begin(), all.entries.end(),
            [](const entry& a, const entry& b) { return a.key() < b.key(); });
  for (std::size_t i = 0; i < all.entries.size(); ++i) {
    print(*call, all.entries[i], i == 0, false);
    if (call->out.is_full() && !co_await call->out.flush()) break;
  }
  if (all.entries.empty()) throw failure(exit_code::not_found, "no key matches");
  co_return exit_code::ok;
}

bool is_filter(const std::string& key) { return key.find_first_of("*>") != key.npos; }

work run_get(command_ptr call) {
  std::vector<std::string> keys = call->args.all("KEY");
  const bool filters = std::any_of(keys.begin(), keys.end(), is_filter);
  call->args.number("revision");
  if (call->args.has("revision") && (keys.size() > 1 || filters))
    throw usage_error("get: --revision is of one key");
  bucket from = co_await open(call);
  if (filters) co_return co_await get_matching(call, from, std::move(keys));
  if (keys.size() > 1) co_return co_await get_several(call, from, std::move(keys));
  co_return co_await get_one(call, from, keys.front());
}

}  // namespace

const verb get_verb = {
    .name = "get",
    .summary = "Print the value of a key, of several keys, or of all that match a filter",
    .details =
        "A value that is no text is printed as base64, except with --raw. With a wildcard, * for one token "
        "or > "
        "for the rest, it prints all values as of one revision.",
    .arguments = arguments,
    .flags = flags,
    .examples = examples,
    .run = run_get,
};

}  // namespace kvco::cli
