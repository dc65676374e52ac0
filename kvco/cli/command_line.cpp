// The words of a command line -> a verb with its arguments and flags. The only file that includes CLI11.
#include <kvco/cli/command_line.hpp>
#include <kvco/cli/help.hpp>

#include <CLI/CLI.hpp>
#include <cctype>
#include <map>

namespace kvco::cli {
namespace {

constexpr int any_number = 1 << 20;

/// The values are read from the options as they were written: CLI11 converts `{}` and `[a,b]` of variables to lists.
using options = std::map<std::string, CLI::Option*, std::less<>>;

void add_flags(CLI::App& to, std::span<const flag> flags, options& added) {
  for (const flag& each : flags) {
    std::string names = "--" + std::string(each.name);
    if (each.letter != 0) names += std::string(",-") + each.letter;
    CLI::Option* option = each.value.empty() ? to.add_flag(names) : to.add_option(names);
    if (!each.value.empty()) option->type_name(std::string(each.value));  // for messages
    if (each.repeated) option->expected(1)->take_all();
    added.emplace(each.name, option);
  }
}

void add_arguments(CLI::App& to, std::span<const argument> arguments, options& added) {
  for (const argument& each : arguments) {
    CLI::Option* option = to.add_option(std::string(each.name));
    if (each.many) option->expected(any_number)->take_all();
    added.emplace(each.name, option);
  }
}

void take(const options& from, parsed& to) {
  for (const auto& [name, option] : from) {
    if (option->count() != 0) to.set(name, option->results());
  }
}

void check_complete(const verb& which, const parsed& values) {
  for (const argument& each : which.arguments) {
    if (!each.optional && !values.has(each.name))
      throw usage_error(std::string(which.name) + ": " + std::string(each.name) + " is missing");
  }
}

std::string in_small(std::string words) {
  if (!words.empty()) words[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(words[0])));
  return words;
}

/// CLI11 takes them from the end.
std::vector<std::string> reversed(const std::vector<std::string>& words) {
  return {words.rbegin(), words.rend()};
}

}  // namespace

command_line parse(const std::vector<std::string>& words, wanted_arguments wanted) {
  CLI::App app;
  app.set_help_flag();
  app.require_subcommand(0, 1);
  options global;
  add_flags(app, global_flags(), global);
  std::map<const CLI::App*, std::pair<const verb*, options>> verbs;
  for (const verb* each : all_verbs()) {
    CLI::App* const sub = app.add_subcommand(std::string(each->name));
    sub->set_help_flag();
    sub->fallthrough();
    if (!each->alias.empty()) sub->alias(std::string(each->alias));
    auto& [which, own] = verbs[sub];
    which = each;
    add_arguments(*sub, each->arguments, own);
    add_flags(*sub, each->flags, own);
  }
  try {
    app.parse(reversed(words));
  } catch (const CLI::ParseError& error) {
    const auto given = app.get_subcommands();
    if (given.empty()) throw usage_error(in_small(error.what()) + "; the verbs are " + names_of_verbs());
    throw usage_error(given.front()->get_name() + ": " + in_small(error.what()));
  }
  command_line out;
  take(global, out.values);
  if (const auto given = app.get_subcommands(); !given.empty()) {
    const auto& [which, own] = verbs.at(given.front());
    out.which = which;
    take(own, out.values);
    if (wanted == wanted_arguments::all && !out.values.has("help")) check_complete(*which, out.values);
  }
  return out;
}

}  // namespace kvco::cli
