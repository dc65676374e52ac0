// What a run of the chaos is to be like. See the header.
#include <kvco_test/chaos/options.hpp>
#include <kvco_test/support/slice.hpp>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <stdexcept>

namespace kvco::chaos {
namespace {

constexpr const char* usage =
    "usage: chaos [minutes] [--seconds N] [--version 2.10|2.15|newest|mixed] [--seed N] [--rate N]\n"
    "  [--only FAULT] [--without FAULT|OPERATION]... [--all] [--attempts N] [--logs FOLDER] [--sync] "
    "[--verbose]";

// Replicas lose their agreement now and then when one of its nodes starts again, and a node may wait for itself for ever when a
// consumer is deleted while a key is purged (kvco/doc/guarantees.md, "Defects of servers"). Both leave nothing to judge.
constexpr std::string_view v2_10 = "2.10";
constexpr const char* too_much_for_2_10[] = {"kill -9", "lame duck", "purge"};

double number(const std::string& word) {
  std::size_t end = 0;
  double value = 0;
  try {
    value = std::stod(word, &end);
  } catch (const std::exception&) {
  }
  if (end == 0 || end != word.size() || value < 0) throw std::invalid_argument(usage);
  return value;
}

std::chrono::seconds seconds(double count) { return std::chrono::seconds(static_cast<long>(count)); }

}  // namespace

options parse_options(int count, char** words) {
  options made;
  bool all = false;
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    const auto value = [&]() -> std::string {
      if (++i == count) throw std::invalid_argument(usage);
      return words[i];
    };
    if (word == "--seconds") {
      made.duration = seconds(number(value()));
    } else if (word == "--version") {
      made.version = value();
    } else if (word == "--seed") {
      made.seed = std::stoull(value());
    } else if (word == "--rate") {
      made.rate = number(value());
    } else if (word == "--only") {
      made.only = value();
    } else if (word == "--without") {
      made.without.push_back(value());
    } else if (word == "--all") {
      all = true;
    } else if (word == "--attempts") {
      made.attempts = static_cast<int>(number(value()));
    } else if (word == "--logs") {
      made.logs = value();
    } else if (word == "--sync") {
      made.sync = true;
    } else if (word == "--verbose") {
      made.verbose = true;
    } else {
      made.duration = seconds(60 * number(word));
    }
  }
  if (made.seed == 0) made.seed = test::run_seed();
  if (made.version == v2_10 && !all) {
    made.without.insert(made.without.end(), std::begin(too_much_for_2_10), std::end(too_much_for_2_10));
  }
  return made;
}

bool options::leaves_out(std::string_view name) const {
  return std::any_of(without.begin(), without.end(),
                     [&](const std::string& part) { return name.find(part) != name.npos; });
}

std::string options::to_repeat(std::string_view program) const {
  std::string words = "kvco_test/run " + std::string(program);
  if (const char* preset = std::getenv("KVCO_PRESET")) words += std::string(" --preset ") + preset;
  words += " --seconds " + std::to_string(duration.count()) + " --seed " + std::to_string(seed) +
           " --version " + version;
  if (version == v2_10) words += " --all";  // without holds what is left out
  if (!only.empty()) words += " --only \"" + only + '"';
  for (const std::string& part : without) words += " --without \"" + part + '"';
  return words;
}

}  // namespace kvco::chaos
