// lock: a command that runs in one process at a time, wherever the processes are.
#include <kvco/cli/child.hpp>
#include <kvco/cli/command.hpp>
#include <kvco/cli/held_lock.hpp>
#include <kvco/cli/verbs.hpp>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/this_coro.hpp>
#include <exception>
#include <memory>
#include <optional>
#include <string>

namespace kvco::cli {
namespace {

using namespace asio::experimental::awaitable_operators;

constexpr argument arguments[] = {{.name = "NAME"},
                                  {.name = "COMMAND", .as = completes::command, .many = true}};
constexpr flag flags[] = {
    {.name = "bucket",
     .value = "BUCKET",
     .help = "the bucket of locks, LOCKS; it is created if there is none",
     .as = completes::bucket},
    {.name = "ttl",
     .value = "TIME",
     .help = "with a new bucket: a lock whose holder is gone ends after this time, 15s"},
    {.name = "wait", .value = "TIME", .help = "wait at most this long for the lock; 0: do not wait"},
};
constexpr std::string_view examples[] = {"kvco lock nightly -- ./backup",
                                         "kvco lock nightly --wait 0 -- ./backup || echo busy"};

asio::awaitable<bucket> open_locks(command_ptr call) {
  const std::string name = call->args.has("bucket") ? call->args.text("bucket") : "LOCKS";
  const duration ttl = call->args.time("ttl").value_or(std::chrono::seconds(15));
  client nats = co_await connect(call);
  call->about = name;
  bucket_config wanted(name);
  wanted.ttl(ttl).description("locks of kvco");
  const ensure_options options{.diag = &call->why};
  co_return co_await nats.ensure_bucket(std::move(wanted), options);
}

asio::awaitable<exit_code> run_with(command_ptr call, held_lock_ptr lock) {
  const std::string name = call->args.text("NAME");
  const variables more = {{"KVCO_LOCK", name}, {"KVCO_LOCK_TOKEN", std::to_string(lock->token())}};
  const auto process = std::make_shared<child>(call->reactor.get_executor(), call->args.all("COMMAND"), more);
  const soft_interruption soft = passed_on(call->stop, process);
  const auto first = co_await (process->ended() || lock->keep());
  if (first.index() == 0) co_return exit_code{std::get<0>(first)};
  complain(call->about + ": the lock is lost: ending " + call->args.all("COMMAND").front());
  co_await process->end(lock->part_of_ttl());
  co_return exit_code::try_again;
}

asio::awaitable<exit_code> hold_and_run(command_ptr call, held_lock_ptr lock) {
  const std::optional<duration> wait = call->args.time("wait");
  co_await lock->acquire(call, wait);
  co_return co_await run_with(call, lock);
}

work run_lock(command_ptr call) {
  call->args.time("wait");  // refused before anything is sent
  bucket locks = co_await open_locks(call);
  const bucket_status status = co_await locks.status({.diag = &call->why});
  if (status.config.ttl() == duration(0))
    throw failure(exit_code::error, "has no --ttl: a lock whose holder is gone would never end");
  const std::string name = call->args.text("NAME");
  call->about = place(locks.name(), name);
  const auto lock = std::make_shared<held_lock>(locks, name, status.config.ttl());
  exit_code code = exit_code::ok;
  std::exception_ptr thrown;
  try {
    code = co_await hold_and_run(call, lock);
  } catch (...) {
    thrown = std::current_exception();
  }
  co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());
  co_await lock->release();
  if (thrown) std::rethrow_exception(thrown);
  co_return code;
}

}  // namespace

const verb lock_verb = {
    .name = "lock",
    .in = family::processes,
    .summary = "Run a command while no other process holds the lock",
    .details =
        "It waits for the lock, runs the command, and returns its exit code. A signal is passed on to the "
        "command and what it has started; a second one kills them. If the lock is lost, because no server "
        "could be reached for two thirds of the ttl of its bucket, the command gets SIGTERM, and a third of "
        "the ttl later "
        "SIGKILL; the exit code is 75, as it is if the lock is still held after --wait. KVCO_LOCK_TOKEN is a "
        "number that grows with each holder.",
    .arguments = arguments,
    .flags = flags,
    .examples = examples,
    .run = run_lock,
};

}  // namespace kvco::cli
