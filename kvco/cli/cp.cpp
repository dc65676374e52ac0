// cp: values of one bucket into another.
#include <kvco/cli/command.hpp>
#include <kvco/cli/json_line.hpp>
#include <kvco/cli/progress.hpp>
#include <kvco/cli/record_writer.hpp>
#include <kvco/cli/verbs.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace kvco::cli {
namespace {

constexpr argument arguments[] = {{.name = "BUCKET", .as = completes::bucket},
                                  {.name = "TO", .as = completes::bucket},
                                  {.name = "FILTER", .as = completes::key, .optional = true, .many = true}};
constexpr flag flags[] = {
    {.name = "history", .help = "all revisions that are kept, deletions included"},
    {.name = "if-absent", .help = "only keys that have no value there"},
    {.name = "create", .help = "create the other bucket, with the same settings"},
};
constexpr std::string_view examples[] = {"kvco cp SHOP_ORDERS BACKUP --create",
                                         "kvco cp SHOP_ORDERS TEST 'order.>' order-1"};

/// The copy of a mirror, or of a bucket with sources, is a bucket of its own.
bucket_config same_as(const bucket_config& of, const std::string& name) {
  bucket_config out(name);
  out.description(of.description()).history(of.history()).ttl(of.ttl());
  out.max_value_size(of.max_value_size()).max_bytes(of.max_bytes());
  out.storage(of.storage()).replicas(of.replicas());
  if (of.compression()) out.compression(true);
  if (of.limit_marker_ttl() > duration(0)) out.limit_marker_ttl(of.limit_marker_ttl());
  return out;
}

asio::awaitable<bucket> open_target(command_ptr call, client nats, bucket from) {
  const std::string name = call->args.text("TO");
  if (!call->args.has("create")) co_return co_await open(call, nats, name);
  const bucket_status status = co_await from.status({.diag = &call->why});
  call->about = name;
  bucket_config wanted = same_as(status.config, name);
  co_return co_await nats.create_bucket(std::move(wanted), {.diag = &call->why});
}

work run_cp(command_ptr call) {
  std::vector<std::string> filters = call->args.all("FILTER");
  if (filters.empty()) filters.emplace_back(">");
  if (call->args.text("BUCKET") == call->args.text("TO")) throw usage_error("cp: both are the same bucket");
  const bool history = call->args.has("history");
  client nats = co_await connect(call);
  bucket from = co_await open(call, nats, call->args.text("BUCKET"));
  bucket into = co_await open_target(call, nats, from);
  call->about.clear();
  const auto to = std::make_shared<record_writer>(call, into, call->args.has("if-absent"));
  watcher all =
      from.watch(filters, {.ignore_deletes = !history, .include_history = history, .initial_only = true});
  std::optional<progress> shown;
  while (const auto batch = co_await all.next_batch()) {
    if (!shown) shown.emplace("copying", batch->front().delta() + 1);
    for (const entry& e : *batch) {
      record one = record_of(e);
      co_await to->add(std::move(one));
    }
    shown->advance(batch->size());
  }
  co_await to->flush();
  if (call->json)
    call->out.write(json_line()
                        .text("bucket", into.name())
                        .number("copied", to->written() - to->left_out())
                        .number("left_out", to->left_out())
                        .line());
  co_return exit_code::ok;
}

}  // namespace

const verb cp_verb = {
    .name = "cp",
    .in = family::many,
    .summary = "Copy values of a bucket into another one",
    .details =
        "They have new revisions there. Keys of the other bucket that are not copied stay as they are.",
    .arguments = arguments,
    .flags = flags,
    .examples = examples,
    .run = run_cp,
};

}  // namespace kvco::cli
