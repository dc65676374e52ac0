// del and purge: a key, or a bucket with all that is in it.
#include <kvco/cli/command.hpp>
#include <kvco/cli/json_line.hpp>
#include <kvco/cli/verbs.hpp>

#include <string>

namespace kvco::cli {
namespace {

constexpr argument del_arguments[] = {{.name = "BUCKET", .as = completes::bucket},
                                      {.name = "KEY", .as = completes::key, .optional = true}};
constexpr argument purge_arguments[] = {{.name = "BUCKET", .as = completes::bucket},
                                        {.name = "KEY", .as = completes::key}};
constexpr flag del_flags[] = {
    {.name = "force", .help = "do not ask", .letter = 'f'},
    {.name = "revision", .value = "N", .help = "only if this is the last revision of the key"},
};
constexpr flag purge_flags[] = {
    {.name = "force", .help = "do not ask", .letter = 'f'},
    {.name = "revision", .value = "N", .help = "only if this is the last revision of the key"},
    {.name = "ttl", .value = "TIME", .help = "the marker expires after this time (server 2.11)"},
};
constexpr std::string_view del_examples[] = {"kvco del SHOP_ORDERS order-1 -f", "kvco rm SHOP_ORDERS -f"};
constexpr std::string_view purge_examples[] = {"kvco purge SHOP_ORDERS order-1 -f"};

void report(command& call, const bucket& of, const std::string& key, revision marker) {
  if (call.json) call.out.write(json_of_write(of.name(), key, marker));
}

work delete_bucket(command_ptr call) {
  const std::string name = call->args.text("BUCKET");
  if (call->args.has("revision")) throw usage_error("del: --revision is of a key");
  co_await confirm(call, "Delete bucket " + name + "?", "Skipping delete");
  client nats = co_await connect(call);
  call->about = name;
  call->is_writing = true;
  co_await nats.delete_bucket(name, {.diag = &call->why});
  co_return exit_code::ok;
}

work delete_key(command_ptr call) {
  const std::string name = call->args.text("BUCKET"), key = call->args.text("KEY");
  const std::optional<revision> last = call->args.number("revision");
  co_await confirm(call, "Delete key " + place(name, key) + "?", "Skipping delete");
  bucket from = co_await open(call);
  call->about = place(name, key);
  call->is_writing = true;
  const revision marker = co_await from.erase(key, {.last_revision = last, .diag = &call->why});
  report(*call, from, key, marker);
  co_return exit_code::ok;
}

work run_del(command_ptr call) {
  if (!call->args.has("KEY")) return delete_bucket(std::move(call));
  return delete_key(std::move(call));
}

work run_purge(command_ptr call) {
  const std::string name = call->args.text("BUCKET"), key = call->args.text("KEY");
  const std::optional<revision> last = call->args.number("revision");
  const std::optional<duration> ttl = call->args.time("ttl");
  co_await confirm(call, "Purge key " + place(name, key) + "?", "Skipping purge");
  bucket from = co_await open(call);
  call->about = place(name, key);
  call->is_writing = true;
  const revision marker = co_await from.purge(key, {.last_revision = last, .ttl = ttl, .diag = &call->why});
  report(*call, from, key, marker);
  co_return exit_code::ok;
}

}  // namespace

const verb del_verb = {
    .name = "del",
    .alias = "rm",
    .summary = "Delete a key and keep its history; without KEY, the bucket",
    .details = "Deleting a key that has no value is no error.",
    .arguments = del_arguments,
    .flags = del_flags,
    .examples = del_examples,
    .run = run_del,
};

const verb purge_verb = {
    .name = "purge",
    .summary = "Delete a key with its history",
    .arguments = purge_arguments,
    .flags = purge_flags,
    .examples = purge_examples,
    .run = run_purge,
};

}  // namespace kvco::cli
