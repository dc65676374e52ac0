// The program `kvco`: a command line -> a coroutine -> an exit code.
#include <kvco/cli/command.hpp>
#include <kvco/cli/command_line.hpp>
#include <kvco/cli/help.hpp>
#include <kvco/version.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/multiple_exceptions.hpp>
#include <boost/asio/this_coro.hpp>
#include <csignal>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

namespace kvco::cli {
namespace {

exit_code fail(exit_code code, const command* call, const std::string& words) {
  const bool names = call != nullptr && !call->about.empty() && words.find(call->about) == words.npos;
  const bool is_interrupted = call != nullptr && call->stop.has_come();
  complain(names ? call->about + ": " + words : words, is_interrupted ? patience::none : patience::any);
  return code;
}

exit_code aborted(const command& call) {
  if (!call.stop.has_come()) return fail(exit_code::error, &call, "aborted");
  if (call.is_writing && call.why.sent)
    return fail(exit_code::outcome_unknown, &call,
                "interrupted: the write was sent, and may have been stored");
  return fail(exit_code::interrupted, &call, "interrupted");
}

/// As the programs end that do not handle it.
[[noreturn]] void end_by_closed_output() {
  std::signal(SIGPIPE, SIG_DFL);
  std::raise(SIGPIPE);
  ::_exit(128 + SIGPIPE);
}

exit_code ended(const command* call, std::exception_ptr thrown) try {
  std::rethrow_exception(std::move(thrown));
} catch (const failure& why) {
  return fail(why.code(), call, why.what());
} catch (const boost::system::system_error& why) {
  if (why.code() == asio::error::operation_aborted && call != nullptr) return aborted(*call);
  return fail(exit_code_of(why.code()), call, words_of(why));
} catch (const asio::multiple_exceptions& both) {  // of operations that were awaited together
  return ended(call, both.first_exception());
} catch (const output_closed&) {
  end_by_closed_output();
} catch (const std::exception& why) {
  return fail(exit_code::error, call, why.what());
}

/// The output of a verb is printed however the verb ends.
work run_and_print(command_ptr call) {
  exit_code code = exit_code::error;
  std::exception_ptr thrown;
  try {
    code = co_await call->which.run(call);
  } catch (...) {
    thrown = std::current_exception();
  }
  co_await asio::this_coro::throw_if_cancelled(false);
  const bool is_whole = co_await call->out.flush();
  if (thrown) std::rethrow_exception(thrown);
  if (is_whole || code == exit_code::interrupted) co_return code;
  throw failure(exit_code::interrupted, "interrupted while it printed");
}

exit_code run(const verb& which, parsed values) {
  asio::io_context reactor(1);
  const auto call = std::make_shared<command>(reactor, which, std::move(values));
  std::optional<exit_code> code;
  asio::co_spawn(
      reactor, run_and_print(call),
      asio::bind_cancellation_slot(call->stop.slot(), [&](std::exception_ptr thrown, exit_code done) {
        code = thrown ? ended(call.get(), thrown) : done;
        call->stop.end();
        if (thrown) reactor.stop();  // coroutines that the verb has spawned
      }));
  reactor.run();
  return code.value_or(exit_code::error);
}

/// Where the flags and arguments are explained: at the verb, if there is one among the words.
std::string help_for(const std::vector<std::string>& words) {
  for (const std::string& each : words) {
    if (find_verb(each) != nullptr) return "see kvco " + each + " --help";
  }
  return "see kvco --help";
}

command_line parsed_line(std::vector<std::string> words) {
  if (!words.empty() && words.front() == "help") {  // kvco help VERB
    words.erase(words.begin());
    words.push_back("--help");
  }
  return parse(words);
}

exit_code run(const std::vector<std::string>& words) try {
  command_line line = parsed_line(words);
  const std::size_t width = width_of_terminal(STDOUT_FILENO);
  if (line.values.has("version")) {
    print("kvco " + std::string(version_string) + "\n");
  } else if (line.values.has("help")) {
    print(line.which == nullptr ? help(width) : help(*line.which, width));
  } else if (line.which == nullptr) {
    throw usage_error("which verb? There are " + names_of_verbs());
  } else {
    return run(*line.which, std::move(line.values));
  }
  return exit_code::ok;
} catch (...) {
  const exit_code code = ended(nullptr, std::current_exception());
  if (code == exit_code::usage) complain(help_for(words));
  return code;
}

/// A closed standard descriptor would become that of a socket. Opened in the other direction, its use is an error.
void reserve_standard_descriptors() {
  for (const int each : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(each, F_GETFD) < 0) ::open("/dev/null", each == STDIN_FILENO ? O_WRONLY : O_RDONLY);
  }
}

}  // namespace
}  // namespace kvco::cli

int main(int count, char** words) {
  kvco::cli::reserve_standard_descriptors();
  std::signal(SIGPIPE, SIG_IGN);
  return static_cast<int>(
      kvco::cli::run(std::vector<std::string>(words + (count > 0 ? 1 : 0), words + count)));
}
