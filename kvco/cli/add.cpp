// add and edit: a bucket with these settings.
#include <kvco/cli/bucket_text.hpp>
#include <kvco/cli/command.hpp>
#include <kvco/cli/settings.hpp>
#include <kvco/cli/verbs.hpp>

#include <utility>
#include <vector>

namespace kvco::cli {
namespace {

constexpr argument arguments[] = {{.name = "BUCKET", .as = completes::bucket}};
constexpr std::string_view add_examples[] = {"kvco add SHOP_ORDERS",
                                             "kvco add PRICES --history 5 --ttl 1h --max-value-size 1KB"};
constexpr std::string_view edit_examples[] = {"kvco edit PRICES --history 10"};

work show(command_ptr call, bucket of) {
  const bucket_status now = co_await of.status({.diag = &call->why});
  call->out.write(call->json ? json_of(now) : block_of(now));
  co_return exit_code::ok;
}

work run_add(command_ptr call) {
  bucket_config wanted = settings_of(call->args);
  client nats = co_await connect(call);
  call->about = wanted.name();
  bucket made = co_await nats.create_bucket(std::move(wanted), {.diag = &call->why});
  co_return co_await show(call, made);
}

/// Sources are added to those that the bucket has.
void keep_sources(bucket_config& wanted, const bucket_config& old) {
  if (wanted.sources().empty()) return;
  std::vector<bucket_source> all = old.sources();
  all.insert(all.end(), wanted.sources().begin(), wanted.sources().end());
  wanted.sources(std::move(all));
}

/// The entries of a mirror have the keys of its origin, with the name of that bucket.
void check_no_mirror(const bucket_config& wanted, const bucket_config& old) {
  const std::string& origin = old.mirror().name;
  if (origin.empty() || origin == wanted.name()) return;
  throw failure(exit_code::error, "--no-mirror: its entries have the subjects of bucket " + origin +
                                      ", and could not be read without it; kvco cp copies them");
}

work run_edit(command_ptr call) {
  bucket_config wanted = settings_of(call->args);
  client nats = co_await connect(call);
  bucket old = co_await open(call, nats, wanted.name());
  const bucket_status status = co_await old.status({.diag = &call->why});
  keep_sources(wanted, status.config);
  if (call->args.has("no-mirror")) check_no_mirror(wanted, status.config);
  bucket changed = co_await nats.update_bucket(std::move(wanted), {.diag = &call->why});
  co_return co_await show(call, changed);
}

}  // namespace

const verb add_verb = {
    .name = "add",
    .alias = "new",
    .in = family::buckets,
    .summary = "Create a bucket",
    .details = "A bucket that exists with the same settings is no error; one with others is exit code 4.",
    .arguments = arguments,
    .flags = flags_of_add(),
    .examples = add_examples,
    .run = run_add,
};

const verb edit_verb = {
    .name = "edit",
    .in = family::buckets,
    .summary = "Change settings of a bucket",
    .details =
        "Settings without a flag stay as they are. A --source is added to those that the bucket has. "
        "--no-mirror is for a mirror that has the name of its origin, in another domain.",
    .arguments = arguments,
    .flags = flags_of_edit(),
    .examples = edit_examples,
    .run = run_edit,
};

}  // namespace kvco::cli
