// exec-on-change: a command for each change of a bucket.
#include <kvco/cli/child.hpp>
#include <kvco/cli/command.hpp>
#include <kvco/cli/json_line.hpp>
#include <kvco/cli/verbs.hpp>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdio>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

namespace kvco::cli {
namespace {

using namespace asio::experimental::awaitable_operators;

constexpr argument arguments[] = {{.name = "BUCKET", .as = completes::bucket},
                                  {.name = "FILTER", .as = completes::key},
                                  {.name = "COMMAND", .as = completes::command, .many = true}};
constexpr flag flags[] = {
    {.name = "updates", .help = "only for changes from now on, not for the values that are there"},
    {.name = "coalesce", .value = "TIME", .help = "changes within this time are one, 200ms"},
    {.name = "once", .help = "end after the first run, with its exit code"},
};
constexpr std::string_view examples[] = {
    "kvco exec-on-change CONFIG 'app.>' -- systemctl reload app",
    "kvco exec-on-change CONFIG app.rate --once -- sh -c 'cat > rate.json'"};

using entries = std::vector<entry>;

/// A file without a name, from which the command reads.
class lines_file {
 public:
  explicit lines_file(const entries& all) : file_(std::tmpfile()) {
    if (file_ == nullptr) throw failure(exit_code::error, "cannot create a temporary file");
    for (const entry& e : all) std::fputs(json_of(e).c_str(), file_);
    std::fflush(file_);
    std::rewind(file_);
  }
  ~lines_file() { std::fclose(file_); }
  lines_file(const lines_file&) = delete;
  lines_file& operator=(const lines_file&) = delete;
  int descriptor() const { return ::fileno(file_); }

 private:
  std::FILE* file_;
};

/// Adds the changes that come until the time has passed.
asio::awaitable<void> coalesce(command_ptr call, std::shared_ptr<watcher> changes,
                               std::shared_ptr<entries> with, duration time) {
  asio::steady_timer timer(call->reactor, std::chrono::duration_cast<asio::steady_timer::duration>(time));
  for (;;) {
    auto which = co_await (changes->next_batch() || timer.async_wait(asio::use_awaitable));
    if (which.index() == 1 || !std::get<0>(which)) co_return;
    entries& more = *std::get<0>(which);
    with->insert(with->end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  }
}

asio::awaitable<int> run_for(command_ptr call, std::shared_ptr<entries> all) {
  const entry& last = all->back();
  const variables more = {{"KVCO_BUCKET", std::string(last.bucket())},
                          {"KVCO_KEY", std::string(last.key())},
                          {"KVCO_REVISION", std::to_string(last.revision())},
                          {"KVCO_OPERATION", std::string(name_of(last.operation()))}};
  const lines_file lines(*all);
  const auto process = std::make_shared<child>(call->reactor.get_executor(), call->args.all("COMMAND"), more,
                                               lines.descriptor());
  const soft_interruption soft = passed_on(call->stop, process);
  co_return co_await process->ended();
}

work run_exec(command_ptr call) {
  const duration time = call->args.time("coalesce").value_or(std::chrono::milliseconds(200));
  const bool once = call->args.has("once");
  bucket from = co_await open(call);
  const auto changes = std::make_shared<watcher>(
      from.watch(call->args.text("FILTER"), {.updates_only = call->args.has("updates"), .diag = &call->why}));
  call->about.clear();
  while (auto batch = co_await changes->next_batch()) {
    const auto all = std::make_shared<entries>(std::move(*batch));
    co_await coalesce(call, changes, all, time);
    const int code = co_await run_for(call, all);
    if (call->stop.has_come()) co_return exit_code::interrupted;
    if (once) co_return exit_code{code};
    if (code != 0)
      complain(call->args.all("COMMAND").front() + " ended with exit code " + std::to_string(code));
  }
  co_return exit_code::ok;
}

}  // namespace

const verb exec_on_change_verb = {
    .name = "exec-on-change",
    .in = family::processes,
    .summary = "Run a command for the values that are there, then for each change",
    .details =
        "One run at a time: changes during a run are for the next one. A signal is passed on to the command, "
        "a second one kills it. The command reads the changes as "
        "lines of JSON "
        "from standard input; KVCO_BUCKET, KVCO_KEY, KVCO_REVISION and KVCO_OPERATION describe the last one.",
    .arguments = arguments,
    .flags = flags,
    .examples = examples,
    .run = run_exec,
};

}  // namespace kvco::cli
