// man: the manual page, from the tables of verbs and flags.
#include <kvco/cli/command.hpp>
#include <kvco/cli/help.hpp>
#include <kvco/cli/verbs.hpp>
#include <kvco/version.hpp>

#include <string>

namespace kvco::cli {
namespace {

/// Text of a page: no line of it is a request, and a dash is one.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else if ((c == '.' || c == '\'') && (out.empty() || out.back() == '\n')) {
      out += std::string("\\&") + c;
    } else {
      out += c;
    }
  }
  return out;
}

std::string bold(std::string_view text) { return "\\fB" + escaped(text) + "\\fR"; }

std::string item(std::string_view name, std::string_view text) {
  return ".TP\n" + bold(name) + "\n" + escaped(text) + "\n";
}

std::string code(std::span<const std::string_view> lines) {
  std::string out = ".PP\n.RS 4\n.nf\n";
  for (const std::string_view line : lines) out += escaped(line) + "\n";
  return out + ".fi\n.RE\n";
}

std::string section_of(const verb& which) {
  std::string out = ".SS " + escaped(synopsis(which)) + "\n" + escaped(which.summary) + ".\n";
  if (!which.alias.empty()) out += "Another name: " + bold(which.alias) + ".\n";
  if (!which.details.empty()) out += ".PP\n" + escaped(which.details) + "\n";
  for (const flag& each : which.flags) out += item(spelled(each), each.help);
  if (!which.examples.empty()) out += code(which.examples);
  return out;
}

std::string page() {
  std::string out = ".TH KVCO 1 \"\" \"kvco " + std::string(version_string) + "\" \"User Commands\"\n";
  out += ".SH NAME\nkvco \\- Key\\-Value buckets of NATS JetStream\n";
  out += ".SH SYNOPSIS\n" + bold("kvco") + " \\fIVERB\\fR [flags] [arguments]\n.SH VERBS\n";
  for (const verb* each : all_verbs()) {
    if (each->in != family::hidden) out += section_of(*each);
  }
  out += ".SH FLAGS OF EVERY VERB\n";
  for (const flag& each : global_flags()) out += item(spelled(each), each.help);
  out += ".SH EXIT STATUS\n";
  for (const explained_code& each : all_exit_codes()) out += item(each.number, each.meaning);
  out += ".SH SIGNALS\n" +
         escaped(
             "The first SIGINT, SIGTERM or SIGHUP ends a call in order, a second one at once. lock and "
             "exec-on-change pass it on to their command; a second one kills the command.") +
         "\n";
  out += ".SH ENVIRONMENT\n" +
         escaped(
             "The variables of the nats tool: NATS_URL, NATS_USER, NATS_PASSWORD, NATS_TOKEN, NATS_CREDS, "
             "NATS_NKEY, NATS_JWT, "
             "NATS_SEED, NATS_CERT, NATS_KEY, NATS_CA, NATS_TIMEOUT, NATS_CONTEXT; NO_COLOR.") +
         "\n";
  out += ".SH FILES\n" +
         escaped("$XDG_CONFIG_HOME/nats: the contexts of the nats tool, and the selected one.") + "\n";
  return out;
}

work run_man(command_ptr call) {
  call->out.write(page());
  co_return exit_code::ok;
}

}  // namespace

const verb man_verb = {
    .name = "man",
    .in = family::tools,
    .summary = "Print the manual page",
    .run = run_man,
};

}  // namespace kvco::cli
