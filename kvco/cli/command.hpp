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
/// How long a message waits for a reader of standard error that has stopped to read: until a signal comes, or not at all.
enum class patience { any, none };
/// A line on standard error: "kvco: ...".
void complain(const std::string& words, patience with = patience::any);
/// The line that is typed after the question, which is on standard error; empty at the end of the input.
asio::awaitable<std::string> ask(command_ptr call, std::string question);
/// Where the answer is no, or there is no terminal to ask on, it throws; with `--force` it does not ask.
asio::awaitable<void> confirm(command_ptr call, std::string question, std::string declined);

}  // namespace kvco::cli
