// put, create and update: a value for a key.
#include <kvco/cli/command.hpp>
#include <kvco/cli/json_line.hpp>
#include <kvco/cli/value.hpp>
#include <kvco/cli/verbs.hpp>

#include <optional>
#include <string>
#include <utility>

namespace kvco::cli {
namespace {

constexpr argument put_arguments[] = {{.name = "BUCKET", .as = completes::bucket},
                                      {.name = "KEY", .as = completes::key},
                                      {.name = "VALUE", .optional = true}};
constexpr argument update_arguments[] = {{.name = "BUCKET", .as = completes::bucket},
                                         {.name = "KEY", .as = completes::key},
                                         {.name = "VALUE"},
                                         {.name = "REVISION"}};
constexpr flag put_flags[] = {
    {.name = "file", .value = "FILE", .help = "the value is the content of this file", .as = completes::file},
};
constexpr flag create_flags[] = {
    {.name = "file", .value = "FILE", .help = "the value is the content of this file", .as = completes::file},
    {.name = "ttl",
     .value = "TIME",
     .help = "the key expires after this time (server 2.11, `add --marker-ttl`)"},
};
constexpr std::string_view put_examples[] = {"kvco put SHOP_ORDERS order-1 '{\"Id\":1}'",
                                             "kvco put SHOP_ORDERS order-2 - < order.json",
                                             "kvco put SHOP_ORDERS order-3 --file order.json"};
constexpr std::string_view create_examples[] = {"kvco create SHOP_ORDERS order-4 new"};
constexpr std::string_view update_examples[] = {"kvco update SHOP_ORDERS order-4 paid 7"};
constexpr std::string_view of_values =
    "VALUE - is standard input, and so is a missing one if standard input is no terminal. A value on the "
    "command line is "
    "printed, as nats does; with --json its revision.";

exit_code stored(command& call, const bucket& to, const given_value& value, revision at) {
  if (call.json) {
    call.out.write(json_of_write(to.name(), call.args.text("KEY"), at));
  } else if (value.is_word) {
    call.out.write(value.bytes + "\n");
  }
  return exit_code::ok;
}

struct prepared {
  bucket to;
  given_value value;
};

asio::awaitable<prepared> prepare(command_ptr call) {
  check_value(*call);
  client nats = co_await connect(call);
  bucket to = co_await open(call, nats, call->args.text("BUCKET"));
  given_value value = co_await value_of(call, nats);
  call->about = place(to.name(), call->args.text("KEY"));
  call->is_writing = true;
  prepared out{std::move(to), std::move(value)};
  co_return out;
}

work run_put(command_ptr call) {
  prepared p = co_await prepare(call);
  const std::string key = call->args.text("KEY");
  const revision at = co_await p.to.put(key, p.value.bytes, {.diag = &call->why});
  co_return stored(*call, p.to, p.value, at);
}

work run_create(command_ptr call) {
  const std::optional<duration> ttl = call->args.time("ttl");
  prepared p = co_await prepare(call);
  const std::string key = call->args.text("KEY");
  const revision at = co_await p.to.create(key, p.value.bytes, {.ttl = ttl, .diag = &call->why});
  co_return stored(*call, p.to, p.value, at);
}

/// 0 is a key that was never written, as with nats.
work run_update(command_ptr call) {
  const std::optional<revision> last = call->args.number("REVISION");
  prepared p = co_await prepare(call);
  const std::string key = call->args.text("KEY");
  const revision at = co_await p.to.update(key, p.value.bytes, *last, {.diag = &call->why});
  co_return stored(*call, p.to, p.value, at);
}

}  // namespace

const verb put_verb = {
    .name = "put",
    .summary = "Store a value under a key",
    .details = of_values,
    .arguments = put_arguments,
    .flags = put_flags,
    .examples = put_examples,
    .run = run_put,
};

const verb create_verb = {
    .name = "create",
    .summary = "Store a value if the key has none",
    .details = of_values,
    .arguments = put_arguments,
    .flags = create_flags,
    .examples = create_examples,
    .run = run_create,
};

const verb update_verb = {
    .name = "update",
    .summary = "Store a value if REVISION is the last one of the key (compare and set)",
    .details =
        "REVISION 0 is that of a key that was never written. VALUE - is standard input. `kvco history` and "
        "`kvco "
        "get --json` print revisions.",
    .arguments = update_arguments,
    .examples = update_examples,
    .run = run_update,
};

}  // namespace kvco::cli
