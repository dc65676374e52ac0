// The value of a write: a word of the command line, standard input, or a file.
#pragma once

#include <kvco/cli/command.hpp>
#include <string>

namespace kvco::cli {

struct given_value {
  std::string bytes;
  bool is_word = false;  // it was on the command line
};

/// The argument VALUE; "-", or nothing without a terminal: standard input; --file. Reads no more than the server takes.
asio::awaitable<given_value> value_of(command_ptr call, client nats);
/// Refuses a call that gives no value, or two, before a connection is made.
void check_value(const command& call);

}  // namespace kvco::cli
