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

work run_edit(command_ptr call) {
  bucket_config wanted = settings_of(call->args);
  client nats = co_await connect(call);
  co_await open(call, nats, wanted.name());
  const ensure_options options{.on_conflict = on_conflict::update, .diag = &call->why};
  bucket changed = co_await nats.ensure_bucket(std::move(wanted), options);
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
    .details = "Settings without a flag stay as they are.",
    .arguments = arguments,
    .flags = flags_of_edit(),
    .examples = edit_examples,
    .run = run_edit,
};

}  // namespace kvco::cli
