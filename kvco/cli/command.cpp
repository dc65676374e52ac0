// One call of the command. See the header.
#include <kvco/cli/command.hpp>

#include <algorithm>
#include <climits>
#include <iostream>
#include <kvco/cli/connection.hpp>
#include <kvco/cli/input.hpp>
#include <kvco/cli/texts.hpp>
#include <kvco/connect.hpp>
#include <optional>
#include <string_view>
#include <utility>

#include <poll.h>
#include <unistd.h>

namespace kvco::cli {

command::command(asio::io_context& on, const verb& asked, parsed values)
    : reactor(on),
      which(asked),
      args(std::move(values)),
      out(on.get_executor()),
      stop(on),
      json(args.has("json")) {
  stop.before([this] { out.stop(); });
  out.use_colours(wants_colours(args.text("color"), out.is_terminal()));
}

asio::awaitable<client> connect(command_ptr call) {
  config settings = config_of(call->args);
  co_return co_await kvco::connect(std::move(settings));
}

asio::awaitable<bucket> open(command_ptr call, client nats, std::string name) {
  call->about = name;
  co_return co_await nats.open_bucket(name, {.diag = &call->why});
}

asio::awaitable<bucket> open(command_ptr call) {
  client nats = co_await connect(call);
  co_return co_await open(call, nats, call->args.text("BUCKET"));
}

std::string place(const std::string& bucket, const std::string& key) {
  return bucket + " > " + shown_in_a_line(key);
}

void complain(const std::string& words, patience with) {
  const std::string line = "kvco: " + words + "\n";
  std::string_view rest = line;
  pollfd ready{STDERR_FILENO, POLLOUT, 0};
  while (!rest.empty() && ::poll(&ready, 1, with == patience::none ? 0 : -1) == 1) {
    const ssize_t written = ::write(STDERR_FILENO, rest.data(), std::min<std::size_t>(rest.size(), PIPE_BUF));
    if (written < 0) return;
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
}

asio::awaitable<std::string> ask(command_ptr call, std::string question) {
  std::cerr << question << std::flush;
  input terminal(call->reactor.get_executor(), "-");
  std::optional<std::string> answer;
  try {
    answer = co_await terminal.line();
  } catch (...) {
    std::cerr << std::endl;  // a message is no answer
    throw;
  }
  if (!answer) std::cerr << std::endl;
  co_return answer.value_or("");
}

asio::awaitable<void> confirm(command_ptr call, std::string question, std::string declined) {
  if (call->args.has("force")) co_return;
  if (::isatty(STDIN_FILENO) != 1)
    throw usage_error("cannot ask for confirmation without a terminal: use --force");
  const std::string answer = co_await ask(call, question + " [y/N] ");
  if (answer != "y" && answer != "Y" && answer != "yes") throw failure(exit_code::error, declined);
}

}  // namespace kvco::cli
