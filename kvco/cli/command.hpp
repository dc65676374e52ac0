// One call of the command: its verb and arguments, its output, and its way to a server.
#pragma once

#include <kvco/bucket.hpp>
#include <kvco/cli/interruption.hpp>
#include <kvco/cli/output.hpp>
#include <kvco/cli/parsed.hpp>
#include <kvco/cli/verb.hpp>
#include <kvco/client.hpp>
#include <kvco/diagnostics.hpp>
#include <kvco/entry.hpp>
#include <string>

namespace kvco::cli {

struct command {
  command(asio::io_context& on, const verb& which, parsed values);

  asio::io_context& reactor;
  const verb& which;
  parsed args;
  output out;
  interruption stop;
  bool json;
  std::string about{};      // the subject of messages: "SHOP_ORDERS > order-1"
  diagnostics why{};        // of the operation that is waited for
  bool is_writing = false;  // an interrupted operation may have stored something
};

/// Connects as the flags, the environment and the context require.
asio::awaitable<client> connect(command_ptr call);
/// Connects, and opens the bucket that the argument BUCKET names.
asio::awaitable<bucket> open(command_ptr call);
asio::awaitable<bucket> open(command_ptr call, client nats, std::string name);

/// "B > K", for messages.
std::string place(const std::string& bucket, const std::string& key);
/// A line on standard error: "kvco: ...".
void complain(const std::string& words);
/// Where the answer is no, or there is no terminal to ask on, it throws; with `--force` it does not ask.
void confirm(const command& call, const std::string& question, const std::string& declined);

}  // namespace kvco::cli
