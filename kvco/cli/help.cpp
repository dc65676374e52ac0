// `--help`, from the tables of verbs and flags. See the header.
#include <kvco/cli/help.hpp>
#include <kvco/cli/texts.hpp>

#include <algorithm>
#include <utility>
#include <vector>

namespace kvco::cli {
namespace {

constexpr std::size_t usual_width = 100, narrowest_column = 30;

using rows = std::vector<std::pair<std::string, std::string>>;

/// Names on the left, their meaning on the right; below each other where that is too narrow.
std::string in_columns(const rows& all, std::size_t width) {
  std::size_t widest = 0;
  for (const auto& [name, meaning] : all) widest = std::max(widest, width_of(name));
  const std::size_t column = widest + 4;
  const bool is_narrow = width < column + narrowest_column;
  std::string out;
  for (const auto& [name, meaning] : all) {
    const std::string text = wrapped(meaning, is_narrow ? 6 : column, width);
    if (is_narrow || meaning.empty()) {
      out += "  " + name + "\n" + text;
    } else {
      out += "  " + name + std::string(column - 2 - width_of(name), ' ') + text.substr(column);
    }
  }
  return out;
}

std::string flags_of(std::span<const flag> all, std::size_t width) {
  rows out;
  for (const flag& each : all) out.emplace_back(spelled(each), each.help);
  return in_columns(out, width);
}

std::string verbs_in(family which, std::size_t width) {
  rows out;
  for (const verb* each : all_verbs()) {
    std::string name(each->name);
    if (!each->alias.empty()) name += ", " + std::string(each->alias);
    if (each->in == which) out.emplace_back(std::move(name), each->summary);
  }
  return in_columns(out, width);
}

std::string table_of_exit_codes(std::size_t width) {
  rows out;
  for (const explained_code& each : all_exit_codes()) out.emplace_back(each.number, each.meaning);
  return in_columns(out, width);
}

std::size_t limited(std::size_t width) { return width == 0 ? usual_width : std::min(width, usual_width); }

}  // namespace

std::string_view heading_of(family which) {
  switch (which) {
    case family::buckets:
      return "Buckets";
    case family::keys:
      return "Keys";
    case family::many:
      return "Many keys";
    case family::processes:
      return "Processes";
    case family::tools:
      return "Tools";
    case family::hidden:
      break;
  }
  return {};
}

std::string spelled(const flag& which) {
  std::string out = which.letter == 0 ? std::string() : std::string("-") + which.letter + ", ";
  out += "--" + std::string(which.name);
  if (!which.value.empty()) out += " " + std::string(which.value);
  return out;
}

std::string synopsis(const verb& which) {
  std::string out = "kvco " + std::string(which.name);
  if (!which.flags.empty()) out += " [flags]";
  for (const argument& each : which.arguments) {
    std::string name(each.name);
    if (each.as == completes::command) name = "-- " + name;
    if (each.many) name += "...";
    out += each.optional ? " [" + name + "]" : " " + name;
  }
  return out;
}

std::string names_of_verbs() {
  std::string out;
  for (const verb* each : all_verbs()) {
    if (each->in != family::hidden) out += (out.empty() ? "" : ", ") + std::string(each->name);
  }
  return out;
}

std::string wrapped(std::string_view text, std::size_t indentation, std::size_t width) {
  const std::string space(indentation, ' ');
  std::string out, line;
  const auto end_line = [&] {
    if (!line.empty()) out += space + line + "\n";
    line.clear();
  };
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(" \n"), text.size());
    const std::string_view word = text.substr(0, end);
    if (indentation + width_of(line) + 1 + width_of(word) > width) end_line();
    if (!word.empty()) line += (line.empty() ? "" : " ") + std::string(word);
    if (end < text.size() && text[end] == '\n') {
      end_line();
      if (text.substr(end).starts_with("\n\n")) out += "\n";
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  end_line();
  return out;
}

std::string help(std::size_t given_width) {
  const std::size_t width = limited(given_width);
  std::string out = wrapped("Key-Value buckets of NATS JetStream: kvco VERB [flags] [arguments]", 0, width);
  for (const family each : {family::buckets, family::keys, family::many, family::processes, family::tools})
    out += "\n" + std::string(heading_of(each)) + "\n" + verbs_in(each, width);
  out += "\nFlags of every verb\n" + flags_of(global_flags(), width) + "\n";
  out += wrapped(
      "Without flags, the server and the credentials are those of the variables of the nats tool (NATS_URL, "
      "NATS_CREDS, "
      "NATS_CONTEXT, ...), then of its selected context, then nats://127.0.0.1:4222.",
      0, width);
  out += "\nExit codes\n" + table_of_exit_codes(width);
  out += "\nExamples\n";
  for (const std::string_view line :
       {"kvco add SHOP_ORDERS --history 5", "kvco put SHOP_ORDERS order-1 '{\"Id\":1}'",
        "kvco get SHOP_ORDERS order-1", "kvco watch SHOP_ORDERS 'order.>'"})
    out += "  " + std::string(line) + "\n";
  return out + "\n" + wrapped("kvco VERB --help has the flags of a verb, and examples.", 0, width);
}

std::string help(const verb& which, std::size_t given_width) {
  const std::size_t width = limited(given_width);
  std::string out = wrapped(std::string(which.summary) + ".", 0, width) + "\n  " + synopsis(which) + "\n";
  if (!which.alias.empty()) out += "  (or: kvco " + std::string(which.alias) + ")\n";
  if (!which.details.empty()) out += "\n" + wrapped(which.details, 0, width);
  if (!which.flags.empty()) out += "\nFlags\n" + flags_of(which.flags, width);
  if (!which.examples.empty()) out += "\nExamples\n";
  for (const std::string_view line : which.examples) out += "  " + std::string(line) + "\n";
  return out + "\n" + wrapped("Flags of every verb and the exit codes: kvco --help.", 0, width);
}

}  // namespace kvco::cli
