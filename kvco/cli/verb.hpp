// A verb of the command as data: parsing, help, man page and completion are made from it.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <kvco/cli/exit_code.hpp>
#include <memory>
#include <span>
#include <string_view>

namespace kvco::cli {

namespace asio = boost::asio;

struct command;
using command_ptr = std::shared_ptr<command>;
using work = asio::awaitable<exit_code>;

/// The kind of words that a shell offers.
enum class completes { nothing, bucket, key, file, shell, command };

struct flag {
  std::string_view name;        // without the dashes
  std::string_view value = {};  // the name of its value; empty: it has none
  std::string_view help;
  char letter = 0;
  bool repeated = false;
  completes as = completes::nothing;
};

struct argument {
  std::string_view name;
  completes as = completes::nothing;
  bool optional = false;
  bool many = false;  // only the last one
};

/// The headings of the help.
enum class family { buckets, keys, many, processes, tools, hidden };

struct verb {
  std::string_view name;
  std::string_view alias = {};  // another name
  family in = family::keys;
  std::string_view summary;
  std::string_view details = {};  // paragraphs
  std::span<const argument> arguments = {};
  std::span<const flag> flags = {};
  std::span<const std::string_view> examples = {};
  work (*run)(command_ptr) = nullptr;
};

/// All verbs, in the order of the help.
std::span<const verb* const> all_verbs();
/// By name or alias; nullptr: it does not exist.
const verb* find_verb(std::string_view name);
/// The flags that every verb has.
std::span<const flag> global_flags();

/// Its flag of this name, or the one that every verb has; nullptr: it has none.
const flag* find_flag(const verb* of, std::string_view name);

}  // namespace kvco::cli
