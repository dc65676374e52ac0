// The words of a command line -> a verb with its arguments and flags. The only file that includes CLI11.
#include <kvco/cli/command_line.hpp>
#include <kvco/cli/help.hpp>

#include <CLI/CLI.hpp>
#include <algorithm>
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
    if (each.value.empty()) option->disable_flag_override();              // --force=false must not be --force
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

/// The flags of another program are not those of kvco.
void check_separated(const verb& which, const std::vector<std::string>& words) {
  if (which.arguments.empty() || which.arguments.back().as != completes::command) return;
  if (std::find(words.begin(), words.end(), "--") == words.end())
    throw usage_error(std::string(which.name) + ": the command must follow --");
}

/// A report of CLI11, in the words of this program.
std::string words_of(const CLI::ParseError& error) {
  std::string words = error.what();
  const auto replace = [&words](std::string_view what, std::string_view by) {
    if (const std::size_t at = words.find(what); at != words.npos) words.replace(at, what.size(), by);
  };
  replace(": 1 required ", ": ");
  replace(" missing", " is missing");
  if (const std::size_t at = words.find(": At Most 1 "); at != words.npos)
    words.replace(at, words.npos, " is given more than once");
  if (words.find("disallowed flag override") != words.npos)
    words = "--" + words.substr(0, words.find(' ')) + " takes no value";
  if (!words.empty()) words[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(words[0])));
  return words;
}

/// The first word that is none of the verb's.
std::string unexpected(const std::vector<std::string>& words) {
  const std::string first = words.empty() ? std::string() : words.front();
  return (first.starts_with('-') ? "there is no flag " : "unexpected argument ") + first;
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
    const bool is_extra = dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr;
    const std::string what = is_extra ? unexpected(app.remaining(true)) : words_of(error);
    if (!given.empty()) throw usage_error(given.front()->get_name() + ": " + what);
    throw usage_error(what + (what.starts_with("unexpected") ? "; the verbs are " + names_of_verbs() : ""));
  }
  command_line out;
  take(global, out.values);
  if (const auto given = app.get_subcommands(); !given.empty()) {
    const auto& [which, own] = verbs.at(given.front());
    out.which = which;
    take(own, out.values);
    if (wanted == wanted_arguments::all && !out.values.has("help")) {
      check_complete(*which, out.values);
      check_separated(*which, words);
    }
  }
  return out;
}

}  // namespace kvco::cli
