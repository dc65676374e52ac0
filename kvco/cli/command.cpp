// One call of the command. See the header.
#include <kvco/cli/command.hpp>

#include <iostream>
#include <kvco/cli/connection.hpp>
#include <kvco/cli/texts.hpp>
#include <kvco/connect.hpp>
#include <utility>

#include <unistd.h>

namespace kvco::cli {

command::command(asio::io_context& on, const verb& asked, parsed values)
    : reactor(on),
      which(asked),
      args(std::move(values)),
      out(STDOUT_FILENO),
      stop(on),
      json(args.has("json")) {
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

void complain(const std::string& words) { std::cerr << "kvco: " << words << std::endl; }

void confirm(const command& call, const std::string& question, const std::string& declined) {
  if (call.args.has("force")) return;
  if (::isatty(STDIN_FILENO) != 1)
    throw usage_error("cannot ask for confirmation without a terminal: use --force");
  std::cerr << question << " [y/N] " << std::flush;
  std::string answer;
  std::getline(std::cin, answer);
  if (answer != "y" && answer != "Y" && answer != "yes") throw failure(exit_code::error, declined);
}

}  // namespace kvco::cli
