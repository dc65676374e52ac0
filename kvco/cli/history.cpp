// history and revert: the revisions of a key.
#include <kvco/cli/bucket_text.hpp>
#include <kvco/cli/command.hpp>
#include <kvco/cli/json_line.hpp>
#include <kvco/cli/verbs.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace kvco::cli {
namespace {

constexpr argument history_arguments[] = {{.name = "BUCKET", .as = completes::bucket},
                                          {.name = "KEY", .as = completes::key}};
constexpr argument revert_arguments[] = {
    {.name = "BUCKET", .as = completes::bucket}, {.name = "KEY", .as = completes::key}, {.name = "REVISION"}};
constexpr flag revert_flags[] = {{.name = "force", .help = "do not ask", .letter = 'f'}};
constexpr std::string_view history_examples[] = {"kvco history SHOP_ORDERS order-1"};
constexpr std::string_view revert_examples[] = {"kvco revert SHOP_ORDERS order-1 3 -f"};

work show_history(command_ptr call, bucket from, std::string key) {
  const std::vector<entry> all = co_await from.history(key, {.diag = &call->why});
  if (all.empty()) throw failure(exit_code::not_found, "key not found");
  if (call->json) {
    for (const entry& each : all) call->out.write(json_of(each));
  } else {
    call->out.write(table_of_history(from.name(), key, all).drawn(call->out.width()));
  }
  co_return exit_code::ok;
}

work run_history(command_ptr call) {
  bucket from = co_await open(call);
  const std::string key = call->args.text("KEY");
  call->about = place(from.name(), key);
  co_return co_await show_history(call, from, key);
}

work run_revert(command_ptr call) {
  const revision wanted = call->args.number("REVISION").value_or(0);
  const std::string key = call->args.text("KEY");
  bucket to = co_await open(call);
  call->about = place(to.name(), key);
  const bucket_status status = co_await to.status({.diag = &call->why});
  if (status.config.history() == 1)
    throw failure(exit_code::error, "cannot revert key in a bucket where history=1");
  const std::optional<entry> old = co_await to.get_revision(key, wanted, {.diag = &call->why});
  if (!old) throw failure(exit_code::not_found, "has no value at revision " + std::to_string(wanted));
  const std::optional<entry> last = co_await to.get_entry(key, {.diag = &call->why});
  if (!last) throw failure(exit_code::not_found, "key not found");
  const std::string number = std::to_string(wanted);
  co_await confirm(
      call, "Revision: " + number + "\n\n" + shown(old->value()) + "\n\nReally revert to revision " + number,
      "Skipping revert");
  call->is_writing = true;
  co_await to.update(key, old->value(), last->revision(), {.diag = &call->why});
  call->is_writing = false;
  co_return co_await show_history(call, to, key);
}

}  // namespace

const verb history_verb = {
    .name = "history",
    .summary = "Show the revisions of a key that the bucket keeps",
    .arguments = history_arguments,
    .examples = history_examples,
    .run = run_history,
};

const verb revert_verb = {
    .name = "revert",
    .summary = "Store again the value that a key had at REVISION",
    .details = "Only if the key is not written meanwhile.",
    .arguments = revert_arguments,
    .flags = revert_flags,
    .examples = revert_examples,
    .run = run_revert,
};

}  // namespace kvco::cli
