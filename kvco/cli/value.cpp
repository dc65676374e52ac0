// The value of a write. See the header.
#include <kvco/cli/input.hpp>
#include <kvco/cli/value.hpp>

#include <unistd.h>

namespace kvco::cli {
namespace {

bool is_word(const command& call) { return call.args.has("VALUE") && call.args.text("VALUE") != "-"; }

}  // namespace

void check_value(const command& call) {
  if (call.args.has("VALUE") && call.args.has("file"))
    throw usage_error(std::string(call.which.name) + ": VALUE and --file contradict each other");
  if (!call.args.has("VALUE") && !call.args.has("file") && ::isatty(STDIN_FILENO) == 1)
    throw usage_error(std::string(call.which.name) +
                      ": VALUE is missing (- is standard input, --file a file)");
}

asio::awaitable<given_value> value_of(command_ptr call, client nats) {
  given_value out;
  if (is_word(*call)) {
    out = {call->args.text("VALUE"), true};
    co_return out;
  }
  input from(call->reactor.get_executor(), call->args.has("file") ? call->args.text("file") : "-");
  out.bytes = co_await from.all(nats.server_info().max_payload);
  co_return out;
}

}  // namespace kvco::cli
