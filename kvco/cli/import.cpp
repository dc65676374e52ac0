// import: lines of JSON, as export prints them, into a bucket.
#include <kvco/cli/command.hpp>
#include <kvco/cli/input.hpp>
#include <kvco/cli/json_line.hpp>
#include <kvco/cli/progress.hpp>
#include <kvco/cli/record_writer.hpp>
#include <kvco/cli/verbs.hpp>

#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

namespace kvco::cli {
namespace {

constexpr argument arguments[] = {{.name = "BUCKET", .as = completes::bucket},
                                  {.name = "FILE", .as = completes::file, .optional = true}};
constexpr flag flags[] = {
    {.name = "if-absent", .help = "only keys that have no value"},
    {.name = "from-line", .value = "N", .help = "leave out the lines before: continues an import"},
};
constexpr std::string_view examples[] = {"kvco import SHOP_ORDERS orders.ndjson",
                                         "kvco export OLD | kvco import NEW"};

record parsed_line(const std::string& line, const std::string& of, std::uint64_t number) try {
  return parse_record(line);
} catch (const std::invalid_argument& why) {
  throw failure(exit_code::error, of + ": line " + std::to_string(number) + ": " + why.what());
}

/// Reads lines, and knows up to which one all are stored.
struct source {
  source(asio::any_io_executor executor, const command& call)
      : lines(std::move(executor), call.args.has("FILE") ? call.args.text("FILE") : "-"),
        first(call.args.number("from-line").value_or(1)) {}

  std::uint64_t next_after(const record_writer& to) const { return first + to.written(); }

  input lines;
  std::uint64_t first;  // of those that count
};

asio::awaitable<void> copy(std::shared_ptr<source> from, std::shared_ptr<record_writer> to) {
  progress shown("importing");
  for (std::uint64_t number = 1;; ++number) {
    const std::optional<std::string> line = co_await from->lines.line();
    if (!line) break;
    if (number < from->first) continue;
    record one = parsed_line(*line, from->lines.name(), number);
    co_await to->add(std::move(one));
    shown.advance();
  }
  co_await to->flush();
}

std::string continues_at(std::uint64_t line) { return "--from-line " + std::to_string(line) + " continues"; }

work run_import(command_ptr call) {
  const auto from = std::make_shared<source>(call->reactor.get_executor(), *call);
  bucket into = co_await open(call);
  const auto to = std::make_shared<record_writer>(call, into, call->args.has("if-absent"));
  call->about.clear();
  try {
    co_await copy(from, to);
  } catch (const failure& why) {
    throw failure(why.code(), std::string(why.what()) + "; " + continues_at(from->next_after(*to)));
  } catch (const boost::system::system_error& why) {
    if (!call->stop.has_come())
      throw failure(exit_code_of(why.code()), words_of(why) + "; " + continues_at(from->next_after(*to)));
    throw failure(exit_code::interrupted, "interrupted: " + continues_at(from->next_after(*to)));
  }
  if (call->json)
    call->out.write(json_line()
                        .text("bucket", into.name())
                        .number("lines", to->written())
                        .number("left_out", to->left_out())
                        .line());
  co_return exit_code::ok;
}

}  // namespace

const verb import_verb = {
    .name = "import",
    .in = family::many,
    .summary = "Store the lines of an export in a bucket",
    .details =
        "Each line is a JSON object with \"key\" or \"key_base64\", and \"value\" or \"value_base64\"; "
        "\"operation\" may be "
        "PUT, DELETE or "
        "PURGE. Other members are ignored. If it fails or is interrupted, it reports the line from which a "
        "later call "
        "continues: all lines before are stored, and storing a line twice does no harm.",
    .arguments = arguments,
    .flags = flags,
    .examples = examples,
    .run = run_import,
};

}  // namespace kvco::cli
