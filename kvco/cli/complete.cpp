// The words that a shell may offer: verbs and flags from the tables, buckets and keys from the server.
#include <kvco/cli/command.hpp>
#include <kvco/cli/command_line.hpp>
#include <kvco/cli/complete.hpp>
#include <kvco/cli/verbs.hpp>
#include <kvco/token.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace kvco::cli {
namespace {

constexpr std::size_t most_words = 200;

std::string dashed(const flag& each) { return "--" + std::string(each.name); }

/// The flag that takes the next word as its value; nullptr: none.
const flag* waits_for_value(const verb* which, const std::string& word) {
  if (!word.starts_with('-') || word.find('=') != word.npos) return nullptr;
  const flag* found = nullptr;
  if (word.starts_with("--")) {
    found = find_flag(which, std::string_view(word).substr(2));
  } else if (word.size() == 2) {
    for (const flag& each : global_flags()) {
      if (each.letter == word[1]) found = &each;
    }
  }
  return found != nullptr && !found->value.empty() ? found : nullptr;
}

std::vector<std::string> names_of_all_verbs() {
  std::vector<std::string> out;
  for (const verb* each : all_verbs()) {
    if (each->in == family::hidden) continue;
    out.emplace_back(each->name);
    if (!each->alias.empty()) out.emplace_back(each->alias);
  }
  return out;
}

std::vector<std::string> names_of_flags(const verb* which) {
  std::vector<std::string> out;
  if (which != nullptr) {
    for (const flag& each : which->flags) out.push_back(dashed(each));
  }
  for (const flag& each : global_flags()) out.push_back(dashed(each));
  return out;
}

/// The words before the last one, read from left to right.
struct walk {
  const verb* which = nullptr;
  const flag* waiting = nullptr;
  std::vector<std::string> given;  // arguments of the verb
  bool flags_ended = false;

  void take(const std::string& word) {
    if (std::exchange(waiting, nullptr) != nullptr) return;
    if (!flags_ended && word == "--") {
      flags_ended = true;
    } else if (!flags_ended && word.size() > 1 && word.starts_with('-')) {
      waiting = waits_for_value(which, word);
    } else if (which == nullptr) {
      which = find_verb(word);
    } else {
      given.push_back(word);
    }
  }
};

const argument* next_argument(const walk& after) {
  const auto all = after.which->arguments;
  if (after.given.size() < all.size()) return &all[after.given.size()];
  return !all.empty() && all.back().many ? &all.back() : nullptr;
}

}  // namespace

completion completion_of(const std::vector<std::string>& words) {
  completion out;
  if (words.empty()) return out;
  out.begin = words.back();
  walk before;
  for (std::size_t i = 0; i + 1 < words.size(); ++i) before.take(words[i]);
  if (before.waiting != nullptr) {
    out.as = before.waiting->as;
  } else if (!before.flags_ended && out.begin.starts_with('-')) {
    out.words = names_of_flags(before.which);
  } else if (before.which == nullptr) {
    out.words = names_of_all_verbs();
  } else if (const argument* const next = next_argument(before)) {
    out.as = next->as;
    if (next->as == completes::shell) out.words = {"bash", "zsh", "fish"};
  }
  if (out.as == completes::key && !before.given.empty()) out.bucket = before.given.front();
  std::erase_if(out.words, [&](const std::string& each) { return !each.starts_with(out.begin); });
  return out;
}

namespace {

constexpr argument arguments[] = {{.name = "WORD", .many = true}};

/// The whole tokens of the beginning, and everything below: "order.1" is looked for in "order.>".
std::string filter_of(const std::string& begin) {
  const std::size_t dot = begin.rfind('.');
  return dot == begin.npos ? ">" : begin.substr(0, dot + 1) + ">";
}

asio::awaitable<std::vector<std::string>> ask(command_ptr call, completion wanted) {
  client nats = co_await connect(call);
  const request_options soon{.timeout = std::chrono::seconds(2)};
  if (wanted.as == completes::bucket) co_return co_await nats.bucket_names(soon);
  bucket from = co_await nats.open_bucket(wanted.bucket, soon);
  const std::string filter = filter_of(wanted.begin);
  co_return co_await from.keys(filter, soon);
}

/// The flags of the connection count that are already written.
parsed connection_flags(std::vector<std::string> words) {
  try {
    words.pop_back();
    return parse(words, wanted_arguments::those_that_are_there).values;
  } catch (const failure&) {
    return {};
  }
}

work run_complete(command_ptr call) {
  std::vector<std::string> words = call->args.all("WORD");
  completion wanted = completion_of(words);
  if (wanted.as == completes::bucket || (wanted.as == completes::key && !wanted.bucket.empty())) {
    call->args = connection_flags(std::move(words));
    try {
      wanted.words = co_await ask(call, wanted);
    } catch (const std::exception&) {  // a shell has no use for messages
    }
  }
  std::erase_if(wanted.words, [&](const std::string& each) { return !each.starts_with(wanted.begin); });
  std::sort(wanted.words.begin(), wanted.words.end());
  wanted.words.resize(std::min(wanted.words.size(), most_words));
  for (const std::string& each : wanted.words) call->out.write(each + "\n");
  if (wanted.as == completes::file || wanted.as == completes::command) call->out.write(":file\n");
  co_return exit_code::ok;
}

}  // namespace

const verb complete_verb = {
    .name = "__complete",
    .in = family::hidden,
    .summary = "What a shell may offer for the last word",
    .arguments = arguments,
    .run = run_complete,
};

}  // namespace kvco::cli
